//! Which account on GitHub an integration is for. Through the App an account has one: the one that holds its number, which a unique index keeps from
//! being held twice.

use mysql_async::prelude::FromRow;

use crate::domain::text::cut_chars;
use crate::domain::{AuthType, Owner};
use crate::frappe::db::{Db, DbConn, DbError, Params, Refusal, Value, retry_conflicts};
use crate::frappe::pending;

use super::Stamp;
use super::cell::{DATA, time_value};
use super::integration_documents::IntegrationRow;
use super::integrations::DOCTYPE;
use super::lent;
use super::upsert::marks;

const WHAT: &str = "noting the account of an integration";
/// Characters of an address of a picture that its column holds.
const PICTURE: usize = 500;

/// Of an integration `i`: the other one that is its account's through the App, if there is one. One whose number nobody looked up yet goes by its login.
pub(super) const HOLDER: &str = "(SELECT h.name FROM `tabGitHub Integration` h WHERE h.app_account_id > '' AND h.auth_type = 'GitHub App' \
     AND h.name <> i.name AND (h.app_account_id = i.account_id OR (IFNULL(i.account_id, '') = '' AND h.account_login = i.account_login)) LIMIT 1)";

/// What came of noting an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The integration that has the account already; empty where this one has it.
    pub holder: String,
    /// `modified` of the document by now.
    pub modified: String,
}

/// Notes which account the integration `row` is for, as GitHub says, with its installation's document where there is one; and that it holds the account,
/// where no other one does. None where somebody has entered another account meanwhile.
///
/// # Errors
/// When the database cannot be read or written; then nothing is changed.
pub async fn hold(
    db: &Db,
    stamp: &Stamp,
    row: &IntegrationRow,
    account: &Owner,
    installation: Option<&str>,
) -> Result<Option<Noted>, DbError> {
    retry_conflicts(|| async {
        // Another one may take the account between the look and the write: then the index decides, and the next look finds who has it.
        for _ in 0..3 {
            match try_hold(db, stamp, row, account, installation).await {
                Err(error) if error.refusal() == Some(Refusal::Duplicate) => {}
                other => return other,
            }
        }
        Ok(None)
    })
    .await
}

async fn try_hold(
    db: &Db,
    stamp: &Stamp,
    row: &IntegrationRow,
    account: &Owner,
    installation: Option<&str>,
) -> Result<Option<Noted>, DbError> {
    let mut tx = db.begin().await?;
    let sql = "SELECT auth_type, IFNULL(account_login, '') FROM `tabGitHub Integration` WHERE name = ? FOR UPDATE";
    let found = tx.row(WHAT, sql, (row.name.as_str(),)).await?;
    let is_same = |(way, login): (String, String)| {
        let known = [row.account_login.as_str(), account.login.as_str()];
        AuthType::of(&way) == Some(AuthType::App) && known.iter().any(|one| one.eq_ignore_ascii_case(&login))
    };
    if !found.map(FromRow::from_row).is_some_and(is_same) {
        return Ok(None);
    }
    let id = account.id.to_string();
    let sql = "UPDATE `tabGitHub Integration` SET app_account_id = NULL WHERE app_account_id = ? AND auth_type <> 'GitHub App'";
    tx.exec(WHAT, sql, (id.as_str(),)).await?;
    let sql = "SELECT name FROM `tabGitHub Integration` WHERE app_account_id = ? AND name <> ? FOR UPDATE";
    let other = tx.row(WHAT, sql, (id.as_str(), row.name.as_str())).await?;
    let holder = other.map_or_else(String::new, |row| <(String,)>::from_row(row).0);
    write(&mut tx, stamp, (&row.name, holder.is_empty()), account, installation).await?;
    let sql = "SELECT CAST(modified AS CHAR) FROM `tabGitHub Integration` WHERE name = ?";
    let modified = tx.row(WHAT, sql, (row.name.as_str(),)).await?;
    let modified = modified.map_or_else(String::new, |row| <(String,)>::from_row(row).0);
    tx.commit().await?;
    Ok(Some(Noted { holder, modified }))
}

