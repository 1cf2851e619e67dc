//! Indexes, named as Frappe names them, so that its schema sync neither drops nor doubles them.

use super::catalog::Catalog;
use super::quoted;
use crate::setup::blueprint::{DocField, StorageIndex};

/// An index as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexDef {
    /// Name.
    pub(crate) name: String,
    /// Columns in order.
    pub(crate) columns: Vec<String>,
    /// Unique.
    pub(crate) unique: bool,
}

impl IndexDef {
    /// The index that a field asks for; `added_later` for a table that is there already, where Frappe names them differently.
    pub(crate) fn of(field: &DocField, added_later: bool) -> Option<Self> {
        if !field.is_stored() || !(field.unique || field.search_index) {
            return None;
        }
        let name = &field.fieldname;
        Some(Self {
            name: if added_later && !field.unique {
                format!("{name}_index")
            } else {
                name.clone()
            },
            columns: vec![name.clone()],
            unique: field.unique,
        })
    }

    /// One that DocType JSON cannot express.
    pub(crate) fn of_storage(index: &StorageIndex) -> Self {
        Self {
            name: index.name.clone(),
            columns: index.columns.clone(),
            unique: index.unique == 1,
        }
    }

    /// A plain one on one column.
    pub(crate) fn on(column: &str) -> Self {
        Self {
            name: column.to_owned(),
            columns: vec![column.to_owned()],
            unique: false,
        }
    }

    /// True when the table has one that does the same, whatever its name.
    pub(crate) fn is_in(&self, catalog: &Catalog, table: &str) -> bool {
        catalog
            .indexes(table)
            .any(|(name, index)| name == self.name || (index.columns == self.columns && (index.unique || !self.unique)))
    }

    /// The index as `CREATE TABLE` and, after `ADD`, `ALTER TABLE` write it.
    pub(crate) fn sql(&self, if_not_exists: bool) -> String {
        let columns: Vec<String> = self.columns.iter().map(|column| quoted(column)).collect();
        format!(
            "{} {}{} ({})",
            if self.unique { "UNIQUE INDEX" } else { "INDEX" },
            if if_not_exists { "IF NOT EXISTS " } else { "" },
            quoted(&self.name),
            columns.join(", ")
        )
    }
}
