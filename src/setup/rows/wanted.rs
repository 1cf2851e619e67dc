//! A row as it is to be, and what to do where reality differs.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Cell;

/// What to do with a row that we made and that is no longer there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenRemoved {
    /// Make it again: without it something is broken.
    Restore,
    /// An administrator removed it, and he may.
    Respect,
}

/// What to do with a row of that name that we did not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenForeign {
    /// Leave it; it does what ours would do.
    Keep,
    /// Set these columns, and remember what they were.
    Amend(&'static [&'static str]),
}

/// The place of a child row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parent {
    /// Name of the document.
    pub(crate) name: String,
    /// Its DocType.
    pub(crate) doctype: &'static str,
    /// Its table field.
    pub(crate) field: &'static str,
}

/// A row that setup wants in a table of Frappe.
#[derive(Debug, Clone)]
pub(crate) struct WantedRow {
    /// The table.
    pub(crate) table: &'static str,
    /// Name of the row; for child rows it is made from what identifies them, so that a second attempt meets the first.
    pub(crate) name: String,
    /// Where it hangs, for child rows.
    pub(crate) parent: Option<Parent>,
    /// Columns that, within the parent, say that two rows mean the same whatever their names.
    pub(crate) identity: &'static [&'static str],
    /// Columns that we own.
    pub(crate) values: BTreeMap<String, Cell>,
    /// Columns that get a value when the row is made, and are never touched again.
    pub(crate) initial: BTreeMap<String, Cell>,
    /// Position among its siblings.
    pub(crate) idx: i64,
    /// Position that a row that is there already must move to, whatever was written before.
    pub(crate) place: Option<i64>,
    /// What if it is gone?
    pub(crate) when_removed: WhenRemoved,
    /// What if it is not ours?
    pub(crate) when_foreign: WhenForeign,
}

impl WantedRow {
    /// A document of its own.
    pub(crate) fn document(table: &'static str, name: &str, values: BTreeMap<String, Cell>) -> Self {
        Self {
            table,
            name: name.to_owned(),
            parent: None,
            identity: &[],
            values,
            initial: BTreeMap::new(),
            idx: 0,
            place: None,
            when_removed: WhenRemoved::Restore,
            when_foreign: WhenForeign::Keep,
        }
    }

    /// A child row, named after what identifies it.
    pub(crate) fn child(
        table: &'static str,
        parent: Parent,
        identity: &'static [&'static str],
        values: BTreeMap<String, Cell>,
        idx: i64,
    ) -> Self {
        let mut parts = vec![table, parent.doctype, &parent.name, parent.field];
        let keys: Vec<_> = identity.iter().map(|column| values.get(*column).map(Cell::text)).collect();
        parts.extend(keys.iter().map(|key| key.as_deref().unwrap_or_default()));
        let name = derived_name(&parts);
        Self {
            name,
            identity,
            idx,
            parent: Some(parent),
            ..Self::document(table, "", values)
        }
    }

    /// The DocType whose form the row is a part of.
    pub(crate) fn form(&self) -> Option<&str> {
        let parent = self.parent.as_ref().filter(|parent| parent.doctype == "DocType")?;
        Some(&parent.name)
    }

    /// The same, with another answer to its removal.
    pub(crate) fn when_removed(self, when_removed: WhenRemoved) -> Self {
        Self { when_removed, ..self }
    }

    /// The same, with another answer to a row of others.
    pub(crate) fn when_foreign(self, when_foreign: WhenForeign) -> Self {
        Self { when_foreign, ..self }
    }

    /// The same, with values for the moment when it is made.
    pub(crate) fn initially(self, initial: BTreeMap<String, Cell>) -> Self {
        Self { initial, ..self }
    }
}

/// A name of ten characters, as Frappe's own are, that is always the same for the same parts.
pub(crate) fn derived_name(parts: &[&str]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    digest
        .iter()
        .take(10)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_row_is_named_after_what_it_is() {
        let row = |doctype: &str, fieldname: &str| {
            let parent = Parent {
                name: doctype.to_owned(),
                doctype: "DocType",
                field: "fields",
            };
            let values = BTreeMap::from([("fieldname".to_owned(), Cell::from(fieldname))]);
            WantedRow::child("tabDocField", parent, &["fieldname"], values, 1).name
        };
        assert_eq!(row("A", "b"), row("A", "b"));
        assert_ne!(row("A", "b"), row("A", "c"));
        assert_eq!(row("A", "b").len(), 10);
    }
}
