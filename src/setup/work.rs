//! Everything that an installation would do to a site, worked out before anything is done. `plan` shows it, `install` does it.

use std::collections::{BTreeMap, BTreeSet};

use super::SETTINGS;
use super::blueprint::{Blueprint, DocType, Patch};
use super::error::SetupError;
use super::facts::Facts;
use super::ledger::{Kind, Ledger};
use super::metadata::{self, Context};
use super::options::SetupOptions;
use super::preflight::{self, Check, Ground};
use super::rows::{Cell, Decision, Existing, RowChange, WantedRow, decide};
use super::schema::table::TableDef;
use super::schema::{Catalog, ColumnDef, IndexDef};
use super::secrets;
use super::settings::{self, Seed};
use super::state::Stored;
use crate::frappe::site::Site;
use crate::frappe::version::{self, FrappeVersion};

/// Tables of Frappe and ERPNext that setup reads or writes.
const THEIR_TABLES: [&str; 16] = [
    "tabDocType",
    "tabDocField",
    "tabDocPerm",
    "tabDocType Link",
    "tabDocType State",
    "tabCustom DocPerm",
    "tabCustom Field",
    "tabModule Def",
    "tabRole",
    "tabHas Role",
    "tabUser",
    "tabWorkflow State",
    "tabWebhook",
    "tabProject",
    "tabTask",
    "tabSingles",
];

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

/// The work.
pub(crate) struct Work {
    pub(crate) version: FrappeVersion,
    pub(crate) checks: Vec<Check>,
    pub(crate) warnings: Vec<String>,
    pub(crate) patches: Vec<&'static Patch>,
    pub(crate) tables: Vec<TableDef>,
    pub(crate) columns: Vec<ColumnChange>,
    pub(crate) indexes: Vec<IndexChange>,
    pub(crate) rows: Vec<RowChange>,
    pub(crate) settings: Vec<Seed>,
    pub(crate) secrets: secrets::Missing,
    /// What the site says of itself, and what it will say.
    pub(crate) stored: Stored,
    pub(crate) catalog: Catalog,
}

impl Work {
    /// Looks at the site and works out what is to be done.
    pub(crate) async fn survey(site: &Site, options: &SetupOptions) -> Result<Self, SetupError> {
        let blueprint = Blueprint::embedded()?;
        let version = version::read(site.db()).await?;
        let mut conn = site.db().conn().await?;
        let mut tables: Vec<String> = THEIR_TABLES.map(str::to_owned).to_vec();
        tables.extend(blueprint.doctypes.iter().filter_map(DocType::table));
        tables.extend(blueprint.extended_doctypes().iter().map(|name| format!("tab{name}")));
        let catalog = Catalog::read(&mut conn, &tables).await?;
        let ledger = Ledger::read(&mut conn).await?;
        let facts = Facts::read(&mut conn, blueprint, site.name()).await?;
        let dialect = catalog.dialect(version.major.into());
        let ground = Ground {
            blueprint,
            catalog: &catalog,
            ledger: &ledger,
            facts: &facts,
            dialect,
            database: &site.db().spec().database,
        };
        let checks = preflight::checks(&ground);
        let context = Context {
            blueprint,
            site: site.name(),
            options,
            ledger: &ledger,
            facts: &facts,
        };
        let mut wanted = metadata::wanted(&context);
        let warnings = drop_impossible(&mut wanted, &catalog);
        let existing = Existing::read(&mut conn, &catalog, &wanted).await?;
        let rows = row_changes(&mut wanted, &existing, &ledger);
        let schema = SchemaWork::find(&ground, &existing);
        let has_webhooks = catalog.has_table("tabWebhook");
        Ok(Self {
            checks,
            warnings,
            patches: blueprint
                .patches
                .iter()
                .filter(|patch| !facts.patches.contains(&patch.name))
                .collect(),
            tables: schema.tables,
            columns: schema.columns,
            indexes: schema.indexes,
            rows,
            settings: settings::missing(blueprint, &facts),
            secrets: secrets::Missing::find(blueprint, &facts, site.name(), has_webhooks),
            stored: Stored::of(&facts.site),
            version,
            catalog,
        })
    }

