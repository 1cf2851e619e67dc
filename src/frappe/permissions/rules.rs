//! What roles may do with documents of a type: `tabDocPerm`, or `tabCustom DocPerm` where a site has its own.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError};

use super::{Right, Roles};

/// What the roles of somebody grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    /// Nothing.
    None,
    /// Only with documents that he owns.
    OfOwner,
    /// With every document.
    OfAll,
}

/// What `roles` grant of `right`, apart from what is said of single documents.
pub(super) async fn grant(db: &Db, roles: &Roles, doctype: &str, right: Right) -> Result<Grant, DbError> {
    let mut best = Grant::None;
    for (role, if_owner) in granting(db, doctype, right).await? {
        if !roles.has(&role) {
            continue;
        }
        if !if_owner || right == Right::Create {
            return Ok(Grant::OfAll);
        }
        best = Grant::OfOwner;
    }
    Ok(best)
}

/// Roles that grant a right at level 0, and whether to owners alone. One row of a site's own replaces all standard ones.
async fn granting(db: &Db, doctype: &str, right: Right) -> Result<Vec<(String, bool)>, DbError> {
    const WHAT: &str = "reading permissions";
    let column = right.column();
    let own = db
        .row(WHAT, "SELECT 1 FROM `tabCustom DocPerm` WHERE parent = ? LIMIT 1", (doctype,))
        .await?
        .is_some();
    let table = if own { "tabCustom DocPerm" } else { "tabDocPerm" };
    let sql = format!(
        "SELECT IFNULL(role, ''), IFNULL(if_owner, 0) FROM `{table}` WHERE parent = ? AND IFNULL(permlevel, 0) = 0 AND `{column}` = 1"
    );
    let rows = db.rows(WHAT, &sql, (doctype,)).await?;
    Ok(rows.into_iter().map(<(String, bool)>::from_row).collect())
}
