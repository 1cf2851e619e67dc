//! Rows that Frappe keeps whole in its cache and writes back from there: what we wrote on them is looked at again for a while.
//!
//! Dropping the cached copy after our commit leaves one way for old values to return: a request of Python that read the copy before
//! it, and saves all of it after (`Task.update_project` does). Such a copy brings its old `modified` along, by which it is told
//! from a change that a person made since. Times are the database's own.

use std::collections::BTreeMap;

use mysql_async::prelude::FromRow;
use serde_json::Value as Json;

use super::db::{DbConn, DbError, Params, Refusal, Value, retry_conflicts};
use super::pending;
use super::realtime::Event;
use super::site::Site;

/// Columns that this program writes on tables of others. A test holds them against the fields that it installs there.
pub const WRITTEN: [(&str, &[&str]); 3] = [
    ("Project", &["repository"]),
    (
        "Task",
        &["github_repo", "github_issue_doc", "github_issue_number", "github_pr_number"],
    ),
    ("User", &["github_username", "github_user_id"]),
];

/// Seconds from one look to the next: most copies are written back at once, a slow request lives two minutes, a job of the bench
/// longer.
const PAUSES: [u32; 5] = [5, 15, 40, 120, 600];
/// Rows that are looked at together.
const BATCH: usize = 500;
const WHAT: &str = "looking for old copies";

fn columns_of(doctype: &str) -> Option<&'static [&'static str]> {
    WRITTEN.iter().find(|(name, _)| *name == doctype).map(|(_, columns)| *columns)
}

/// What a row holds, `modified` included, as one JSON object of texts.
fn as_object(columns: &[&str]) -> String {
    let pairs: Vec<String> = columns
        .iter()
        .map(|column| format!("'{column}', IFNULL(CAST(`{column}` AS CHAR), '')"))
        .collect();
    format!("JSON_OBJECT('modified', CAST(modified AS CHAR), {})", pairs.join(", "))
}

/// Remembers what these rows hold in our columns, in the transaction of `conn` and after its writes. Rows of other DocTypes are passed
/// over, and so is everything on a site where we are not installed.
///
/// # Errors
/// When the database cannot be written.
pub(super) async fn note(conn: &mut DbConn, doctype: &str, names: &[impl AsRef<str> + Sync]) -> Result<(), DbError> {
    let Some(columns) = columns_of(doctype) else {
        return Ok(());
    };
    let values = as_object(columns);
    for names in names.chunks(BATCH) {
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!(
            "INSERT INTO `erpnext_github_watched_row` (doctype, name, written, looks, due_at) \
             SELECT '{doctype}', name, {values}, 0, \
             UTC_TIMESTAMP(6) + INTERVAL {} SECOND FROM `tab{doctype}` WHERE name IN ({marks}) \
             ON DUPLICATE KEY UPDATE written = VALUES(written), looks = 0, due_at = VALUES(due_at)",
            PAUSES[0]
        );
        let names = names.iter().map(|name| Value::from(name.as_ref())).collect();
        match conn.exec("noting what was written", &sql, Params::Positional(names)).await {
            Err(error) if error.refusal() == Some(Refusal::Missing) => return Ok(()),
            noted => noted.map(drop)?,
        }
    }
    Ok(())
}

/// A row that is to be looked at.
struct Watched {
    id: u64,
    name: String,
    written: BTreeMap<String, String>,
    looks: u32,
}

/// Looks at every row whose time has come, and mends those over which an old copy came; gives their number.
///
/// # Errors
/// When the database cannot be used.
pub async fn look_again(site: &Site) -> Result<usize, DbError> {
    let mut mended = 0;
    for (doctype, columns) in WRITTEN {
        loop {
            let due = due(site, doctype).await?;
            if due.is_empty() {
                break;
            }
            let present = present(site, doctype, columns, &due).await?;
            for row in &due {
                let Some(now) = present.get(&row.name) else {
                    // The document is gone, or has another name.
                    next(site, row, true).await?;
                    continue;
                };
                if is_old_copy(&row.written, now) && mend(site, doctype, columns, row).await? {
                    mended += 1;
                } else {
                    next(site, row, false).await?;
                }
            }
        }
    }
    Ok(mended)
}

async fn due(site: &Site, doctype: &str) -> Result<Vec<Watched>, DbError> {
    let sql = format!(
        "SELECT id, name, written, looks FROM `erpnext_github_watched_row` \
         WHERE doctype = ? AND due_at <= UTC_TIMESTAMP(6) ORDER BY due_at, id LIMIT {BATCH}"
    );
    let rows = match site.db().rows(WHAT, &sql, (doctype,)).await {
        // Not installed: nothing was written.
        Err(error) if error.refusal() == Some(Refusal::Missing) => return Ok(Vec::new()),
        rows => rows?,
    };
    let rows = rows.into_iter().map(<(u64, String, String, u32)>::from_row);
    Ok(rows
        .map(|(id, name, written, looks)| Watched {
            id,
            name,
            written: texts(&written),
            looks,
        })
        .collect())
}

