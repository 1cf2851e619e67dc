//! The people of a site, as far as GitHub's people are linked to them.

use mysql_async::prelude::FromRow;

use super::columns::Columns;
use super::db::{Db, DbError};

/// A user who may be somebody on GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteUser {
    /// Name of the document, which is the address in lower case for all but the built-in users.
    pub name: String,
    /// E-mail address; none where it is empty.
    pub email: Option<String>,
    /// GitHub login, as somebody entered it.
    pub github_username: Option<String>,
    /// GitHub's number of the account.
    pub github_user_id: Option<u64>,
}

/// Name, address, login and number as the database gives them.
type Fields = (String, Option<String>, Option<String>, Option<String>);

/// All enabled users but Guest, by name. Fields that the site does not have (before we are installed) are empty.
///
/// # Errors
/// When the database cannot be read.
pub async fn people(db: &Db) -> Result<Vec<SiteUser>, DbError> {
    const WHAT: &str = "reading users";
    const TABLE: &str = "tabUser";
    let columns = Columns::probe(db, &[TABLE]).await?;
    let field = |name: &'static str| if columns.has(TABLE, name) { name } else { "NULL" };
    let sql = format!(
        "SELECT name, email, {}, CAST({} AS CHAR) FROM `tabUser` WHERE enabled = 1 AND name <> 'Guest' ORDER BY name",
        field("github_username"),
        field("github_user_id")
    );
    let rows = db.rows(WHAT, &sql, ()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (name, email, login, id) = Fields::from_row(row);
            SiteUser {
                name,
                email: filled(email),
                github_username: filled(login),
                // 0 is what an empty number field holds.
                github_user_id: filled(id).and_then(|id| id.parse().ok()).filter(|id| *id != 0),
            }
        })
        .collect())
}

/// The text without blanks around it, if anything is left.
fn filled(text: Option<String>) -> Option<String> {
    let text = text?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Whether there is an enabled user of that name who may open the desk.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_of_the_desk(db: &Db, user: &str) -> Result<bool, DbError> {
    let sql = "SELECT user_type = 'System User' OR name = 'Administrator' FROM `tabUser` WHERE name = ? AND enabled = 1";
    let row = db.row("reading a user", sql, (user,)).await?;
    Ok(row.is_some_and(|row| <(Option<i64>,)>::from_row(row).0 == Some(1)))
}
