//! The row of the site's GitHub App: its own webhook is not kept right from here, and what it delivered is looked through as that of others.

use chrono::{DateTime, Utc};

use crate::domain::text::{cut_bytes, cut_chars};
use crate::frappe::db::{Db, DbError, Value, retry_conflicts};
use crate::store::cell::time_value;

use super::row::{Home, OF_APP};

const WHAT: &str = "noting the webhook of the GitHub App";
/// Bytes of a reason that are kept.
const PROBLEM: usize = 4_000;
/// Characters of an id that are kept; those of GitHub have twenty.
const ID: usize = 60;

/// Sees to it that the App of that id, which people call `name`, has a row, and no other App has; none where the site takes no deliveries of an
/// App. What a new one delivered is looked through at once, as far back as GitHub keeps it: it told of things before it was entered here.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn mark_app(db: &Db, app: Option<(&str, &str)>, now: DateTime<Utc>) -> Result<(), DbError> {
    let wanted = app.map(|(id, name)| (Home::App(cut_chars(id, ID).to_owned()).key(), cut_chars(name, 255).to_owned()));
    let sql = format!("SELECT home, name FROM `erpnext_github_hook` WHERE home LIKE '{OF_APP}%'");
    let there: Vec<(String, String)> = db
        .rows(WHAT, &sql, ())
        .await?
        .into_iter()
        .map(mysql_async::from_row)
        .collect();
    if there.iter().eq(wanted.iter()) {
        return Ok(());
    }
    let key = wanted.as_ref().map_or("", |(key, _)| key.as_str());
    let others = format!("DELETE FROM `erpnext_github_hook` WHERE home LIKE '{OF_APP}%' AND home <> ?");
    retry_conflicts(|| db.exec(WHAT, &others, (key,))).await?;
    let Some((key, name)) = &wanted else { return Ok(()) };
    let at = time_value(now.naive_utc());
    let sql = "INSERT INTO `erpnext_github_hook` (home, name, suspect, due_at, sweep_due_at, urgent) VALUES (?, ?, 0, ?, ?, 1) \
               ON DUPLICATE KEY UPDATE name = VALUES(name)";
    retry_conflicts(|| db.exec(WHAT, sql, (key, name, at.clone(), at.clone())))
        .await
        .map(drop)
}

/// Notes why what the App's webhook delivered could not be looked through; none where it could.
///
/// # Errors
/// When the database cannot be written.
pub async fn tell(db: &Db, home: &Home, problem: Option<&str>, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql =
        "UPDATE `erpnext_github_hook` SET attempts = IF(? IS NULL, 0, attempts + 1), problem = ?, checked_at = ? WHERE home = ?";
    let problem = problem.map_or(Value::NULL, |text| Value::from(cut_bytes(text, PROBLEM)));
    let at = time_value(now.naive_utc());
    retry_conflicts(|| db.exec(WHAT, sql, (problem.clone(), problem.clone(), at.clone(), home.key())))
        .await
        .map(drop)
}
