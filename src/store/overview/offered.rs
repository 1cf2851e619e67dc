//! What a new issue can be given: labels and milestones, as they are mirrored.

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError};

/// A label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfferedLabel {
    /// Its name.
    pub name: String,
    /// Six hexadecimal digits.
    pub color: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// An open milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfferedMilestone {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// When it is due, in the site's zone.
    pub due_on: Option<String>,
}

/// Labels of a repository, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn offered_labels(db: &Db, repository: &str) -> Result<Vec<OfferedLabel>, DbError> {
    let sql = "SELECT label_name, color, description FROM `tabRepository Label` WHERE repository = ? AND deleted_on_github = 0 \
               ORDER BY label_name";
    let rows = db.rows("listing labels", sql, (repository,)).await?;
    let label = |row| {
        let (name, color, description) = <(String, Option<String>, Option<String>)>::from_row(row);
        OfferedLabel {
            name,
            color,
            description,
        }
    };
    Ok(rows.into_iter().map(label).collect())
}

/// Open milestones of a repository, the next due first.
///
/// # Errors
/// When the database cannot be read.
pub async fn offered_milestones(db: &Db, repository: &str) -> Result<Vec<OfferedMilestone>, DbError> {
    let sql = "SELECT milestone_number, title, CAST(due_on AS CHAR) FROM `tabRepository Milestone` \
               WHERE repository = ? AND state = 'open' AND deleted_on_github = 0 ORDER BY due_on IS NULL, due_on, milestone_number";
    let rows = db.rows("listing milestones", sql, (repository,)).await?;
    let milestone = |row| {
        let (number, title, due_on) = <(u64, Option<String>, Option<String>)>::from_row(row);
        OfferedMilestone {
            number,
            title: title.unwrap_or_default(),
            due_on,
        }
    };
    Ok(rows.into_iter().map(milestone).collect())
}
