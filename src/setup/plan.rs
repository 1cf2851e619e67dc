//! `install --plan`: what would change, for people and as JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::error::SetupError;
use super::options::SetupOptions;
use super::preflight::Check;
use super::rows::RowChange;
use super::schema_work::ColumnChange;
use super::state;
use super::work::Work;
use crate::frappe::site::Site;

/// What an installation would do to a site. Nothing has been changed.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Site folder; in JSON whoever lists the sites names it.
    #[serde(skip)]
    pub site: String,
    /// Version of Frappe.
    pub frappe: String,
    /// What was looked at beforehand.
    pub checks: Vec<Check>,
    /// What the reader should know.
    pub warnings: Vec<String>,
    /// Patches that would be run.
    pub patches: Vec<String>,
    /// Tables that would be created.
    pub tables: Vec<String>,
    /// Columns that would be added or changed.
    pub columns: Vec<PlannedColumn>,
    /// Indexes that would be added to tables that are there.
    pub indexes: Vec<PlannedIndex>,
    /// Rows that would be written, by table.
    pub rows: Vec<PlannedRows>,
    /// Fields of GitHub Settings that would get their default.
    pub settings: Vec<String>,
    /// Number of random secrets that would be made.
    pub secrets: usize,
    /// The site would be recorded as installed by this version.
    pub records_version: bool,
}

/// A column that would be added or changed.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedColumn {
    /// Table.
    pub table: String,
    /// The column as the statement writes it.
    pub definition: String,
    /// How MariaDB would do it: `INSTANT`, `INPLACE`, or `COPY` on a table of our own.
    pub algorithm: &'static str,
    /// The column is there with another type.
    pub changed: bool,
}

/// An index that would be added.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedIndex {
    /// Table.
    pub table: String,
    /// Name.
    pub name: String,
    /// Columns in order.
    pub columns: Vec<String>,
    /// Unique.
    pub unique: bool,
    /// How MariaDB would do it.
    pub algorithm: &'static str,
}

/// Rows of one table.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedRows {
    /// Table.
    pub table: String,
    /// Number of rows that would be inserted.
    pub inserted: usize,
    /// Number of rows that would be updated.
    pub updated: usize,
    /// Their names, where they say something to people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl Plan {
    /// True when an installation would change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty()
            && self.tables.is_empty()
            && self.columns.is_empty()
            && self.indexes.is_empty()
            && self.rows.is_empty()
            && self.settings.is_empty()
            && self.secrets == 0
            && !self.records_version
    }

    /// Why an installation would stop at once; empty when it would not.
    #[must_use]
    pub fn refusals(&self) -> Vec<&str> {
        let failed = self.checks.iter().filter(|check| !check.ok);
        failed.map(|check| check.found.as_str()).collect()
    }

    pub(super) fn of(site: &Site, work: &Work) -> Result<Self, SetupError> {
        Ok(Self {
            site: site.name().to_owned(),
            frappe: work.version.text.clone(),
            checks: work.checks.clone(),
            warnings: work.warnings.clone(),
            patches: work.patches.iter().map(|patch| patch.name.clone()).collect(),
            tables: work.tables.iter().map(|table| table.name.clone()).collect(),
            columns: work.columns.iter().map(planned_column).collect(),
            indexes: work
                .indexes
                .iter()
                .map(|one| PlannedIndex {
                    table: one.table.clone(),
                    name: one.index.name.clone(),
                    columns: one.index.columns.clone(),
                    unique: one.index.unique,
                    algorithm: "INPLACE",
                })
                .collect(),
            rows: planned_rows(&work.rows),
            settings: work
                .settings
                .iter()
                .filter(|seed| seed.value.is_some())
                .map(|seed| seed.field.clone())
                .collect(),
            secrets: work.secrets.len(),
            records_version: work.stored.installed.as_ref() != Some(&state::ours()?),
        })
    }
}

fn planned_column(column: &ColumnChange) -> PlannedColumn {
    PlannedColumn {
        table: column.table.clone(),
        definition: column.definition.clone(),
        algorithm: match (column.instant, column.foreign) {
            (true, _) => "INSTANT",
            (false, true) => "INPLACE",
            (false, false) => "COPY",
        },
        changed: column.modify,
    }
}

fn planned_rows(changes: &[RowChange]) -> Vec<PlannedRows> {
    let mut tables: BTreeMap<&str, PlannedRows> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.is_visible()) {
        let rows = tables.entry(change.table()).or_insert_with(|| PlannedRows {
            table: change.table().to_owned(),
            inserted: 0,
            updated: 0,
            names: Vec::new(),
        });
        match change {
            RowChange::Insert(row) if row.parent.is_none() => {
                rows.inserted += 1;
                rows.names.push(row.name.clone());
            }
            RowChange::Insert(_) => rows.inserted += 1,
            RowChange::Update { name, form, .. } => {
                rows.updated += 1;
                rows.names.extend(form.is_none().then(|| name.clone()));
            }
        }
    }
    tables.into_values().collect()
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} (Frappe {})", self.site, self.frappe)?;
        for check in &self.checks {
            let mark = if check.ok { "ok  " } else { "STOP" };
            writeln!(f, "  {mark} {}: {}", check.what, check.found)?;
        }
        for warning in &self.warnings {
            writeln!(f, "  note {warning}")?;
        }
        if self.is_empty() {
            return writeln!(f, "  nothing to change");
        }
        for patch in &self.patches {
            writeln!(f, "  run patch {patch}")?;
        }
        for table in &self.tables {
            writeln!(f, "  create table {table}")?;
        }
        for column in &self.columns {
            let verb = if column.changed { "change in" } else { "add to" };
            writeln!(f, "  {verb} {}: {} ({})", column.table, column.definition, column.algorithm)?;
        }
        for index in &self.indexes {
            let kind = if index.unique { "unique index" } else { "index" };
            let columns = index.columns.join(", ");
            writeln!(
                f,
                "  add to {}: {kind} {} on {columns} ({})",
                index.table, index.name, index.algorithm
            )?;
        }
        for rows in &self.rows {
            write!(f, "  {}: {} new, {} changed", rows.table, rows.inserted, rows.updated)?;
            if rows.names.is_empty() {
                writeln!(f)?;
            } else {
                writeln!(f, " ({})", rows.names.join(", "))?;
            }
        }
        if !self.settings.is_empty() {
            writeln!(f, "  GitHub Settings: defaults for {}", self.settings.join(", "))?;
        }
        if self.secrets > 0 {
            writeln!(f, "  {} random secrets", self.secrets)?;
        }
        if self.records_version {
            writeln!(f, "  record version {}", env!("CARGO_PKG_VERSION"))?;
        }
        Ok(())
    }
}

/// Works out what `install` would do, and changes nothing.
///
/// # Errors
/// When the site cannot be read.
pub async fn plan(site: &Site, options: &SetupOptions) -> Result<Plan, SetupError> {
    Plan::of(site, &Work::survey(site, options).await?)
}
