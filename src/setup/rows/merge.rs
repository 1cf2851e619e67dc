//! Three-way merge of one row: what we want, what is there, and what we wrote the last time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Cell;
use super::read::CurrentRow;
use super::wanted::{WantedRow, WhenForeign, WhenRemoved};

/// Column of a row's position. It is recorded, but merged elsewhere.
const PLACE: &str = "idx";

/// What the ledger keeps of a row.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Values that we wrote last.
    #[serde(default)]
    pub(crate) wrote: BTreeMap<String, Cell>,
    /// Values that we found in a row of others and replaced; none for a row that we made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) was: Option<BTreeMap<String, Cell>>,
}

/// What is to be done with one row.
#[derive(Debug, Clone)]
pub(crate) enum Decision {
    /// Nothing.
    Leave,
    /// Make it.
    Insert,
    /// Set columns; `None` stands for the column's default. Empty when only the record is to be brought up to date.
    Update {
        /// Name of the row that is there.
        name: String,
        /// What to set.
        set: BTreeMap<String, Option<Cell>>,
        /// What to record.
        record: Record,
    },
}

/// Decides about one row.
pub(crate) fn decide(wanted: &WantedRow, current: Option<&CurrentRow>, recorded: Option<&Record>) -> Decision {
    match (current, recorded) {
        (None, Some(_)) if wanted.when_removed == WhenRemoved::Respect => Decision::Leave,
        (None, _) => Decision::Insert,
        (Some(current), None) => amend(wanted, current),
        (Some(current), Some(recorded)) => bring_up_to_date(wanted, current, recorded),
    }
}

/// A row of others: only what it must have is set.
fn amend(wanted: &WantedRow, current: &CurrentRow) -> Decision {
    let WhenForeign::Amend(columns) = wanted.when_foreign else {
        return Decision::Leave;
    };
    let mut set = BTreeMap::new();
    let mut record = Record {
        was: Some(BTreeMap::new()),
        ..Record::default()
    };
    for column in columns {
        let Some(want) = wanted.values.get(*column) else { continue };
        let have = current.cell(column);
        if !have.is_same(want) {
            set.insert((*column).to_owned(), Some(want.clone()));
            record.wrote.insert((*column).to_owned(), want.clone());
            record.was.get_or_insert_default().insert((*column).to_owned(), have);
        }
    }
    if set.is_empty() {
        return Decision::Leave;
    }
    Decision::Update {
        name: current.name.clone(),
        set,
        record,
    }
}

