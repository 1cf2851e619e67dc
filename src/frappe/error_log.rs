//! The Error Log: where administrators look when something failed.

use crate::domain::text::cut_chars;

use super::db::{DbError, Value};
use super::log_rows;
use super::site::Site;

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
    let text = if cut_chars(title, TITLE_MAX).len() < title.len() {
        format!("{title}\n\n{text}")
    } else {
        text.to_owned()
    };
    let (doctype, document) = reference.unzip();
    let reference = |text: Option<&str>| Value::from(text.map(|text| cut_chars(text, REFERENCE_MAX)));
    let row = vec![
        ("seen", Value::from(0)),
        ("method", Value::from(cut_chars(title, TITLE_MAX))),
        ("error", Value::from(text)),
        ("reference_doctype", reference(doctype)),
        ("reference_name", reference(document)),
    ];
    log_rows::insert(site, "Error Log", "writing an Error Log", row).await
}
