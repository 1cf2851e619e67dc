//! Stand-in until the frappe room brings its own: which Frappe a site runs.

use super::db::{Db, DbError};

/// Version of Frappe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrappeVersion {
    /// First number.
    pub major: u32,
    /// As `tabInstalled Application` has it.
    pub text: String,
}

impl FrappeVersion {
    /// Reads it from the installed applications.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(db: &Db) -> Result<Self, DbError> {
        let row = db
            .row(
                "reading the version of Frappe",
                "SELECT IFNULL(app_version, '') FROM `tabInstalled Application` WHERE app_name = ? LIMIT 1",
                ("frappe",),
            )
            .await?;
        let text: String = row.and_then(|row| row.get(0)).unwrap_or_default();
        let major = text.split('.').next().and_then(|part| part.parse().ok()).unwrap_or_default();
        Ok(Self { major, text })
    }
}
