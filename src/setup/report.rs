//! What an installation did.

use std::fmt;

use serde::Serialize;

/// What was changed on a site.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InstallReport {
    /// Site folder; in JSON whoever lists the sites names it.
    #[serde(skip)]
    pub site: String,
    /// Patches that were run.
    pub patches: Vec<String>,
    /// Tables that were created.
    pub tables: Vec<String>,
    /// Columns that were added or changed, as `table.column`.
    pub columns: Vec<String>,
    /// Indexes that were added to tables that were there, as `table.index`.
    pub indexes: Vec<String>,
    /// Rows that were made.
    pub rows_inserted: usize,
    /// Rows that were changed.
    pub rows_updated: usize,
    /// Rows of GitHub Settings that got a default.
    pub settings: usize,
    /// Random secrets that were made.
    pub secrets: usize,
    /// The version that was recorded, when it was not there already.
    pub recorded_version: Option<String>,
    /// What the operator should know or do.
    pub warnings: Vec<String>,
}

impl InstallReport {
    pub(super) fn new(site: &str) -> Self {
        Self {
            site: site.to_owned(),
            ..Self::default()
        }
    }

    /// True when nothing was changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty() && !self.is_visible() && self.recorded_version.is_none()
    }

    /// True when something was changed that Frappe may have cached.
    pub(super) fn is_visible(&self) -> bool {
        !self.tables.is_empty()
            || !self.columns.is_empty()
            || !self.indexes.is_empty()
            || self.rows_inserted + self.rows_updated + self.settings + self.secrets > 0
    }
}

impl fmt::Display for InstallReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            write!(f, "{}: nothing to change", self.site)?;
        } else {
            write!(
                f,
                "{}: {} patches, {} tables, {} columns, {} indexes, {} rows made, {} rows changed, {} settings, {} secrets",
                self.site,
                self.patches.len(),
                self.tables.len(),
                self.columns.len(),
                self.indexes.len(),
                self.rows_inserted,
                self.rows_updated,
                self.settings,
                self.secrets
            )?;
        }
        for warning in &self.warnings {
            write!(f, "\n  note: {warning}")?;
        }
        Ok(())
    }
}
