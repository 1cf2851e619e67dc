//! The part of the work that is DDL: tables, columns and indexes that are missing, and types that have changed.

use std::collections::BTreeMap;

use super::SETTINGS;
use super::blueprint::{DocType, StorageIndex};
use super::ledger::Kind;
use super::preflight::Ground;
use super::rows::{Cell, CurrentRow, Existing};
use super::schema::table::TableDef;
use super::schema::{ColumnDef, IndexDef, quoted};

/// A column that is missing, or has a type that we have given up.
#[derive(Debug, Clone)]
pub(crate) struct ColumnChange {
    pub(crate) table: String,
    pub(crate) column: String,
    /// The column as a statement writes it.
    pub(crate) definition: String,
    /// It is there, with another type.
    pub(crate) modify: bool,
    /// The table is not ours.
    pub(crate) foreign: bool,
    /// MariaDB can do it without touching the rows.
    pub(crate) instant: bool,
}

/// An index that is missing.
#[derive(Debug, Clone)]
pub(crate) struct IndexChange {
    pub(crate) table: String,
    pub(crate) index: IndexDef,
    /// The table is not ours.
    pub(crate) foreign: bool,
}

/// The part of the work that is DDL.
#[derive(Default)]
pub(crate) struct SchemaWork {
    pub(crate) tables: Vec<TableDef>,
    pub(crate) columns: Vec<ColumnChange>,
    pub(crate) indexes: Vec<IndexChange>,
}

impl SchemaWork {
    /// Holds what is there against what is to be.
    pub(crate) fn find(ground: &Ground<'_>, existing: &Existing) -> Self {
        let mut work = Self::default();
        for doctype in ground.blueprint.doctypes.iter().filter(|doctype| doctype.name != SETTINGS) {
            let Some(table) = TableDef::of(ground.blueprint, doctype, ground.dialect) else {
                continue;
            };
            if ground.catalog.has_table(&table.name) {
                work.extend_ours(ground, existing, doctype, &table);
            } else {
                work.tables.push(table);
            }
        }
        work.extend_theirs(ground);
        work
    }

    /// A table of ours that is there: what is missing, and types that changed since nobody else touched the field.
    fn extend_ours(&mut self, ground: &Ground<'_>, existing: &Existing, doctype: &DocType, table: &TableDef) {
        let change = |column: &str, definition: String, modify| ColumnChange {
            table: table.name.clone(),
            column: column.to_owned(),
            definition,
            modify,
            foreign: false,
            instant: !modify,
        };
        for column in &table.columns {
            match ground.catalog.column(&table.name, &column.name) {
                None => self.columns.push(change(&column.name, column.sql(), false)),
                Some(there) if there.sql_type != column.sql_type && is_untouched(ground, existing, doctype, column) => {
                    self.columns.push(change(&column.name, column.sql(), true));
                }
                Some(_) => {}
            }
        }
        for (column, sql_type) in &table.hidden {
            if !ground.catalog.has_column(&table.name, column) {
                let definition = format!("{} {sql_type}", quoted(column));
                self.columns.push(change(column, definition, false));
            }
        }
        let fields = doctype.fields.iter().filter_map(|field| IndexDef::of(field, true));
        let own = |index: &&StorageIndex| index.doctype == doctype.name;
        let storage = ground.blueprint.indexes.iter().filter(own).map(IndexDef::of_storage);
        self.add_indexes(ground, &table.name, fields.chain(storage), false);
    }

    fn extend_theirs(&mut self, ground: &Ground<'_>) {
        for custom in &ground.blueprint.custom_fields {
            let table = custom.table();
            let standard = ground.facts.has_standard_field(&custom.doctype, &custom.field.fieldname);
            let Some(there) = ground.catalog.table(&table).filter(|_| !standard) else {
                continue;
            };
            if let Some(column) = ColumnDef::of(&custom.field, ground.dialect)
                && !there.columns.contains_key(&column.name)
            {
                self.columns.push(ColumnChange {
                    table: table.clone(),
                    definition: column.sql(),
                    column: column.name,
                    modify: false,
                    foreign: true,
                    instant: there.instant,
                });
            }
            self.add_indexes(ground, &table, IndexDef::of(&custom.field, true).into_iter(), true);
        }
        let theirs = ground
            .blueprint
            .indexes
            .iter()
            .filter(|index| ground.blueprint.doctype(&index.doctype).is_none());
        for index in theirs {
            let table = format!("tab{}", index.doctype);
            if ground.catalog.has_table(&table) {
                self.add_indexes(ground, &table, std::iter::once(IndexDef::of_storage(index)), true);
            }
        }
    }

    fn add_indexes(&mut self, ground: &Ground<'_>, table: &str, indexes: impl Iterator<Item = IndexDef>, foreign: bool) {
        let missing = indexes.filter(|index| !index.is_in(ground.catalog, table));
        self.indexes.extend(missing.map(|index| IndexChange {
            table: table.to_owned(),
            index,
            foreign,
        }));
    }
}

/// True when type and length of a field are still as we wrote them, so that the column follows ours, not an administrator's.
fn is_untouched(ground: &Ground<'_>, existing: &Existing, doctype: &DocType, column: &ColumnDef) -> bool {
    let mut rows = existing.table("tabDocField").iter();
    let named = |row: &&CurrentRow| row.parent == doctype.name && row.cell("fieldname").is_same(&column.name.as_str().into());
    let Some(row) = rows.find(named) else { return false };
    let Some(entry) = ground.ledger.get(Kind::Row, "tabDocField", &row.name) else {
        return false;
    };
    let wrote: BTreeMap<String, Cell> = entry.record().wrote;
    let zero = Cell::Int(0);
    let same = |property: &str, unset: &Cell| row.cell(property).is_same(wrote.get(property).unwrap_or(unset));
    same("fieldtype", &Cell::Null) && same("length", &zero)
}
