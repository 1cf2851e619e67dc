//! Which account on GitHub a User says that he is. One account is one user: a claim that somebody else has is refused by name.

use mysql_async::prelude::FromRow;

use crate::domain::Person;
use crate::frappe::db::{Db, DbConn, DbError, retry_conflicts};
use crate::frappe::pending;

use super::cell::time_value;
use super::stamp::Stamp;

const WHAT: &str = "linking a user with an account on GitHub";

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is written.
    Made,
    /// It was so before.
    Known,
    /// This other user is that account.
    Taken(String),
    /// There is no such user, or he is disabled.
    NoUser,
}

/// What a User says of his account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claimed {
    /// Login as it is written there; empty for none.
    pub login: String,
    /// GitHub's number of the account.
    pub id: Option<u64>,
}

/// What `user` says; none where there is no such user.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_user(db: &Db, user: &str) -> Result<Option<Claimed>, DbError> {
    let sql = "SELECT IFNULL(github_username, ''), IFNULL(github_user_id, '') FROM `tabUser` WHERE name = ?";
    let row = db.row(WHAT, sql, (user,)).await?;
    Ok(row.map(|row| {
        let (login, id) = <(String, String)>::from_row(row);
        Claimed {
            login: login.trim().to_owned(),
            id: id.trim().parse().ok().filter(|id| *id != 0),
        }
    }))
}

/// Writes that `user` is `person`, whose id must be known, into his document, unless somebody else is that account. Where it stands
/// there already nothing is written.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn claim(db: &Db, stamp: &Stamp, user: &str, person: &Person) -> Result<Claim, DbError> {
    retry_conflicts(|| once(db, stamp, user, person)).await
}

async fn once(db: &Db, stamp: &Stamp, user: &str, person: &Person) -> Result<Claim, DbError> {
    let mut tx = db.begin().await?;
    let done = claim_within(&mut tx, stamp, user, person).await?;
    if done == Claim::Made {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(done)
}

/// Like [`claim`], in the transaction of `tx`: its end is the caller's.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) async fn claim_within(tx: &mut DbConn, stamp: &Stamp, user: &str, person: &Person) -> Result<Claim, DbError> {
    let id = person.id.map(|id| id.to_string()).unwrap_or_default();
    let login = person.login.as_str();
    // Whoever claims the same just now waits here, or meets us: the index on the login is locked where the login would stand.
    let sql = "SELECT name FROM `tabUser` WHERE name <> ? AND (github_user_id = ? \
               OR (github_username = ? AND IFNULL(github_user_id, '') IN ('', '0', ?))) ORDER BY name LIMIT 1 FOR UPDATE";
    let other = tx.row(WHAT, sql, (user, id.as_str(), login, id.as_str())).await?;
    if let Some(other) = other {
        return Ok(Claim::Taken(<(String,)>::from_row(other).0));
    }
    let sql = "SELECT IFNULL(github_username, ''), IFNULL(github_user_id, '') FROM `tabUser` \
               WHERE name = ? AND enabled = 1 AND name <> 'Guest' FOR UPDATE";
    let before = tx.row(WHAT, sql, (user,)).await?.map(<(String, String)>::from_row);
    let done = match before {
        None => Claim::NoUser,
        Some((before_login, before_id)) if before_login == login && before_id == id => Claim::Known,
        Some(_) => Claim::Made,
    };
    if done != Claim::Made {
        return Ok(done);
    }
    let sql = "UPDATE `tabUser` SET github_username = ?, github_user_id = ?, modified = ?, modified_by = ? WHERE name = ?";
    let params = (login, id.as_str(), time_value(stamp.local_now()), stamp.user.as_str(), user);
    tx.exec(WHAT, sql, params).await?;
    pending::note_drop(tx, "User", user).await?;
    Ok(done)
}

/// A user of the desk who says of no account that he is it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclaimed {
    /// Name of the document.
    pub user: String,
    /// His address.
    pub email: String,
}

/// Enabled users of the desk with an address and without an account, by name. An address that two users have is nobody's.
///
/// # Errors
/// When the database cannot be read.
pub async fn unclaimed(db: &Db) -> Result<Vec<Unclaimed>, DbError> {
    let sql = "SELECT u.name, u.email FROM `tabUser` u WHERE u.enabled = 1 AND u.user_type = 'System User' \
               AND u.name NOT IN ('Administrator', 'Guest') AND u.email > '' AND u.name NOT LIKE 'github-integration@%' \
               AND IFNULL(u.github_username, '') = '' AND IFNULL(u.github_user_id, '') IN ('', '0') \
               AND NOT EXISTS (SELECT 1 FROM `tabUser` o WHERE o.email = u.email AND o.name <> u.name AND o.enabled = 1) ORDER BY u.name";
    let rows = db.rows("listing users without an account", sql, ()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (user, email) = <(String, String)>::from_row(row);
            Unclaimed {
                user,
                email: email.trim().to_owned(),
            }
        })
        .collect())
}
