//! A user is connected with an account: his row, and what his User says, in one transaction.

use mysql_async::prelude::FromRow;

use crate::domain::Person;
use crate::domain::text::cut_chars;
use crate::frappe::db::{Db, DbError, Params, Refusal, Tx, Value, retry_conflicts};
use crate::store::Stamp;
use crate::store::cell::time_value;
use crate::store::claims::{self, Claim};
use crate::store::lent;

use super::GrantRow;

const WHAT: &str = "connecting a user with GitHub";
/// Characters of a short column.
const SHORT: usize = 140;

/// What came of connecting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// He is connected; true where his User did not say so before.
    Connected(bool),
    /// This other user is that account, or is connected with it.
    Taken(String),
    /// There is no such user, or he is disabled.
    NoUser,
}

/// Connects `grant.user` with its account, whatever he was connected with before, unless somebody else is that account.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn make(db: &Db, stamp: &Stamp, grant: &GrantRow) -> Result<Made, DbError> {
    retry_conflicts(|| once(db, stamp, grant)).await
}

async fn once(db: &Db, stamp: &Stamp, grant: &GrantRow) -> Result<Made, DbError> {
    let person = Person {
        id: Some(grant.github_id),
        login: grant.login.clone(),
    };
    let mut tx = db.begin().await?;
    let claim = claims::claim_within(&mut tx, stamp, &grant.user, &person).await?;
    let is_new = match claim {
        Claim::Made => true,
        Claim::Known => false,
        Claim::Taken(other) => {
            tx.rollback().await?;
            return Ok(Made::Taken(other));
        }
        Claim::NoUser => {
            tx.rollback().await?;
            return Ok(Made::NoUser);
        }
    };
    if let Some(other) = leave_to(&mut tx, grant).await? {
        tx.rollback().await?;
        return Ok(Made::Taken(other));
    }
    // What he lent was that account's.
    let sql = "SELECT 1 FROM `erpnext_github_grant` WHERE user = ? AND github_id <> ? FOR UPDATE";
    if tx.row(WHAT, sql, (grant.user.as_str(), grant.github_id)).await?.is_some() {
        lent::take_back(&mut tx, &grant.user).await?;
    }
    // Not REPLACE, which would remove another user's row to make room.
    let sql = "DELETE FROM `erpnext_github_grant` WHERE user = ?";
    tx.exec(WHAT, sql, (grant.user.as_str(),)).await?;
    let sql = "INSERT INTO `erpnext_github_grant` (user, github_id, login, avatar_url, client_id, host, status, since, scopes, pair, \
               access_token, access_ends_at, refresh_token, refresh_ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    match tx.exec(WHAT, sql, Params::Positional(values(grant))).await {
        // Somebody took the account in this moment.
        Err(error) if error.refusal() == Some(Refusal::Duplicate) => {
            tx.rollback().await?;
            let taken = super::of_account(db, grant.github_id).await?;
            return Ok(Made::Taken(
                taken.map_or_else(|| "another user".to_owned(), |taken| taken.user),
            ));
        }
        done => done.map(drop)?,
    }
    tx.commit().await?;
    Ok(Made::Connected(is_new))
}

/// Makes room where the account was connected by a user whom nobody is any more, having been renamed or removed: GitHub is not asked to take that back, which
/// would end what is connected now. Gives who is that account still.
async fn leave_to(tx: &mut Tx, grant: &GrantRow) -> Result<Option<String>, DbError> {
    let sql = "SELECT g.user, u.name FROM `erpnext_github_grant` g LEFT JOIN `tabUser` u ON u.name = g.user \
               WHERE g.github_id = ? AND g.user <> ? FOR UPDATE";
    let row = tx.row(WHAT, sql, (grant.github_id, grant.user.as_str())).await?;
    let Some((other, is_there)) = row.map(<(String, Option<String>)>::from_row) else {
        return Ok(None);
    };
    if is_there.is_some() {
        return Ok(Some(other));
    }
    let sql = "DELETE FROM `erpnext_github_grant` WHERE user = ?";
    tx.exec(WHAT, sql, (other.as_str(),)).await?;
    lent::take_back(tx, &other).await?;
    Ok(None)
}

fn values(grant: &GrantRow) -> Vec<Value> {
    let mut values = vec![
        Value::from(grant.user.as_str()),
        Value::UInt(grant.github_id),
        Value::from(cut_chars(&grant.login, SHORT)),
        Value::from(cut_chars(&grant.avatar_url, SHORT * 10)),
        Value::from(cut_chars(&grant.client_id, SHORT)),
        Value::from(grant.host.as_str()),
        Value::from(grant.standing.as_str()),
        time_value(grant.since.naive_utc()),
        Value::from(grant.scopes.as_str()),
        Value::UInt(grant.tokens.number),
    ];
    values.extend(grant.tokens.values());
    values
}
