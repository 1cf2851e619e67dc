//! Tables, columns and indexes: what a site has, and the statements that make what it lacks, exactly as Frappe would.

pub(crate) mod catalog;
pub(crate) mod column;
pub(crate) mod dialect;
pub(crate) mod index;
pub(crate) mod row_size;
pub(crate) mod table;

pub(crate) use catalog::Catalog;
pub(crate) use column::ColumnDef;
pub(crate) use dialect::Dialect;
pub(crate) use index::IndexDef;

/// An identifier in backticks.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
