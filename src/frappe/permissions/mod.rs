//! What a user may do with a document, as Frappe decides it: roles, ownership, User Permissions, shares.
//!
//! For DocTypes without permission hooks, which ours are. What ERPNext's documents allow is asked of the bench, where hooks
//! and scripts have their say.

mod confined;
mod lately;
mod roles;
mod rules;

use mysql_async::prelude::FromRow;

pub use lately::Lately;
pub use roles::Roles;

use super::db::{Db, DbError};
use super::site::Site;
use confined::Left;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Look at it.
    Read,
    /// Change it.
    Write,
    /// Make a new one.
    Create,
    /// Remove it.
    Delete,
}

impl Right {
    /// The column of `tabDocPerm`.
    fn column(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Create => "create",
            Self::Delete => "delete",
        }
    }
}

/// Whether somebody may do this with documents of `doctype` at all; which ones is said for each.
///
/// # Errors
/// When the database cannot be read.
pub async fn with_any(db: &Db, roles: &Roles, doctype: &str, right: Right) -> Result<bool, DbError> {
    if roles.is_administrator() {
        return Ok(true);
    }
    Ok(match rules::grant(db, roles, doctype, right).await? {
        rules::Grant::OfAll => true,
        rules::Grant::OfOwner => right == Right::Read,
        rules::Grant::None => false,
    })
}

/// Whether somebody may do this with the document; false for one that is not there.
///
/// # Errors
/// When the database cannot be read.
pub async fn with_document(site: &Site, roles: &Roles, doctype: &str, name: &str, right: Right) -> Result<bool, DbError> {
    may(site, roles, (doctype, name), right, None).await
}

/// The same, where the role `named_alone` counts only for documents that User Permissions name, and for none where there are no such.
///
/// # Errors
/// When the database cannot be read.
pub async fn with_named_document(
    site: &Site,
    roles: &Roles,
    document: (&str, &str),
    right: Right,
    named_alone: &str,
) -> Result<bool, DbError> {
    may(site, roles, document, right, Some(named_alone)).await
}

async fn may(
    site: &Site,
    roles: &Roles,
    (doctype, name): (&str, &str),
    right: Right,
    named_alone: Option<&str>,
) -> Result<bool, DbError> {
    const WHAT: &str = "reading who owns a document";
    let db = site.db();
    let sql = format!("SELECT name, IFNULL(owner, '') FROM `tab{doctype}` WHERE name = ?");
    let Some(row) = db.row(WHAT, &sql, (name,)).await? else {
        return Ok(false);
    };
    // The name as it is stored: MariaDB finds it in any case.
    let (name, owner) = <(String, String)>::from_row(row);
    if roles.is_administrator() {
        return Ok(true);
    }
    let owns = owner.to_lowercase() == roles.user().to_lowercase();
    let left = match rules::grant(db, roles, doctype, right).await? {
        rules::Grant::OfAll => confined::leaves(site, roles, doctype, &name).await?,
        // What only owners may do, an owner may whatever he is confined to.
        rules::Grant::OfOwner if owns => Left::Named,
        rules::Grant::OfOwner | rules::Grant::None => Left::Nothing,
    };
    match (left, named_alone.filter(|role| roles.has(role))) {
        // The others of his roles may let him all the same.
        (Left::Any, Some(role)) => return Box::pin(may(site, &roles.without(role), (doctype, &name), right, None)).await,
        (Left::Any | Left::Named, _) => return Ok(true),
        (Left::Nothing, _) => {}
    }
    shared(db, roles.user(), doctype, &name, right).await
}

/// Whether the document was shared with the user, or with everybody, for this.
async fn shared(db: &Db, user: &str, doctype: &str, name: &str, right: Right) -> Result<bool, DbError> {
    const WHAT: &str = "reading shares";
    let column = match right {
        Right::Read | Right::Write => right.column(),
        Right::Create | Right::Delete => return Ok(false),
    };
    let sql = format!(
        "SELECT 1 FROM `tabDocShare` WHERE share_doctype = ? AND share_name = ? AND `{column}` = 1 AND (user = ? OR everyone = 1) LIMIT 1"
    );
    Ok(db.row(WHAT, &sql, (doctype, name, user)).await?.is_some())
}
