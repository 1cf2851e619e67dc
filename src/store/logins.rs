//! Public e-mail addresses of logins that no ERP user claims: asked for once a day, remembered both ways.
//!
//! An answer counts until the next one is there, so that a run which begins when it is a day old unlinks nobody only to link him
//! again at its end. Who is linked by an address is asked about again like everybody else.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::{Person, PublicAddress};
use crate::frappe::db::{Db, DbError, Params, Value};
use crate::frappe::users::SiteUser;

use super::cell::time_value;
use super::people::People;
use super::rows::{CHILDREN, ChildTable};
use super::upsert::{Upsert, texts};

/// How long an answer is remembered before it is asked for again, "has no public address" included.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// Somebody whom child rows of one table name, and the user that those rows are linked to.
#[derive(Debug)]
pub struct Mention {
    /// The table.
    pub(super) table: &'static ChildTable,
    /// Login and id as the rows have them.
    pub(super) person: Person,
    /// The user; empty for none.
    pub(super) user: String,
}

/// The people of a site: users by id and login, and by addresses that GitHub gave before.
///
/// # Errors
/// When the database cannot be read.
pub async fn people(db: &Db, users: &[SiteUser]) -> Result<People, DbError> {
    let rows = db
        .rows(
            "reading public addresses",
            "SELECT login, github_id, email FROM `erpnext_github_login` WHERE email IS NOT NULL AND email <> ''",
            (),
        )
        .await?;
    let address = |row| {
        let (login, id, email) = <(String, Option<u64>, String)>::from_row(row);
        PublicAddress {
            person: Person { id, login },
            email: Some(email),
        }
    };
    let addresses: Vec<PublicAddress> = rows.into_iter().map(address).collect();
    Ok(People::new(users, &addresses))
}

/// Everybody whom the mirror's child rows name.
///
/// # Errors
/// When the database cannot be read.
pub async fn mentioned(db: &Db) -> Result<Vec<Mention>, DbError> {
    mentions(db, "TRUE", &[]).await
}

/// Mentions that meet a condition. The columns are those of an index, as they are, so that MariaDB goes from one mention to the next and
/// not from row to row.
async fn mentions(db: &Db, condition: &str, values: &[&str]) -> Result<Vec<Mention>, DbError> {
    let mut mentions = Vec::new();
    for table in CHILDREN
        .into_iter()
        .filter(|table| table.columns.contains(&"github_username"))
    {
        let sql = format!(
            "SELECT DISTINCT github_username, github_id, user FROM `{}` WHERE github_username IS NOT NULL AND ({condition})",
            table.table
        );
        let params = match values {
            [] => Params::Empty,
            values => Params::Positional(texts(values.iter().copied())),
        };
        let rows = db.rows("listing people", &sql, params).await?;
        mentions.extend(rows.into_iter().map(|row| {
            let (login, id, user) = <(String, Option<String>, Option<String>)>::from_row(row);
            Mention {
                table,
                person: Person {
                    id: id.and_then(|id| id.parse().ok()),
                    login,
                },
                user: user.unwrap_or_default(),
            }
        }));
    }
    Ok(mentions)
}

/// Those whom the mirror's child rows name and who are `person`, by login or id, or are linked to `user`.
///
/// # Errors
/// When the database cannot be read.
pub async fn mentioned_about(db: &Db, person: &Person, user: &str) -> Result<Vec<Mention>, DbError> {
    let id = person.id.map(|id| id.to_string()).unwrap_or_default();
    mentions(
        db,
        "(github_id = ? AND github_id > '') OR github_username = ? OR user = ?",
        &[&id, &person.login, user],
    )
    .await
}

/// Logins of those whom no user claims, and that were not asked about within a day; bots have no address.
///
/// # Errors
/// When the database cannot be read.
pub async fn to_look_up(db: &Db, people: &People, mentions: &[Mention], now: DateTime<Utc>) -> Result<Vec<String>, DbError> {
    let rows = db
        .rows(
            "reading public addresses",
            "SELECT login FROM `erpnext_github_login` WHERE looked_up_at >= ?",
            (time_value((now - REMEMBERED).naive_utc()),),
        )
        .await?;
    let known: HashSet<String> = rows
        .into_iter()
        .map(|row| <(String,)>::from_row(row).0.to_lowercase())
        .collect();
    let mut wanted: BTreeMap<String, &str> = BTreeMap::new();
    for person in mentions.iter().map(|mention| &mention.person) {
        let key = person.login.to_lowercase();
        if !key.ends_with("[bot]") && !known.contains(&key) && people.claimed(person).is_none() {
            wanted.insert(key, &person.login);
        }
    }
    Ok(wanted.into_values().map(str::to_owned).collect())
}

/// Remembers what GitHub said.
///
/// # Errors
/// When the database cannot be written.
pub async fn remember(db: &Db, answers: &[PublicAddress], now: DateTime<Utc>) -> Result<(), DbError> {
    let now = time_value(now.naive_utc());
    let rows = answers
        .iter()
        .map(|answer| {
            let mut row = texts([answer.person.login.as_str()]);
            row.push(answer.person.id.map_or(Value::NULL, Value::UInt));
            row.push(answer.email.as_deref().map_or(Value::NULL, Value::from));
            row.push(now.clone());
            row
        })
        .collect();
    let columns = ["login", "github_id", "email", "looked_up_at"];
    let upsert = Upsert {
        what: "remembering public addresses",
        table: "erpnext_github_login",
        columns: &columns,
        updated: &columns[1..],
    };
    let mut tx = db.begin().await?;
    upsert.write(&mut tx, rows).await?;
    tx.commit().await
}
