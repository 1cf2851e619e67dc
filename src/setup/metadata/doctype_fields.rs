//! Positions of fields in our forms, merged with what administrators made of them.

use std::collections::BTreeMap;

use crate::setup::ledger::{Kind, Ledger};
use crate::setup::rows::{Cell, CurrentRow, Existing, RowChange, WantedRow};

use super::order::merged_order;

const FIELDS: &str = "tabDocField";

/// Sets `idx` of the wanted fields, and gives the moves of fields that are not ours.
pub(crate) fn arrange(wanted: &mut [WantedRow], existing: &Existing, ledger: &Ledger) -> Vec<RowChange> {
    let mut moves = Vec::new();
    let mut forms: BTreeMap<String, Vec<&mut WantedRow>> = BTreeMap::new();
    for row in wanted.iter_mut().filter(|row| row.table == FIELDS) {
        if let Some(parent) = &row.parent {
            forms.entry(parent.name.clone()).or_default().push(row);
        }
    }
    for (form, rows) in forms {
        let current: Vec<&CurrentRow> = existing.table(FIELDS).iter().filter(|row| row.parent == form).collect();
        if current.is_empty() {
            continue;
        }
        let order = order_of(&current, &rows, ledger);
        let places: BTreeMap<&str, i64> = order.iter().map(String::as_str).zip(1..).collect();
        for row in rows {
            let place = row.values.get("fieldname").and_then(|name| places.get(name.text().as_ref()));
            row.idx = place.copied().unwrap_or(row.idx);
            if let Some(there) = existing.find(row) {
                current_place(row, there, ledger);
            }
        }
        moves.extend(current.iter().filter(|row| !is_ours(row, ledger)).filter_map(|row| {
            let place = *places.get(row.cell("fieldname").text().as_ref())?;
            (place != row.idx).then(|| RowChange::Update {
                table: FIELDS,
                name: row.name.clone(),
                form: Some(form.clone()),
                set: BTreeMap::from([("idx".to_owned(), Some(Cell::Int(place)))]),
                record: None,
            })
        }));
    }
    moves
}

fn is_ours(row: &CurrentRow, ledger: &Ledger) -> bool {
    ledger.has(Kind::Row, FIELDS, &row.name)
}

/// The place that the merge decided on is what is wanted: it already took into account what the administrator did.
fn current_place(row: &mut WantedRow, there: &CurrentRow, ledger: &Ledger) {
    if is_ours(there, ledger) && there.idx != row.idx {
        row.place = Some(row.idx);
    }
}

fn order_of(current: &[&CurrentRow], wanted: &[&mut WantedRow], ledger: &Ledger) -> Vec<String> {
    let name = |row: &CurrentRow| row.cell("fieldname").text().into_owned();
    let mut base: Vec<(i64, String)> = current
        .iter()
        .filter_map(|row| {
            let record = ledger.get(Kind::Row, FIELDS, &row.name)?.record();
            let place = record.wrote.get("idx")?.text().parse().ok()?;
            Some((place, name(row)))
        })
        .collect();
    base.sort();
    let base: Vec<String> = base.into_iter().map(|(_, name)| name).collect();
    let current: Vec<String> = current.iter().map(|row| name(row)).collect();
    let wanted: Vec<String> = wanted
        .iter()
        .filter_map(|row| row.values.get("fieldname"))
        .map(|name| name.text().into_owned())
        .collect();
    merged_order(&current, &base, &wanted)
}