    /// Why nothing may be done.
    pub(crate) fn refusals(&self) -> Vec<String> {
        self.checks
            .iter()
            .filter(|check| !check.ok)
            .map(|check| check.found.clone())
            .collect()
    }

    /// DocTypes whose form, list or permissions change while their own rows stay: a new `modified` tells browsers to read
    /// them anew.
    pub(crate) fn touched_doctypes(&self) -> BTreeSet<&str> {
        let visible = || self.rows.iter().filter(|change| change.is_visible());
        let own: BTreeSet<&str> = visible()
            .filter(|change| change.table() == "tabDocType")
            .map(RowChange::name)
            .collect();
        visible()
            .filter_map(RowChange::form)
            .filter(|form| !own.contains(form))
            .collect()
    }

    /// True when rows, settings or secrets are to be written.
    pub(crate) fn writes_rows(&self) -> bool {
        !self.rows.is_empty() || !self.settings.is_empty() || self.secrets.len() > 0
    }
}

/// Rows for tables that this site does not have are left out, with a word about it.
fn drop_impossible(wanted: &mut Vec<WantedRow>, catalog: &Catalog) -> Vec<String> {
    let missing: BTreeSet<&str> = wanted
        .iter()
        .map(|row| row.table)
        .filter(|table| !catalog.has_table(table))
        .collect();
    let warnings = missing
        .iter()
        .map(|table| format!("{table} is missing on this site; what belongs there is left out"));
    let warnings = warnings.collect();
    wanted.retain(|row| catalog.has_table(row.table));
    for row in wanted {
        row.values.retain(|column, _| catalog.has_column(row.table, column));
        row.initial.retain(|column, _| catalog.has_column(row.table, column));
    }
    warnings
}

fn row_changes(wanted: &mut [WantedRow], existing: &Existing, ledger: &Ledger) -> Vec<RowChange> {
    let mut changes = metadata::arrange(wanted, existing, ledger);
    for row in wanted.iter() {
        let current = existing.find(row);
        let name = current.map_or(row.name.as_str(), |current| current.name.as_str());
        let recorded = ledger.get(Kind::Row, row.table, name).map(super::ledger::Entry::record);
        match decide(row, current, recorded.as_ref()) {
            Decision::Leave => {}
            Decision::Insert => changes.push(RowChange::Insert(row.clone())),
            Decision::Update { name, set, record } => changes.push(RowChange::Update {
                table: row.table,
                name,
                form: row.form().map(str::to_owned),
                set,
                record: Some(record),
            }),
        }
    }
    changes
}

/// The part of the work that is DDL.
#[derive(Default)]
struct SchemaWork {
    tables: Vec<TableDef>,
    columns: Vec<ColumnChange>,
    indexes: Vec<IndexChange>,
}

impl SchemaWork {
    fn find(ground: &Ground<'_>, existing: &Existing) -> Self {
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
                let definition = format!("{} {sql_type}", super::schema::quoted(column));
                self.columns.push(change(column, definition, false));
            }
        }
        let fields = doctype.fields.iter().filter_map(|field| IndexDef::of(field, true));
        let own = |index: &&super::blueprint::StorageIndex| index.doctype == doctype.name;
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
    let named = |row: &&super::rows::CurrentRow| {
        row.parent == doctype.name && row.cell("fieldname").is_same(&column.name.as_str().into())
    };
    let Some(row) = rows.find(named) else { return false };
    let Some(entry) = ground.ledger.get(Kind::Row, "tabDocField", &row.name) else {
        return false;
    };
    let wrote: BTreeMap<String, Cell> = entry.record().wrote;
    let zero = Cell::Int(0);
    let same = |property: &str, unset: &Cell| row.cell(property).is_same(wrote.get(property).unwrap_or(unset));
    same("fieldtype", &Cell::Null) && same("length", &zero)
}
