//! The page of the desk that leads to our documents: a row of `tabWorkspace`, with shortcuts and links as its child rows.

use serde_json::{Value, json};

use crate::setup::blueprint::{MODULE, Workspace};
use crate::setup::ledger::{Kind, Ledger};
use crate::setup::rows::{Existing, Parent, WantedRow, WhenRemoved, derived_name};

use super::{Context, cells, reports};

const WORKSPACE: &str = "Workspace";
const TABLE: &str = "tabWorkspace";
/// Widths in columns of the page's grid: of the page, of a shortcut, of a card.
const WHOLE: u8 = 12;
const QUARTER: u8 = 3;
const THIRD: u8 = 4;

/// The page and its rows. Frappe 16 would delete a public one whose `app` is set and that has no file: it stays empty.
pub(super) fn rows(context: &Context<'_>) -> Vec<WantedRow> {
    let page = &context.blueprint.workspace;
    let values = cells([
        ("label", page.label.as_str().into()),
        ("title", page.label.as_str().into()),
        ("module", MODULE.into()),
        ("icon", page.icon.as_str().into()),
        // All our DocTypes are custom: the desk would name them once more.
        ("hide_custom", 1.into()),
        ("public", 1.into()),
        ("for_user", "".into()),
        ("parent_page", "".into()),
        ("content", content(page).into()),
    ]);
    // Where it stands and whether it is hidden is said by dragging it in the sidebar.
    let initial = cells([("sequence_id", page.sequence_id.into()), ("is_hidden", 0.into())]);
    let document = WantedRow::document(TABLE, &page.label, values).initially(initial);
    let children = shortcuts(page).chain(links(page));
    std::iter::once(document)
        .chain(children)
        .map(|row| row.when_removed(WhenRemoved::Respect))
        .collect()
}

/// Child rows are wanted only where their document is ours, or is to be made: one of that name that somebody else made stays as it
/// is, and one that an administrator deleted gets no rows that hang on nothing.
pub(crate) fn leave_to_others(wanted: &mut Vec<WantedRow>, existing: &Existing, ledger: &Ledger) {
    let documents = [(TABLE, WORKSPACE), (reports::TABLE, reports::REPORT)];
    let mut others = Vec::new();
    for (table, doctype) in documents {
        let ours = |row: &&WantedRow| ledger.has(Kind::Row, table, &row.name) == existing.find(row).is_some();
        let rows = wanted.iter().filter(|row| row.table == table);
        others.extend(rows.filter(|row| !ours(row)).map(|row| (doctype, row.name.clone())));
    }
    let is_others = |row: &WantedRow| {
        let parent = row.parent.as_ref();
        parent.is_some_and(|parent| {
            others
                .iter()
                .any(|(doctype, name)| parent.doctype == *doctype && parent.name == *name)
        })
    };
    wanted.retain(|row| !is_others(row));
}

fn parent(page: &Workspace, field: &'static str) -> Parent {
    Parent {
        name: page.label.clone(),
        doctype: WORKSPACE,
        field,
    }
}

fn shortcuts(page: &Workspace) -> impl Iterator<Item = WantedRow> {
    page.shortcuts.iter().zip(1..).map(|(one, idx)| {
        let values = cells([
            ("type", "DocType".into()),
            ("label", one.label.as_str().into()),
            ("link_to", one.link_to.as_str().into()),
            ("doc_view", one.view.as_str().into()),
            ("stats_filter", Value::Object(one.filter.clone()).to_string().into()),
            ("format", one.format.as_str().into()),
            ("color", one.color.as_str().into()),
        ]);
        WantedRow::child("tabWorkspace Shortcut", parent(page, "shortcuts"), &["label"], values, idx)
    })
}

/// A card is a row of its own, and the rows behind it are its links.
fn links(page: &Workspace) -> impl Iterator<Item = WantedRow> {
    let rows = page.cards.iter().flat_map(|card| {
        let heading = cells([
            ("type", "Card Break".into()),
            ("label", card.label.as_str().into()),
            (
                "link_count",
                i64::try_from(card.links.len() + card.reports.len())
                    .unwrap_or_default()
                    .into(),
            ),
        ]);
        let links = card.links.iter().map(|doctype| {
            cells([
                ("type", "Link".into()),
                ("label", doctype.as_str().into()),
                ("link_type", "DocType".into()),
                ("link_to", doctype.as_str().into()),
            ])
        });
        let reports = card.reports.iter().map(|report| {
            cells([
                ("type", "Link".into()),
                ("label", report.as_str().into()),
                ("link_type", "Report".into()),
                ("link_to", report.as_str().into()),
                ("is_query_report", 1.into()),
            ])
        });
        std::iter::once(heading).chain(links).chain(reports)
    });
    rows.zip(1..)
        .map(|(values, idx)| WantedRow::child("tabWorkspace Link", parent(page, "links"), &["type", "label"], values, idx))
}

/// What stands where: blocks that name the child rows by their labels.
fn content(page: &Workspace) -> String {
    let block = |kind: &str, data: Value| json!({"id": derived_name(&[kind, &data.to_string()]), "type": kind, "data": data});
    let header = |text: &str| {
        block(
            "header",
            json!({"text": format!("<span class=\"h4\"><b>{text}</b></span>"), "col": WHOLE}),
        )
    };
    let mut blocks = vec![header("Your Shortcuts")];
    let shortcuts = page.shortcuts.iter();
    blocks.extend(shortcuts.map(|one| block("shortcut", json!({"shortcut_name": one.label, "col": QUARTER}))));
    blocks.push(block("spacer", json!({"col": WHOLE})));
    blocks.push(header("Lists"));
    let cards = page.cards.iter();
    blocks.extend(cards.map(|one| block("card", json!({"card_name": one.label, "col": THIRD}))));
    Value::from(blocks).to_string()
}
