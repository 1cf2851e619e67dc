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
    let column = right.column();
    let rows_of = |table: &str, own: u8| {
        format!(
            "SELECT {own}, IFNULL(role, ''), IFNULL(if_owner, 0), IFNULL(permlevel, 0) = 0 AND `{column}` = 1 FROM `{table}` WHERE parent = ?"
        )
    };
    let sql = format!("{} UNION ALL {}", rows_of("tabCustom DocPerm", 1), rows_of("tabDocPerm", 0));
    let rows = db.rows("reading permissions", &sql, (doctype, doctype)).await?;
    let rows: Vec<(bool, String, bool, bool)> = rows.into_iter().map(FromRow::from_row).collect();
    let has_own = rows.iter().any(|(own, ..)| *own);
    let counting = rows.into_iter().filter(|(own, _, _, grants)| *own == has_own && *grants);
    Ok(counting.map(|(_, role, if_owner, _)| (role, if_owner)).collect())
}