fn texts(json: &str) -> BTreeMap<String, String> {
    let values: BTreeMap<String, Json> = serde_json::from_str(json).unwrap_or_default();
    let text = |value: Json| match value {
        Json::String(text) => text,
        other => other.to_string(),
    };
    values.into_iter().map(|(name, value)| (name, text(value))).collect()
}

/// The same columns as they are now, by name of the row.
async fn present(
    site: &Site,
    doctype: &str,
    columns: &[&str],
    rows: &[Watched],
) -> Result<BTreeMap<String, BTreeMap<String, String>>, DbError> {
    let values = as_object(columns);
    let sql = format!(
        "SELECT name, {values} FROM `tab{doctype}` WHERE name IN ({})",
        vec!["?"; rows.len()].join(", ")
    );
    let names = rows.iter().map(|row| Value::from(row.name.as_str())).collect();
    let found = site.db().rows(WHAT, &sql, Params::Positional(names)).await?;
    let found = found.into_iter().map(<(String, String)>::from_row);
    Ok(found.map(|(name, json)| (name, texts(&json))).collect())
}

/// Something else stands there than we wrote, and nobody saved it since: `modified` is what it was, or older. Both are texts of six
/// digits, which order like times.
fn is_old_copy(written: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> bool {
    now != written && now.get("modified") <= written.get("modified")
}

/// Writes our columns again, unless somebody saved the row meanwhile; true when it was done.
async fn mend(site: &Site, doctype: &str, columns: &[&str], row: &Watched) -> Result<bool, DbError> {
    let value = |column: &str| row.written.get(column).cloned().unwrap_or_default();
    let modified = value("modified");
    // A number is never empty.
    let set: Vec<String> = columns.iter().map(|column| format!("`{column}` = NULLIF(?, '')")).collect();
    let sql = format!(
        "UPDATE `tab{doctype}` SET {}, modified = ? WHERE name = ? AND modified <= ?",
        set.join(", ")
    );
    let mut params: Vec<Value> = columns.iter().map(|column| Value::from(value(column))).collect();
    params.extend([&modified, &row.name, &modified].map(Value::from));
    let mended = retry_conflicts(|| async {
        let mut tx = site.db().begin().await?;
        let changed = tx.exec("mending a row", &sql, Params::Positional(params.clone())).await? > 0;
        // Which notes it anew: the copy may come once more.
        pending::note_drop(&mut tx, doctype, &row.name).await?;
        tx.commit().await?;
        Ok::<_, DbError>(changed)
    });
    let mended = mended.await?;
    if mended {
        let path = format!("{doctype}/{}", row.name);
        tracing::info!(site = site.name(), path, "an old copy came back over a row, and was mended");
        if let Err(error) = pending::flush_drops(site).await {
            tracing::debug!(site = site.name(), %error, "cache drops wait");
        }
        let user = "Administrator";
        let events = [
            Event::doc_update(doctype, &row.name, &modified),
            Event::list_update(doctype, &row.name, user),
        ];
        site.tell(&events).await;
    }
    Ok(mended)
}

/// Puts the next look off, or ends them. A row that was noted anew meanwhile is left as it is.
async fn next(site: &Site, row: &Watched, is_last: bool) -> Result<(), DbError> {
    let looks = row.looks + 1;
    let pause = usize::try_from(looks)
        .ok()
        .and_then(|looks| PAUSES.get(looks))
        .filter(|_| !is_last);
    let sql = match pause {
        Some(pause) => format!(
            "UPDATE `erpnext_github_watched_row` SET looks = looks + 1, due_at = UTC_TIMESTAMP(6) + INTERVAL {pause} SECOND \
             WHERE id = ? AND looks = ? AND due_at <= UTC_TIMESTAMP(6)"
        ),
        None => "DELETE FROM `erpnext_github_watched_row` WHERE id = ? AND looks = ? AND due_at <= UTC_TIMESTAMP(6)".to_owned(),
    };
    site.db().exec(WHAT, &sql, (row.id, row.looks)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(modified: &str, repository: &str) -> BTreeMap<String, String> {
        [("modified", modified), ("repository", repository)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn an_old_copy_is_told_from_what_a_person_did() {
        let written = row("2026-03-01 07:00:00.000000", "octo/web");
        let cases = [
            (row("2026-03-01 07:00:00.000000", "octo/web"), false, "as we left it"),
            (row("2026-03-01 06:00:00.000000", ""), true, "an old copy"),
            (
                row("2026-03-01 06:00:00.000000", "octo/web"),
                true,
                "an old copy that had the same",
            ),
            (
                row("2026-03-01 07:00:00.000000", ""),
                true,
                "an old copy of the moment that we left alone",
            ),
            (row("2026-03-01 07:00:00.000001", ""), false, "somebody cleared it"),
        ];
        for (now, old, what) in cases {
            assert_eq!(is_old_copy(&written, &now), old, "{what}");
        }
    }
}
