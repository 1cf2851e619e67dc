//! The Error Log: where administrators look when something failed.

use mysql_async::prelude::FromRow;

use crate::domain::text::cut_chars;

use super::columns::Columns;
use super::db::{DbConn, DbError, Params, Value};
use super::naming::random_name;
use super::site::Site;
use super::zone::frappe_text;

const TABLE: &str = "tabError Log";
const WHAT: &str = "writing an Error Log";
/// `method`, which the desk shows as title, is a varchar(140).
const TITLE_MAX: usize = 140;
/// A reference may be as long as a name.
const REFERENCE_MAX: usize = 140;

/// Writes one row and gives its name. A title that is too long is cut, and repeated in full before the text. `reference` is
/// doctype and name of the document that it is about. Nothing secret may be in any of it.
///
/// The table is no transactional one: the row stays, whatever becomes of a transaction around it.
///
/// # Errors
/// When the database cannot be written.
pub async fn write(site: &Site, title: &str, text: &str, reference: Option<(&str, &str)>) -> Result<String, DbError> {
    let columns = Columns::probe(site.db(), &[TABLE]).await?;
    let now = frappe_text(site.zone().await?.to_local(site.clock().now()));
    let mut conn = site.db().conn().await?;
    let name = next_name(&mut conn, &columns).await?;
    let text = if cut_chars(title, TITLE_MAX).len() < title.len() {
        format!("{title}\n\n{text}")
    } else {
        text.to_owned()
    };
    let (doctype, document) = reference.unzip();
    let reference = |text: Option<&str>| Value::from(text.map(|text| cut_chars(text, REFERENCE_MAX)));
    let row = [
        ("name", Value::from(&name)),
        ("owner", Value::from("Administrator")),
        ("modified_by", Value::from("Administrator")),
        ("creation", Value::from(&now)),
        ("modified", Value::from(&now)),
        ("docstatus", Value::from(0)),
        ("idx", Value::from(0)),
        ("seen", Value::from(0)),
        ("method", Value::from(cut_chars(title, TITLE_MAX))),
        ("error", Value::from(text)),
        ("reference_doctype", reference(doctype)),
        ("reference_name", reference(document)),
        // Present from version 15: finds the row when only a line of our own log is at hand.
        ("trace_id", Value::from(&name)),
    ];
    let (names, values): (Vec<&str>, Vec<Value>) = row.into_iter().filter(|(column, _)| columns.has(TABLE, column)).unzip();
    let marks = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO `{TABLE}` (`{}`) VALUES ({marks})", names.join("`, `"));
    conn.exec(WHAT, &sql, Params::Positional(values)).await?;
    Ok(name)
}

/// Version 14 numbers its logs; sites that came from 13, and later versions, name them.
async fn next_name(conn: &mut DbConn, columns: &Columns) -> Result<String, DbError> {
    if !columns.type_of(TABLE, "name").is_some_and(|kind| kind.starts_with("bigint")) {
        return Ok(random_name());
    }
    let row = conn.row(WHAT, "SELECT NEXTVAL(`error_log_id_seq`)", ()).await?;
    row.map(|row| <(u64,)>::from_row(row).0.to_string())
        .ok_or_else(|| DbError::Shape {
            what: WHAT,
            reason: "the sequence gave no number".to_owned(),
        })
}
