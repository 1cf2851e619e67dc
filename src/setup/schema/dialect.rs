//! How the Frappe of a site writes column types; they differ between versions in widths and names only.

use super::Catalog;

/// The differences between Frappe's versions that a `CREATE TABLE` shows (`frappe/database/mariadb/schema.py`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Version of Frappe.
    pub(crate) major: u32,
    /// Flags are `tinyint(4)` (16) instead of `int(1)`.
    pub(crate) tiny_flags: bool,
}

impl Dialect {
    /// Probed on a column that every site has; the version alone would be wrong on a site half way through an upgrade.
    pub(crate) fn probe(major: u32, catalog: &Catalog) -> Self {
        let probe = catalog.column("tabDocType", "custom");
        Self {
            major,
            tiny_flags: probe.is_some_and(|column| column.sql_type.starts_with("tinyint")),
        }
    }

    /// Type of a flag.
    pub(crate) fn flag(self) -> &'static str {
        if self.tiny_flags { "tinyint(4)" } else { "int(1)" }
    }

    /// Type of `idx`.
    pub(crate) fn idx(self) -> &'static str {
        if self.tiny_flags { "int(11)" } else { "int(8)" }
    }

    /// Type of a whole number with the length that the DocType gives, 0 for none.
    pub(crate) fn int(self, length: u32) -> String {
        match length {
            12.. => "bigint(20)".to_owned(),
            1..=10 if !self.tiny_flags => format!("int({length})"),
            _ => "int(11)".to_owned(),
        }
    }

    /// Standard columns that get an index of their own when a table is made.
    pub(crate) fn standard_indexes(self, is_table: bool, sort_field: &str) -> Vec<&'static str> {
        match self.major {
            ..=14 => vec!["modified"],
            _ if is_table => vec![],
            15 if sort_field == "creation" => vec!["creation", "modified"],
            15 => vec!["modified"],
            _ if sort_field == "modified" => vec!["creation", "modified"],
            _ => vec!["creation"],
        }
    }
}
