//! `GitHub Settings` as the program reads it: afresh for every run, because it is edited in the desk.

use std::collections::HashMap;

use crate::frappe::db::{Db, DbConn, DbError};
use crate::frappe::zone::frappe_text;
use crate::frappe::{pending, singles};

use super::Stamp;

/// Name of the Single.
pub const DOCTYPE: &str = "GitHub Settings";

/// The settings that are no secrets. Numbers that make no sense are read as their defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Off: no job runs, and the desk answers with a sentence.
    pub enabled: bool,
    /// Which credential is used.
    pub auth_type: String,
    /// Who has not connected his own account acts by the repository's or the site's credential.
    pub act_without_connection: bool,
    /// Organisation that fills dialogs.
    pub default_organization: String,
    /// How a repository that was made by hand is shown until its first sync.
    pub default_visibility: String,
    /// Minutes between two syncs of a repository.
    pub sync_interval_minutes: u32,
    /// Minutes between two comparisons with GitHub.
    pub reconciliation_period_minutes: u32,
    /// Share of the hour's points, in percent, that the walk of the night may use; 0 for none.
    pub reconciliation_budget_percent: u32,
    /// Points kept back for people's own actions.
    pub rate_limit_threshold: u64,
    /// Days that runs and errors are kept.
    pub run_retention_days: u32,
    /// Days that deliveries are kept.
    pub event_retention_days: u32,
    /// Days that commits are kept.
    pub commit_history_days: u32,
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(db: &Db) -> Result<Self, DbError> {
        Ok(Self::from_fields(
            &singles::read_all(db, DOCTYPE).await?.into_iter().collect(),
        ))
    }

    fn from_fields(fields: &HashMap<String, String>) -> Self {
        let text = |key: &str| fields.get(key).map(|value| value.trim().to_owned()).unwrap_or_default();
        let number = |key: &str, default: u32| text(key).parse::<u32>().ok().filter(|number| *number > 0).unwrap_or(default);
        Self {
            enabled: text("enabled") == "1",
            auth_type: text("auth_type"),
            act_without_connection: text("act_without_connection") != "0",
            default_organization: text("default_organization"),
            default_visibility: match text("default_visibility").as_str() {
                known @ ("Public" | "Private" | "Internal") => known.to_owned(),
                _ => "Private".to_owned(),
            },
            sync_interval_minutes: number("sync_interval_minutes", 60),
            reconciliation_period_minutes: number("reconciliation_period_minutes", 10),
            reconciliation_budget_percent: text("reconciliation_budget_percent").parse().unwrap_or(20).min(100),
            rate_limit_threshold: text("rate_limit_threshold").parse().unwrap_or(100),
            run_retention_days: number("run_retention_days", 90),
            event_retention_days: number("event_retention_days", 30),
            commit_history_days: number("commit_history_days", 90),
        }
    }
}

/// Writes into a transaction what a save of the settings leaves: when and by whom, and that Frappe's copy is to be dropped.
///
/// # Errors
/// When the database cannot be written.
pub async fn note_saved(conn: &mut DbConn, stamp: &Stamp) -> Result<(), DbError> {
    singles::write_field(conn, DOCTYPE, "modified", &frappe_text(stamp.local_now())).await?;
    singles::write_field(conn, DOCTYPE, "modified_by", &stamp.user).await?;
    pending::note_drop(conn, DOCTYPE, DOCTYPE).await
}

/// Keeps the slug of the site's App as GitHub tells it: the App's owner may give it another name, and pages of GitHub are found by it. True where it was
/// another one.
///
/// # Errors
/// When the database cannot be used.
pub async fn keep_app_slug(db: &Db, stamp: &Stamp, slug: &str) -> Result<bool, DbError> {
    const FIELD: &str = "app_slug";
    let is_known = singles::read_field(db, DOCTYPE, FIELD)
        .await?
        .is_some_and(|stored| stored.trim() == slug);
    if is_known || slug.is_empty() {
        return Ok(false);
    }
    let mut tx = db.begin().await?;
    singles::write_field(&mut tx, DOCTYPE, FIELD, slug).await?;
    note_saved(&mut tx, stamp).await?;
    tx.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_read_as_the_default() {
        let fields = [
            ("enabled", "1"),
            ("sync_interval_minutes", "-5"),
            ("rate_limit_threshold", "0"),
            ("run_retention_days", "x"),
        ];
        let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let settings = Settings::from_fields(&fields);
        assert!(settings.enabled);
        assert_eq!(
            (
                settings.sync_interval_minutes,
                settings.rate_limit_threshold,
                settings.run_retention_days
            ),
            (60, 0, 90)
        );
    }
}
