//! User Permissions: which documents a user is confined to.

use std::collections::{BTreeMap, BTreeSet};

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError};
use crate::frappe::singles;
use crate::frappe::site::Site;

use super::lately::Link;
use super::{Right, Roles, rules};

/// By DocType, the documents that a user is confined to when he looks at one certain DocType. Names compare without regard
/// to case, as MariaDB compares them.
struct Confined(BTreeMap<String, BTreeSet<String>>);

/// What the User Permissions of a user leave him of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// It, as one that they name.
    Named,
    /// It, as any of its DocType: none of them names one.
    Any,
    /// Not it.
    Nothing,
}

/// What the User Permissions of a user leave him of this document (`frappe/permissions.py`: `has_user_permission`).
pub(super) async fn leaves(site: &Site, roles: &Roles, doctype: &str, name: &str) -> Result<Left, DbError> {
    let db = site.db();
    let Some(confined) = Confined::read(site, roles.user(), doctype).await? else {
        return Ok(Left::Any);
    };
    let is_named = confined.0.contains_key(doctype) && confined.allows(doctype, name);
    if is_named && confined.links_of(site, doctype).await?.is_empty() {
        return Ok(Left::Named);
    }
    // Whoever may write User Permissions could let himself in anyway; Frappe does not hold him to them.
    if rules::grant(db, roles, "User Permission", Right::Write).await? == rules::Grant::OfAll {
        return Ok(Left::Any);
    }
    if !confined.allows(doctype, name) {
        return Ok(Left::Nothing);
    }
    let left = if is_named { Left::Named } else { Left::Any };
    let links = confined.links_of(site, doctype).await?;
    if links.is_empty() {
        return Ok(left);
    }
    let strict = singles::read_field(db, "System Settings", "apply_strict_user_permissions")
        .await?
        .is_some_and(|value| value.trim() == "1");
    for link in links {
        for value in link.values(db, doctype, name).await? {
            let fits = if value.is_empty() {
                !strict
            } else {
                confined.allows(&link.target, &value)
            };
            if !fits {
                return Ok(Left::Nothing);
            }
        }
    }
    Ok(left)
}

impl Confined {
    /// None for a user without any User Permission.
    async fn read(site: &Site, user: &str, doctype: &str) -> Result<Option<Self>, DbError> {
        const WHAT: &str = "reading User Permissions";
        let rows = site
            .db()
            .rows(
                WHAT,
                "SELECT IFNULL(allow, ''), IFNULL(for_value, ''), IFNULL(applicable_for, ''), IFNULL(hide_descendants, 0) \
                 FROM `tabUser Permission` WHERE user = ?",
                (user,),
            )
            .await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut allowed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (allow, value, applicable_for, hide_descendants) in rows.into_iter().map(<(String, String, String, bool)>::from_row) {
            if !applicable_for.is_empty() && applicable_for != doctype {
                continue;
            }
            if !hide_descendants {
                let below = descendants(site, &allow, &value).await?;
                allowed.entry(allow.clone()).or_default().extend(below);
            }
            allowed.entry(allow).or_default().insert(value.to_lowercase());
        }
        Ok(Some(Self(allowed)))
    }

    fn allows(&self, doctype: &str, name: &str) -> bool {
        self.0.get(doctype).is_none_or(|names| names.contains(&name.to_lowercase()))
    }

    /// Link fields of a document and of its child rows that lead to what this speaks of, and have a column.
    async fn links_of(&self, site: &Site, doctype: &str) -> Result<Vec<Link>, DbError> {
        let links = site.lately().links(site.db(), doctype).await?;
        let mut found = Vec::new();
        for link in links.iter().filter(|link| self.0.contains_key(&link.target)) {
            let columns = site.lately().columns(site.db(), &format!("tab{}", link.doctype)).await?;
            if columns.contains(&link.field) {
                found.push(link.clone());
            }
        }
        Ok(found)
    }
}

/// Documents below one of a tree; none for a DocType that is no tree.
async fn descendants(site: &Site, doctype: &str, name: &str) -> Result<Vec<String>, DbError> {
    const WHAT: &str = "reading a tree";
    let table = format!("tab{doctype}");
    let columns = site.lately().columns(site.db(), &table).await?;
    if table.contains('`') || !columns.contains("lft") || !columns.contains("rgt") {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT below.name FROM `{table}` top JOIN `{table}` below ON below.lft > top.lft AND below.rgt < top.rgt WHERE top.name = ?"
    );
    let rows = site.db().rows(WHAT, &sql, (name,)).await?;
    Ok(rows
        .into_iter()
        .map(|row| <(String,)>::from_row(row).0.to_lowercase())
        .collect())
}

impl Link {
    /// What the document, or its child rows, hold there; empty text for nothing.
    async fn values(&self, db: &Db, doctype: &str, name: &str) -> Result<Vec<String>, DbError> {
        const WHAT: &str = "reading a document's links";
        let Self {
            doctype: holder, field, ..
        } = self;
        let rows = if holder == doctype {
            let sql = format!("SELECT IFNULL(`{field}`, '') FROM `tab{holder}` WHERE name = ?");
            db.rows(WHAT, &sql, (name,)).await?
        } else {
            let sql = format!("SELECT DISTINCT IFNULL(`{field}`, '') FROM `tab{holder}` WHERE parent = ? AND parenttype = ?");
            db.rows(WHAT, &sql, (name, doctype)).await?
        };
        Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
    }
}
