//! Giving and taking, in one transaction: nobody is ever seen with the role and without a row that confines him.

use std::collections::BTreeMap;

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Params, Value};
use crate::frappe::naming::random_name;
use crate::frappe::pending;

use super::difference::{Difference, Going};
use super::{ROLE, WHAT};
use crate::store::cell::time_value;
use crate::store::stamp::Stamp;
use crate::store::upsert::{NAMES, Upsert, marks, texts};

/// What the ledger keeps of a row of the role, so that a removal counts it as ours.
const ROLE_RECORD: &str = r#"{"wrote":{"role":"GitHub User"}}"#;

/// Reads the difference anew and writes it. Two processes do this one after the other, so that no row is made twice.
pub(super) async fn once(db: &Db, stamp: &Stamp) -> Result<Difference, DbError> {
    let mut tx = db.begin().await?;
    // The role's own row is the lock; where it is gone there is nothing but rows to remove.
    tx.rows(WHAT, "SELECT name FROM `tabRole` WHERE name = ? FOR UPDATE", (ROLE,))
        .await?;
    let difference = Difference::read(&mut tx).await?;
    if difference.is_empty() {
        tx.rollback().await?;
        return Ok(difference);
    }
    confine(&mut tx, stamp, &difference.confine).await?;
    give(&mut tx, stamp, &difference.give).await?;
    remove(&mut tx, "tabHas Role", &difference.take).await?;
    remove(&mut tx, "tabUser Permission", &difference.free).await?;
    let changed: Vec<&str> = difference
        .give
        .iter()
        .chain(difference.take.iter().map(|row| &row.user))
        .map(String::as_str)
        .collect();
    touch(&mut tx, stamp, &changed).await?;
    let users: Vec<&str> = difference.users().into_iter().collect();
    pending::note_drops(&mut tx, "User", &users).await?;
    tx.commit().await?;
    Ok(difference)
}

/// Name, owner, times and the other columns that every row has.
const STANDARD: [&str; 7] = ["name", "creation", "modified", "owner", "modified_by", "docstatus", "idx"];

fn standard(stamp: &Stamp, name: &str, idx: i64) -> Vec<Value> {
    let now = time_value(stamp.local_now());
    let mut values = texts([name]);
    values.extend([now.clone(), now]);
    values.extend(texts([stamp.user.as_str(), stamp.user.as_str()]));
    values.extend([Value::Int(0), Value::Int(idx)]);
    values
}

/// User Permissions, as the desk would make them.
async fn confine(conn: &mut DbConn, stamp: &Stamp, pairs: &[(String, String)]) -> Result<(), DbError> {
    let columns = [
        &STANDARD[..],
        &[
            "user",
            "allow",
            "for_value",
            "apply_to_all_doctypes",
            "is_default",
            "hide_descendants",
        ],
    ]
    .concat();
    let names: Vec<String> = pairs.iter().map(|_| random_name()).collect();
    let rows = pairs.iter().zip(&names).map(|((user, repository), name)| {
        let mut row = standard(stamp, name, 0);
        row.extend(texts([user.as_str(), "Repository", repository.as_str()]));
        row.extend([1, 0, 0].map(Value::Int));
        row
    });
    insert(conn, "tabUser Permission", &columns, rows.collect()).await?;
    record(conn, "tabUser Permission", &names, None).await
}

/// Rows of the role, each behind those that its user has.
async fn give(conn: &mut DbConn, stamp: &Stamp, users: &[String]) -> Result<(), DbError> {
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    for users in users.chunks(NAMES) {
        let sql = format!(
            "SELECT parent, MAX(idx) FROM `tabHas Role` WHERE parenttype = 'User' AND parent IN ({}) GROUP BY parent",
            marks(users.len())
        );
        let params = Params::Positional(texts(users.iter().map(String::as_str)));
        let rows = conn.rows(WHAT, &sql, params).await?;
        last.extend(rows.into_iter().map(<(String, i64)>::from_row));
    }
    let columns = [&STANDARD[..], &["parent", "parenttype", "parentfield", "role"]].concat();
    let names: Vec<String> = users.iter().map(|_| random_name()).collect();
    let rows = users.iter().zip(&names).map(|(user, name)| {
        let mut row = standard(stamp, name, last.get(user).copied().unwrap_or(0) + 1);
        row.extend(texts([user.as_str(), "User", "roles", ROLE]));
        row
    });
    insert(conn, "tabHas Role", &columns, rows.collect()).await?;
    record(conn, "tabHas Role", &names, Some(ROLE_RECORD)).await
}

async fn insert(conn: &mut DbConn, table: &str, columns: &[&str], rows: Vec<Vec<Value>>) -> Result<(), DbError> {
    let insert = Upsert {
        what: WHAT,
        table,
        columns,
        updated: &[],
    };
    insert.write(conn, rows).await
}

/// Writes rows into the ledger of what is ours.
async fn record(conn: &mut DbConn, table: &str, names: &[String], extra: Option<&str>) -> Result<(), DbError> {
    let entry = |name: &String| {
        let mut row = texts(["row", table, name.as_str()]);
        row.push(extra.map_or(Value::NULL, Value::from));
        row
    };
    let ledger = "erpnext_github_installed";
    insert(
        conn,
        ledger,
        &["kind", "tbl", "item", "extra"],
        names.iter().map(entry).collect(),
    )
    .await
}

/// Removes rows of ours, and strikes them out of the ledger.
async fn remove(conn: &mut DbConn, table: &str, rows: &[Going]) -> Result<(), DbError> {
    for rows in rows.chunks(NAMES) {
        let names = || texts(rows.iter().map(|row| row.name.as_str()));
        let marks = marks(rows.len());
        let sql = format!("DELETE FROM `{table}` WHERE name IN ({marks})");
        conn.exec(WHAT, &sql, Params::Positional(names())).await?;
        let sql = format!("DELETE FROM `erpnext_github_installed` WHERE kind = 'row' AND tbl = ? AND item IN ({marks})");
        conn.exec(WHAT, &sql, Params::Positional([texts([table]), names()].concat()))
            .await?;
    }
    Ok(())
}

/// A user with other roles is another document: a form that is open with the old ones must not be saved over them.
async fn touch(conn: &mut DbConn, stamp: &Stamp, users: &[&str]) -> Result<(), DbError> {
    for users in users.chunks(NAMES) {
        let sql = format!(
            "UPDATE `tabUser` SET modified = ?, modified_by = ? WHERE name IN ({})",
            marks(users.len())
        );
        let mut params = vec![time_value(stamp.local_now())];
        params.extend(texts([stamp.user.as_str()]));
        params.extend(texts(users.iter().copied()));
        conn.exec(WHAT, &sql, Params::Positional(params)).await?;
    }
    Ok(())
}