/// A row of ours: columns that nobody changed since we wrote them follow what we want now.
fn bring_up_to_date(wanted: &WantedRow, current: &CurrentRow, recorded: &Record) -> Decision {
    let amended = recorded.was.is_some();
    let concerns = |column: &&String| !amended || recorded.wrote.contains_key(*column);
    let mut set = BTreeMap::new();
    let mut record = recorded.clone();
    for column in wanted.values.keys().filter(concerns) {
        let (want, have) = (&wanted.values[column], current.cell(column));
        let untouched = match recorded.wrote.get(column) {
            Some(wrote) => have.is_same(wrote),
            None => have.is_blank(),
        };
        if untouched && !have.is_same(want) {
            set.insert(column.clone(), Some(want.clone()));
        }
        record.wrote.insert(column.clone(), want.clone());
    }
    if let Some(place) = wanted.place {
        set.insert(PLACE.to_owned(), Some(Cell::Int(place)));
        record.wrote.insert(PLACE.to_owned(), Cell::Int(place));
    }
    // A property that this release no longer sets goes back to its default, unless somebody changed it.
    let dropped = |column: &String| column != PLACE && !wanted.values.contains_key(column);
    for (column, wrote) in recorded.wrote.iter().filter(|(column, _)| dropped(column)) {
        if !amended {
            if current.cell(column).is_same(wrote) {
                set.insert(column.clone(), None);
            }
            record.wrote.remove(column);
        }
    }
    let is_recorded = record.wrote.len() == recorded.wrote.len()
        && record
            .wrote
            .iter()
            .all(|(column, cell)| recorded.wrote.get(column).is_some_and(|wrote| wrote.is_same(cell)));
    if set.is_empty() && is_recorded {
        return Decision::Leave;
    }
    Decision::Update {
        name: current.name.clone(),
        set,
        record,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(pairs: &[(&str, &str)]) -> BTreeMap<String, Cell> {
        pairs
            .iter()
            .map(|(column, text)| ((*column).to_owned(), Cell::from(*text)))
            .collect()
    }

    fn wanted(pairs: &[(&str, &str)]) -> WantedRow {
        WantedRow::document("tabRole", "R", cells(pairs))
    }

    fn current(pairs: &[(&str, &str)]) -> CurrentRow {
        CurrentRow {
            name: "R".to_owned(),
            idx: 0,
            parent: String::new(),
            cells: cells(pairs),
        }
    }

    fn recorded(pairs: &[(&str, &str)]) -> Record {
        Record {
            wrote: cells(pairs),
            was: None,
        }
    }

    fn set_of(decision: Decision) -> Vec<(String, Option<String>)> {
        match decision {
            Decision::Update { set, .. } => set
                .into_iter()
                .map(|(column, cell)| (column, cell.map(|cell| cell.text().into_owned())))
                .collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn an_unchanged_row_is_left_alone() {
        let decision = decide(
            &wanted(&[("a", "1")]),
            Some(&current(&[("a", "1")])),
            Some(&recorded(&[("a", "1")])),
        );
        assert!(matches!(decision, Decision::Leave));
    }

    #[test]
    fn our_change_is_carried_out_and_the_administrators_is_kept() {
        let (want, have, wrote) = (
            wanted(&[("label", "New"), ("hidden", "0")]),
            current(&[("label", "Old"), ("hidden", "1")]),
            recorded(&[("label", "Old"), ("hidden", "0")]),
        );
        assert_eq!(
            set_of(decide(&want, Some(&have), Some(&wrote))),
            [("label".to_owned(), Some("New".to_owned()))]
        );
    }

    #[test]
    fn a_property_that_is_no_longer_set_goes_back_to_its_default() {
        let decision = decide(
            &wanted(&[]),
            Some(&current(&[("reqd", "1")])),
            Some(&recorded(&[("reqd", "1")])),
        );
        assert_eq!(set_of(decision), [("reqd".to_owned(), None)]);
        let decision = decide(
            &wanted(&[]),
            Some(&current(&[("reqd", "0")])),
            Some(&recorded(&[("reqd", "1")])),
        );
        assert_eq!(set_of(decision), []);
    }

    #[test]
    fn a_removed_row_comes_back_only_where_it_must() {
        let row = wanted(&[("a", "1")]);
        assert!(matches!(decide(&row, None, None), Decision::Insert));
        assert!(matches!(decide(&row, None, Some(&recorded(&[]))), Decision::Insert));
        let row = row.when_removed(WhenRemoved::Respect);
        assert!(matches!(decide(&row, None, Some(&recorded(&[]))), Decision::Leave));
        assert!(matches!(decide(&row, None, None), Decision::Insert));
    }

    #[test]
    fn a_row_of_others_gets_what_it_must_have_and_the_rest_is_remembered() {
        let row = wanted(&[("search_index", "1"), ("label", "Ours")]).when_foreign(WhenForeign::Amend(&["search_index"]));
        let have = current(&[("search_index", "0"), ("label", "Theirs")]);
        let Decision::Update { set, record, .. } = decide(&row, Some(&have), None) else {
            panic!("must be amended");
        };
        assert_eq!(set.len(), 1);
        assert_eq!(record.was.expect("what it was")["search_index"].text(), "0");
        assert!(matches!(
            decide(&wanted(&[("label", "Ours")]), Some(&have), None),
            Decision::Leave
        ));
    }

    #[test]
    fn an_amended_row_stays_amended_and_is_otherwise_theirs() {
        let row = wanted(&[("search_index", "1"), ("label", "Ours")]).when_foreign(WhenForeign::Amend(&["search_index"]));
        let record = Record {
            wrote: cells(&[("search_index", "1")]),
            was: Some(cells(&[("search_index", "0")])),
        };
        let have = current(&[("search_index", "1"), ("label", "Theirs")]);
        assert!(matches!(decide(&row, Some(&have), Some(&record)), Decision::Leave));
    }
}
