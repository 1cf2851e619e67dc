//! What a removal did.

use std::fmt;

use serde::Serialize;

/// What was removed from a site.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UninstallReport {
    /// Site folder.
    pub site: String,
    /// Rows that were deleted.
    pub rows: u64,
    /// Columns that were dropped from tables of others.
    pub columns: usize,
    /// Indexes that were dropped from tables of others.
    pub indexes: usize,
    /// Tables that were dropped.
    pub tables: Vec<String>,
    /// What was left, a sentence each with the reason.
    pub kept: Vec<String>,
    /// What the operator should know or do.
    pub warnings: Vec<String>,
}

impl UninstallReport {
    pub(super) fn new(site: &str) -> Self {
        Self {
            site: site.to_owned(),
            ..Self::default()
        }
    }

    /// True when nothing was there to be removed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0 && self.columns + self.indexes == 0 && self.tables.is_empty()
    }
}

impl fmt::Display for UninstallReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            write!(f, "{}: nothing was installed", self.site)?;
        } else {
            write!(
                f,
                "{}: removed {} rows, {} columns, {} indexes, {} tables",
                self.site,
                self.rows,
                self.columns,
                self.indexes,
                self.tables.len()
            )?;
        }
        for line in &self.kept {
            write!(f, "\n  kept: {line}")?;
        }
        for line in &self.warnings {
            write!(f, "\n  note: {line}")?;
        }
        Ok(())
    }
}
