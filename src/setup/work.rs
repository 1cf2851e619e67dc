//! Everything that an installation would do to a site, worked out before anything is done. `plan` shows it, `install` does it.

use std::collections::BTreeSet;

use super::blueprint::{Blueprint, DocType, Patch};
use super::error::SetupError;
use super::facts::Facts;
use super::ledger::{Kind, Ledger};
use super::metadata::{self, Context};
use super::options::SetupOptions;
use super::preflight::{self, Check, Ground};
use super::rows::{Decision, Existing, RowChange, WantedRow, decide};
use super::schema::Catalog;
use super::schema::table::TableDef;
use super::schema_work::{ColumnChange, IndexChange, SchemaWork};
use super::secrets;
use super::settings::{self, Seed};
use super::state::Stored;
use crate::frappe::site::Site;
use crate::frappe::version::{self, FrappeVersion};

/// Tables of Frappe and ERPNext that setup reads or writes.
const THEIR_TABLES: [&str; 22] = [
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
    "tabClient Script",
    "tabWorkspace",
    "tabWorkspace Link",
    "tabWorkspace Shortcut",
    "tabReport",
    "tabReport Filter",
    "tabProject",
    "tabTask",
    "tabSingles",
];

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
        metadata::leave_to_others(&mut wanted, &existing, &ledger);
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
