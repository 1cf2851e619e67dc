//! Rows of Frappe's own logs, which version 14 numbers by a sequence and later versions name.

use mysql_async::prelude::FromRow;

use super::columns::Columns;
use super::db::{DbConn, DbError, Params, Value};
use super::naming::random_name;
use super::site::Site;
use super::zone::frappe_text;

/// Writes one row of a log's DocType by Administrator and gives its name. Columns that the site's version does not have are left out.
///
/// # Errors
/// When the database cannot be written.
pub(super) async fn insert(
    site: &Site,
    doctype: &str,
    what: &'static str,
    values: Vec<(&str, Value)>,
) -> Result<String, DbError> {
    let table = format!("tab{doctype}");
    let columns = Columns::probe(site.db(), &[table.as_str()]).await?;
    let now = frappe_text(site.zone().await?.to_local(site.clock().now()));
    // A transaction, so that work whose lease was lost tells nothing any more.
    let mut tx = site.db().begin().await?;
    let name = next_name(&mut tx, &columns, doctype, what).await?;
    let standard = [
        ("name", Value::from(&name)),
        ("owner", Value::from("Administrator")),
        ("modified_by", Value::from("Administrator")),
        ("creation", Value::from(&now)),
        ("modified", Value::from(&now)),
        ("docstatus", Value::from(0)),
        ("idx", Value::from(0)),
        // Present from version 15 in some: finds the row when only a line of our own log is at hand.
        ("trace_id", Value::from(&name)),
    ];
    let row = standard.into_iter().chain(values);
    let (names, values): (Vec<&str>, Vec<Value>) = row.filter(|(column, _)| columns.has(&table, column)).unzip();
    let marks = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO `{table}` (`{}`) VALUES ({marks})", names.join("`, `"));
    tx.exec(what, &sql, Params::Positional(values)).await?;
    tx.commit().await?;
    Ok(name)
}

/// Version 14 numbers its logs; sites that came from 13, and later versions, name them.
async fn next_name(conn: &mut DbConn, columns: &Columns, doctype: &str, what: &'static str) -> Result<String, DbError> {
    let kind = columns.type_of(&format!("tab{doctype}"), "name");
    if !kind.is_some_and(|kind| kind.starts_with("bigint")) {
        return Ok(random_name());
    }
    let sequence = doctype.to_lowercase().replace(' ', "_");
    let row = conn.row(what, &format!("SELECT NEXTVAL(`{sequence}_id_seq`)"), ()).await?;
    row.map(|row| <(u64,)>::from_row(row).0.to_string())
        .ok_or_else(|| DbError::Shape {
            what,
            reason: "the sequence gave no number".to_owned(),
        })
}
