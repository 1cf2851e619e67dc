//! Repositories as a list of one's own shows them.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Params, Value};

/// A repository as a list of one's own shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Card {
    /// Name of the document.
    pub name: String,
    /// `owner/name`.
    pub full_name: Option<String>,
    /// The part after the slash.
    pub repo_name: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// GitHub's visibility.
    pub visibility: Option<String>,
    /// When it was synced whole last, in the site's zone.
    pub last_synced: Option<String>,
}

/// Name, full name, last part, address, visibility and last sync, as the database gives them.
type CardFields = (
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// Repositories by name: all, or those of `names`.
///
/// # Errors
/// When the database cannot be read.
pub async fn cards(db: &Db, names: Option<&[String]>) -> Result<Vec<Card>, DbError> {
    if names.is_some_and(<[String]>::is_empty) {
        return Ok(Vec::new());
    }
    let chosen = names.map_or_else(String::new, |names| {
        format!(" WHERE name IN ({})", vec!["?"; names.len()].join(", "))
    });
    let sql = format!(
        "SELECT name, full_name, repo_name, url, visibility, CAST(last_synced AS CHAR) FROM `tabRepository`{chosen} ORDER BY name"
    );
    let params: Vec<Value> = names
        .unwrap_or_default()
        .iter()
        .map(|name| Value::from(name.as_str()))
        .collect();
    let params = if params.is_empty() {
        Params::Empty
    } else {
        Params::Positional(params)
    };
    let rows = db.rows("listing repositories", &sql, params).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (name, full_name, repo_name, url, visibility, last_synced) = CardFields::from_row(row);
            Card {
                name,
                full_name,
                repo_name,
                url,
                visibility,
                last_synced,
            }
        })
        .collect())
}
