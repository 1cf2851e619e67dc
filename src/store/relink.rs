//! People who are somebody else in ERPNext than their rows say: the rows follow, and so does `modified` of their documents.

use std::collections::BTreeSet;

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Params, Value, retry_conflicts};

use super::applied::Touched;
use super::cell::time_value;
use super::logins::Mention;
use super::people::People;
use super::rows::DOCUMENTS;
use super::stamp::Stamp;
use super::upsert::{NAMES, marks, texts};

const WHAT: &str = "linking people";
/// What linking did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relinked {
    /// Child rows that have another user now, or none.
    pub rows: u64,
    /// Their documents.
    pub touched: Vec<Touched>,
}

/// Links the child rows of everybody in `mentions` who has a user by now, or another one than is stored, or none any more.
/// Where that is nobody, nothing is written.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn relink(db: &Db, stamp: &Stamp, people: &People, mentions: &[Mention]) -> Result<Relinked, DbError> {
    let mut rows = 0;
    let mut touched: BTreeSet<(&'static str, String)> = BTreeSet::new();
    for mention in mentions {
        let user = people.user_of(&mention.person).unwrap_or_default();
        if user == mention.user {
            continue;
        }
        let email = people.email_of(user).unwrap_or_default();
        let parents = parents(db, mention).await?;
        for chunk in parents.chunks(NAMES) {
            rows += retry_conflicts(|| write(db, stamp, mention, (user, email), chunk)).await?;
        }
        touched.extend(parents.into_iter().map(|name| (mention.table.parenttype, name)));
    }
    let modified = stamp.local_now();
    let touched = touched.into_iter().map(|(doctype, name)| Touched { doctype, name, modified });
    Ok(Relinked {
        rows,
        touched: touched.collect(),
    })
}

/// Condition for the rows of one mention, and its values. The id has an index.
fn rows_of(mention: &Mention) -> (&'static str, Vec<Value>) {
    let login = mention.person.login.as_str();
    let (user, parenttype) = (mention.user.as_str(), mention.table.parenttype);
    match mention.person.id.map(|id| id.to_string()) {
        Some(id) => (
            "github_id = ? AND github_username = ? AND IFNULL(user, '') = ? AND parenttype = ?",
            texts([id.as_str(), login, user, parenttype]),
        ),
        None => (
            "IFNULL(github_id, '') = '' AND github_username = ? AND IFNULL(user, '') = ? AND parenttype = ?",
            texts([login, user, parenttype]),
        ),
    }
}

/// Documents that have such a row.
async fn parents(db: &Db, mention: &Mention) -> Result<Vec<String>, DbError> {
    let (condition, params) = rows_of(mention);
    let sql = format!(
        "SELECT DISTINCT parent FROM `{}` WHERE {condition} ORDER BY parent",
        mention.table.table
    );
    let rows = db.rows(WHAT, &sql, Params::Positional(params)).await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}

/// One transaction; documents before their rows, as everywhere.
async fn write(
    db: &Db,
    stamp: &Stamp,
    mention: &Mention,
    (user, email): (&str, &str),
    parents: &[String],
) -> Result<u64, DbError> {
    let mut tx = db.begin().await?;
    let names = || texts(parents.iter().map(String::as_str));
    let marks = marks(parents.len());
    let mut written = vec![time_value(stamp.local_now())];
    written.extend(texts([stamp.user.as_str()]));
    for document in DOCUMENTS
        .iter()
        .filter(|document| document.doctype == mention.table.parenttype)
    {
        let sql = format!(
            "UPDATE `{}` SET modified = ?, modified_by = ? WHERE name IN ({marks})",
            document.table
        );
        let params = [written.clone(), names()].concat();
        tx.exec(WHAT, &sql, Params::Positional(params)).await?;
    }
    let mut set = "user = NULLIF(?, ''), modified = ?, modified_by = ?".to_owned();
    let mut params = [texts([user]), written].concat();
    // Members hold the address of their user beside the link.
    if mention.table.columns.contains(&"email") {
        set.push_str(", email = NULLIF(?, '')");
        params.extend(texts([email]));
    }
    let (condition, values) = rows_of(mention);
    params.extend(values);
    params.extend(names());
    let sql = format!(
        "UPDATE `{}` SET {set} WHERE {condition} AND parent IN ({marks})",
        mention.table.table
    );
    let rows = tx.exec(WHAT, &sql, Params::Positional(params)).await?;
    tx.commit().await?;
    Ok(rows)
}
