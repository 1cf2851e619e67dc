//! Public e-mail addresses of logins that no ERP user claims: asked for rarely, remembered both ways.

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::Person;
use crate::frappe::db::{Db, DbError, Params, Value};
use crate::frappe::users::SiteUser;

use super::cell::time_value;
use super::people::People;
use super::upsert::{Upsert, texts};

/// How long an answer is remembered, "has no public address" included.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// The people of a site: users by id and login, and by addresses that GitHub gave before.
///
/// # Errors
/// When the database cannot be read.
pub async fn people(db: &Db, users: &[SiteUser]) -> Result<People, DbError> {
    let rows = db
        .rows(
            "reading public addresses",
            "SELECT login, email FROM `erpnext_github_login` WHERE email IS NOT NULL AND email <> ''",
            (),
        )
        .await?;
    let emails: Vec<(String, String)> = rows.into_iter().map(<(String, String)>::from_row).collect();
    Ok(People::new(users, &emails))
}

/// Persons in the mirror that no user is linked to, and whose address was not asked for within a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn to_look_up(db: &Db, people: &People, now: DateTime<Utc>) -> Result<Vec<Person>, DbError> {
    const WHAT: &str = "listing unmatched logins";
    let since = time_value((now - REMEMBERED).naive_utc());
    // Each arm reads an index on `user`; bots have no address.
    let sql = super::rows::CHILDREN
        .iter()
        .filter(|table| table.columns.contains(&"github_username"))
        .map(|table| {
            format!(
                "SELECT github_username AS login, github_id AS id FROM `{}` WHERE user IS NULL AND github_username IS NOT NULL",
                table.table
            )
        })
        .collect::<Vec<_>>()
        .join(" UNION ");
    let sql = format!(
        "SELECT p.login, p.id FROM ({sql}) p LEFT JOIN `erpnext_github_login` l ON l.login = p.login \
         WHERE (l.login IS NULL OR l.looked_up_at < ?) AND p.login NOT LIKE '%[bot]'"
    );
    let rows = db.rows(WHAT, &sql, (since,)).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (login, id) = <(String, Option<String>)>::from_row(row);
            Person {
                id: id.and_then(|id| id.parse().ok()),
                login,
            }
        })
        .filter(|person| people.user_of(person).is_none())
        .collect())
}

/// Remembers what GitHub said of `answers` (login, public address or none).
///
/// # Errors
/// When the database cannot be written.
pub async fn remember(db: &Db, answers: &[(Person, Option<String>)], now: DateTime<Utc>) -> Result<(), DbError> {
    let now = time_value(now.naive_utc());
    let rows = answers
        .iter()
        .map(|(person, email)| {
            let mut row = texts([person.login.as_str()]);
            row.push(person.id.map_or(Value::NULL, Value::UInt));
            row.push(
                email
                    .as_ref()
                    .map_or(Value::NULL, |email| Value::Bytes(email.as_bytes().to_vec())),
            );
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
    upsert.write(&mut db.conn().await?, rows).await
}

/// Links child rows whose person has a user by now, or another one than is stored; gives the number of rows that changed.
///
/// Rows are read first, so that nothing is written where nothing changed.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn relink(db: &Db, people: &People) -> Result<u64, DbError> {
    const WHAT: &str = "linking people";
    let mut changed = 0;
    for table in super::rows::CHILDREN
        .iter()
        .filter(|table| table.columns.contains(&"github_username"))
    {
        // Members hold the address of their user beside the link.
        let email = if table.columns.contains(&"email") {
            ", email = NULLIF(?, '')"
        } else {
            ""
        };
        let sql = format!(
            "SELECT DISTINCT github_username, github_id, IFNULL(user, '') FROM `{}` WHERE github_username IS NOT NULL",
            table.table
        );
        for row in db.rows(WHAT, &sql, ()).await? {
            let (login, id, stored) = <(String, Option<String>, String)>::from_row(row);
            let person = Person {
                id: id.and_then(|id| id.parse().ok()),
                login,
            };
            let user = people.user_of(&person).unwrap_or_default();
            if user == stored {
                continue;
            }
            let sql = format!(
                "UPDATE `{}` SET user = NULLIF(?, ''){email} WHERE github_username = ? AND IFNULL(user, '') = ?",
                table.table
            );
            let mut values = vec![user];
            if !email.is_empty() {
                values.push(people.email_of(user).unwrap_or_default());
            }
            values.extend([person.login.as_str(), stored.as_str()]);
            let params = texts(values);
            changed += db.exec(WHAT, &sql, Params::Positional(params)).await?;
        }
    }
    Ok(changed)
}
