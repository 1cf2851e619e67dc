//! Rows of `tabReport`: Query Reports, with their roles and filters as child rows. They are nobody's standard: Frappe's migration deletes those that have
//! no file.

use serde_json::Value;

use crate::setup::blueprint::{MODULE, Report};
use crate::setup::rows::{Cell, Parent, WantedRow, WhenRemoved};

use super::{Context, cells, cells_of};

pub(super) const REPORT: &str = "Report";
pub(super) const TABLE: &str = "tabReport";

/// The reports and their rows. One that an administrator deleted stays away.
pub(super) fn rows(context: &Context<'_>) -> Vec<WantedRow> {
    let reports = context.blueprint.reports.iter();
    reports
        .flat_map(|report| std::iter::once(document(report)).chain(roles(report)).chain(filters(report)))
        .map(|row| row.when_removed(WhenRemoved::Respect))
        .collect()
}

fn document(report: &Report) -> WantedRow {
    let values = cells([
        ("report_name", report.name.as_str().into()),
        ("ref_doctype", report.ref_doctype.as_str().into()),
        ("module", MODULE.into()),
        ("is_standard", "No".into()),
        ("report_type", "Query Report".into()),
        ("query", report.query.as_str().into()),
        ("javascript", report.script.as_str().into()),
        ("add_total_row", Cell::Int(1)),
    ]);
    // Whether it is prepared in the background, and whether it is there for anybody, is the administrator's to say.
    let initial = cells([
        ("disabled", Cell::Int(0)),
        ("prepared_report", Cell::Int(0)),
        ("disable_prepared_report", Cell::Int(1)),
    ]);
    WantedRow::document(TABLE, &report.name, values).initially(initial)
}

fn parent(report: &Report, field: &'static str) -> Parent {
    Parent {
        name: report.name.clone(),
        doctype: REPORT,
        field,
    }
}

fn roles(report: &Report) -> impl Iterator<Item = WantedRow> {
    report.roles.iter().zip(1..).map(|(role, idx)| {
        let values = cells([("role", role.as_str().into())]);
        WantedRow::child("tabHas Role", parent(report, "roles"), &["role"], values, idx)
    })
}

fn filters(report: &Report) -> impl Iterator<Item = WantedRow> {
    report.filters.iter().zip(1..).map(|(filter, idx)| {
        let mut values = cells_of(filter);
        let is_mandatory = filter.get("mandatory") == Some(&Value::from(1));
        values.insert("mandatory".to_owned(), Cell::Int(is_mandatory.into()));
        WantedRow::child("tabReport Filter", parent(report, "filters"), &["fieldname"], values, idx)
    })
}
