//! Cache drops that must not get lost: recorded in the transaction that makes them necessary, done after it, forgotten last.
//!
//! Frappe keeps whole documents in its cache and writes them back from there: a drop that a crash or an absent Redis swallows
//! would let old values return over what we wrote. What a copy that was read before the drop does later, [`super::watched`] mends.

use std::collections::BTreeMap;

use mysql_async::prelude::FromRow;

use super::cache::RedisDown;
use super::db::{DbConn, DbError, Params, Refusal, Value};
use super::site::Site;
use super::watched;

/// Drops that are done at a time.
const BATCH: usize = 500;

/// Why recorded drops are still to be done; they stay recorded.
#[derive(Debug, thiserror::Error)]
pub enum FlushError {
    /// The cache cannot be reached.
    #[error("{0}")]
    Cache(#[from] RedisDown),
    /// The database cannot be reached.
    #[error("{0}")]
    Db(#[from] DbError),
}

/// Records that this document's cache entry is to be dropped once the transaction of `conn` is committed. For a Single, `name` is
/// its DocType. To be called after the write: what the row holds now is what is looked for later.
///
/// # Errors
/// When the database cannot be written.
pub async fn note_drop(conn: &mut DbConn, doctype: &str, name: &str) -> Result<(), DbError> {
    note_drops(conn, doctype, &[name]).await
}

/// Like [`note_drop`] for many documents of one DocType.
///
/// # Errors
/// When the database cannot be written.
pub async fn note_drops(conn: &mut DbConn, doctype: &str, names: &[impl AsRef<str> + Sync]) -> Result<(), DbError> {
    const WHAT: &str = "recording cache entries to drop";
    for names in names.chunks(BATCH) {
        let rows = vec!["(?, ?, UTC_TIMESTAMP(6))"; names.len()].join(", ");
        let values = names
            .iter()
            .flat_map(|name| [Value::from(doctype), Value::from(name.as_ref())]);
        conn.exec(
            WHAT,
            &format!("INSERT INTO erpnext_github_cache_drop (doctype, name, made_at) VALUES {rows}"),
            Params::Positional(values.collect()),
        )
        .await?;
    }
    watched::note(conn, doctype, names).await
}

/// Does every drop that is recorded and committed, and forgets it. Gives their number. To be called after a commit and again
/// until it succeeds; doing one twice is harmless, so that replicas need not agree who does it.
///
/// # Errors
/// When the cache or the database cannot be reached; what is not done stays recorded.
pub async fn flush_drops(site: &Site) -> Result<usize, FlushError> {
    let mut done = 0;
    loop {
        let batch = read_batch(site).await?;
        if batch.is_empty() {
            return Ok(done);
        }
        let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (_, doctype, name) in &batch {
            names.entry(doctype).or_default().push(name);
        }
        for (doctype, names) in names {
            if names.contains(&doctype) {
                // A document that is called like its type is a Single, and its drop is the wider one.
                site.caches().single(doctype).await?;
            }
            if doctype == "User" {
                // His roles and User Permissions may be what changed; they are kept beside the document, and his drop is the wider one.
                site.caches().users_changed(&names).await?;
            } else {
                site.caches().document(doctype, &names).await?;
            }
        }
        forget(site, &batch).await?;
        done += batch.len();
    }
}

async fn read_batch(site: &Site) -> Result<Vec<(u64, String, String)>, DbError> {
    const WHAT: &str = "reading which cache entries to drop";
    let rows = site
        .db()
        .rows(
            WHAT,
            &format!("SELECT id, doctype, name FROM erpnext_github_cache_drop ORDER BY id LIMIT {BATCH}"),
            (),
        )
        .await;
    match rows {
        // Not installed: there is nothing to drop.
        Err(error) if error.refusal() == Some(Refusal::Missing) => Ok(Vec::new()),
        rows => Ok(rows?.into_iter().map(<(u64, String, String)>::from_row).collect()),
    }
}

/// Forgets just these: a smaller number may still be in a transaction that is not committed.
async fn forget(site: &Site, batch: &[(u64, String, String)]) -> Result<(), DbError> {
    const WHAT: &str = "forgetting cache entries that were dropped";
    let marks = vec!["?"; batch.len()].join(", ");
    let ids = batch.iter().map(|(id, ..)| Value::from(*id)).collect();
    site.db()
        .exec(
            WHAT,
            &format!("DELETE FROM erpnext_github_cache_drop WHERE id IN ({marks})"),
            Params::Positional(ids),
        )
        .await?;
    Ok(())
}
