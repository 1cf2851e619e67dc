//! GitHub Settings: defaults where nothing is said yet. Values that are there are kept.

use mysql_async::Value;

use super::SETTINGS;
use super::blueprint::Blueprint;
use super::facts::Facts;
use super::ledger::{self, Entry, Kind};
use crate::frappe::db::{DbConn, DbError};

/// Rows that Frappe keeps of every Single; seeded once, because without any row Frappe reads the defaults of the DocType, and
/// with any row it reads none.
const BOOKKEEPING: [&str; 4] = ["creation", "modified", "owner", "modified_by"];

/// A row of `tabSingles` that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seed {
    /// Field.
    pub(crate) field: String,
    /// Value; none for the bookkeeping rows, which are known when they are written.
    pub(crate) value: Option<String>,
}

/// The rows that are missing: every default that has none.
pub(crate) fn missing(blueprint: &Blueprint, facts: &Facts) -> Vec<Seed> {
    let Some(doctype) = blueprint.doctype(SETTINGS) else {
        return Vec::new();
    };
    let mut seeds: Vec<Seed> = doctype
        .stored_fields()
        .filter(|field| !facts.settings.contains_key(&field.fieldname))
        .filter_map(|field| {
            Some(Seed {
                field: field.fieldname.clone(),
                value: Some(field.default.clone()?),
            })
        })
        .collect();
    if !facts.settings.contains_key("modified") {
        seeds.extend(BOOKKEEPING.map(|field| Seed {
            field: field.to_owned(),
            value: None,
        }));
    }
    seeds
}

/// Writes them. `now` is the site's own time.
pub(crate) async fn write(conn: &mut DbConn, seeds: &[Seed], now: &str) -> Result<(), DbError> {
    const WHAT: &str = "writing the defaults of GitHub Settings";
    if seeds.is_empty() {
        return Ok(());
    }
    // The table has no key: the lock keeps a second installation from seeding the same rows.
    conn.rows(
        WHAT,
        "SELECT field FROM `tabSingles` WHERE doctype = ? FOR UPDATE",
        (SETTINGS,),
    )
    .await?;
    let value = |seed: &Seed| match (&seed.value, seed.field.as_str()) {
        (Some(value), _) => value.clone(),
        (None, "creation" | "modified") => now.to_owned(),
        (None, _) => "Administrator".to_owned(),
    };
    let sql = format!(
        "INSERT INTO `tabSingles` (doctype, field, value) VALUES {}",
        vec!["(?, ?, ?)"; seeds.len()].join(", ")
    );
    let params: Vec<Value> = seeds
        .iter()
        .flat_map(|seed| -> [Value; 3] { [SETTINGS.into(), seed.field.as_str().into(), value(seed).into()] })
        .collect();
    conn.exec(WHAT, &sql, params).await?;
    let entries: Vec<Entry> = seeds
        .iter()
        .map(|seed| Entry::new(Kind::Single, SETTINGS, &seed.field))
        .collect();
    ledger::record(conn, &entries).await
}