/// Writes all that is known of the account in one statement, where it says something new.
async fn write(
    tx: &mut DbConn,
    stamp: &Stamp,
    (name, is_holder): (&str, bool),
    account: &Owner,
    installation: Option<&str>,
) -> Result<(), DbError> {
    let id = account.id.to_string();
    let columns = [
        ("account_login", Value::from(cut_chars(&account.login, DATA))),
        ("account_id", Value::from(id.as_str())),
        ("account_type", Value::from(account.kind.as_str())),
        ("account_avatar_url", Value::from(cut_chars(&account.avatar_url, PICTURE))),
        (
            "app_account_id",
            if is_holder { Value::from(id.as_str()) } else { Value::NULL },
        ),
    ];
    // A picture is not told everywhere, and an installation not known by a document everywhere.
    let columns: Vec<(&str, Value)> = columns
        .into_iter()
        .filter(|(column, _)| *column != "account_avatar_url" || !account.avatar_url.is_empty())
        .chain(installation.map(|name| ("installation", Value::from(name))))
        .collect();
    let set: Vec<String> = columns.iter().map(|(column, _)| format!("{column} = ?")).collect();
    let same: Vec<String> = columns
        .iter()
        .map(|(column, _)| format!("BINARY {column} <=> BINARY ?"))
        .collect();
    let sql = format!(
        "UPDATE `tabGitHub Integration` SET {}, modified = GREATEST(modified, ?), modified_by = ? WHERE name = ? AND NOT ({})",
        set.join(", "),
        same.join(" AND ")
    );
    let values = || columns.iter().map(|(_, value)| value.clone());
    let mut all: Vec<Value> = values().collect();
    all.extend([
        time_value(stamp.local_now()),
        Value::from(stamp.user.as_str()),
        Value::from(name),
    ]);
    all.extend(values());
    if tx.exec(WHAT, &sql, Params::Positional(all)).await? > 0 {
        pending::note_drop(tx, DOCTYPE, name).await?;
    }
    Ok(())
}

/// An integration that is none of the App holds no account.
///
/// # Errors
/// When the database cannot be written.
pub async fn release(db: &Db, name: &str) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub Integration` SET app_account_id = NULL WHERE name = ? AND auth_type <> 'GitHub App'";
    db.exec(WHAT, sql, (name,)).await.map(drop)
}

/// The account of that number was called `from` and is called `to`: its installations and its integrations say so, whatever else they are. Documents keep
/// their names. True where something here is that account's.
///
/// # Errors
/// When the database cannot be written.
pub async fn renamed(db: &Db, stamp: &Stamp, account: u64, (from, to): (&str, &str)) -> Result<bool, DbError> {
    let id = account.to_string();
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let sql = "UPDATE `tabGitHub App Installation` SET account_login = ?, modified = ?, modified_by = ? \
                   WHERE account_id = ? AND account_login = ? AND deleted_on_github = 0";
        let now = time_value(stamp.local_now());
        let to = cut_chars(to, DATA);
        tx.exec(WHAT, sql, (to, now, stamp.user.as_str(), id.as_str(), from)).await?;
        // What GitHub says by now is read all the same: this word may be an old one.
        let sql = "UPDATE `tabGitHub App Installation` SET _told = _told + 1, _failures = 0, _not_before = ? WHERE account_id = ? \
                   AND deleted_on_github = 0 AND IFNULL(processing, '') <> 'unmatched_user'";
        tx.exec(WHAT, sql, (time_value(stamp.now.naive_utc()), id.as_str())).await?;
        follow(&mut tx, stamp, &id, (from, to)).await?;
        let sql = "SELECT 1 FROM `tabGitHub App Installation` WHERE account_id = ? AND deleted_on_github = 0 \
                   UNION SELECT 1 FROM `tabGitHub Integration` WHERE account_id = ?";
        let is_here = tx.row(WHAT, sql, (id.as_str(), id.as_str())).await?.is_some();
        tx.commit().await?;
        Ok(is_here)
    })
    .await
}

/// The integrations of an account show its new login. One in which somebody has entered another account meanwhile is left as he saved it.
pub(super) async fn follow(tx: &mut DbConn, stamp: &Stamp, account: &str, (from, to): (&str, &str)) -> Result<(), DbError> {
    let sql = "SELECT name FROM `tabGitHub Integration` WHERE account_id = ? AND account_login = ? FOR UPDATE";
    let rows = tx.rows(WHAT, sql, (account, from)).await?;
    let names: Vec<String> = rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect();
    if names.is_empty() {
        return Ok(());
    }
    // An open form must not bring the old login back.
    let sql = format!(
        "UPDATE `tabGitHub Integration` SET account_login = ?, modified = GREATEST(modified, ?), modified_by = ? WHERE name IN ({})",
        marks(names.len())
    );
    let mut values = vec![
        Value::from(to),
        time_value(stamp.local_now()),
        Value::from(stamp.user.as_str()),
    ];
    values.extend(names.iter().map(|name| Value::from(name.as_str())));
    tx.exec(WHAT, &sql, Params::Positional(values)).await?;
    lent::follow(tx, &names, (from, to)).await?;
    pending::note_drops(tx, DOCTYPE, &names).await
}
