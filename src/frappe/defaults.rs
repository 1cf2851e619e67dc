//! Defaults of users and of the site: `tabDefaultValue`, User Permissions, Global Defaults.

use mysql_async::prelude::FromRow;

use super::db::{Db, DbError, Refusal};
use super::singles;

/// Companies that a question lists at most.
const COMPANIES: u32 = 50;

/// The company that Frappe would fill in for the user: his own default, the one that a User Permission gives him, the site's.
/// Where the site has just one company, that one. None where he has to say.
///
/// # Errors
/// When the database cannot be read.
pub async fn company_of(db: &Db, user: &str) -> Result<Option<String>, DbError> {
    for found in [
        default_of(db, user).await?,
        permitted(db, user).await?,
        singles::read_field(db, "Global Defaults", "default_company").await?,
        default_of(db, "__default").await?,
    ] {
        if let Some(company) = found.filter(|company| !company.trim().is_empty()) {
            return Ok(Some(company));
        }
    }
    let mut all = companies(db).await?;
    Ok(if all.len() == 1 { all.pop() } else { None })
}

/// Names of the site's companies, the first fifty.
///
/// # Errors
/// When the database cannot be read.
pub async fn companies(db: &Db) -> Result<Vec<String>, DbError> {
    let sql = format!("SELECT name FROM `tabCompany` ORDER BY name LIMIT {COMPANIES}");
    match db.rows("listing companies", &sql, ()).await {
        // A site without ERPNext's accounts.
        Err(error) if error.refusal() == Some(Refusal::Missing) => Ok(Vec::new()),
        rows => Ok(texts(rows?)),
    }
}

/// What is noted as default under `parent`, a user or the site.
async fn default_of(db: &Db, parent: &str) -> Result<Option<String>, DbError> {
    let rows = db
        .rows(
            "reading a default company",
            "SELECT IFNULL(defvalue, '') FROM `tabDefaultValue` WHERE parent = ? AND defkey = 'company' ORDER BY creation LIMIT 1",
            (parent,),
        )
        .await?;
    Ok(texts(rows).pop())
}

/// The company that User Permissions make his default: marked so, or the only one.
async fn permitted(db: &Db, user: &str) -> Result<Option<String>, DbError> {
    let rows = db
        .rows(
            "reading a default company",
            "SELECT IFNULL(for_value, '') FROM `tabUser Permission` WHERE user = ? AND allow = 'Company' \
             ORDER BY is_default DESC, for_value LIMIT 2",
            (user,),
        )
        .await?;
    let marked = db
        .row(
            "reading a default company",
            "SELECT 1 FROM `tabUser Permission` WHERE user = ? AND allow = 'Company' AND is_default = 1 LIMIT 1",
            (user,),
        )
        .await?;
    let mut found = texts(rows);
    Ok(match found.len() {
        0 => None,
        1 => found.pop(),
        _ => marked.map(|_| found.swap_remove(0)),
    })
}

fn texts(rows: Vec<super::db::Row>) -> Vec<String> {
    rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect()
}
