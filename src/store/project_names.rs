//! Names of Projects that are kept as text follow a rename.
//!
//! Frappe renames the values of Link fields itself, and refuses to delete what a Link names. So what is history (the Projects that a `GitHub Event`
//! reached), what an installation of the App was made for, what a release belongs to, and what is noted beside links names Projects by text. A rename changes neither `creation` nor `owner` of a Project: who is
//! connected is noted with both, and found under its new name by them. A Project that is gone stays in the history under the name that it had;
//! an installation for it is for none any more, and whoever installed it chooses another one. Releases of one that is gone belong to the one that it was merged
//! into, or to none, until a rule says something else; so do those that name what never was a Project.

use std::collections::BTreeMap;

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Value, retry_conflicts};
use crate::frappe::markup::escape;

use super::upsert::{marks, texts};

const WHAT: &str = "following renames of Projects";

/// Table, column, and which rows of it name Projects.
const PLACES: [(&str, &str, &str); 6] = [
    ("tabGitHub Event Project", "project", "1 = 1"),
    ("tabGitHub App Installation", "originating_project", "1 = 1"),
    ("tabRepository Release", "project", "1 = 1"),
    ("tabRepository Release", "_rule_project", "1 = 1"),
    ("erpnext_github_project_link", "name", "doctype IN ('Project', 'Project row')"),
    (
        "erpnext_github_project_link",
        "target",
        "doctype IN ('Repository', 'Repository row')",
    ),
];

/// Names that are noted and no Project has any more, by the creation and owner it was noted with.
const GONE: &str = "SELECT k.name, k.creation, k.owner FROM `erpnext_github_project_name` k \
                    LEFT JOIN `tabProject` p ON p.name = k.name AND p.creation = k.creation WHERE p.name IS NULL";
/// Projects that are connected, that the App was installed for, or that have releases, and not noted.
const NEW: &str = "SELECT DISTINCT p.name, p.creation, IFNULL(p.owner, '') FROM (SELECT project FROM `tabGitHub Project Repository` \
                   UNION SELECT originating_project FROM `tabGitHub App Installation` WHERE originating_project > '' \
                   UNION SELECT project FROM `tabRepository Release` WHERE project > '') c \
                   JOIN `tabProject` p ON p.name = c.project LEFT JOIN `erpnext_github_project_name` k ON k.name = p.name \
                   WHERE k.name IS NULL AND p.creation IS NOT NULL";

/// Releases that name a Project which is not there and never was: somebody wrote it by REST or an import, where nothing holds text against anything.
const UNKNOWN: &str = "`tabRepository Release` r LEFT JOIN `tabProject` p ON p.name = r.project \
                       LEFT JOIN `erpnext_github_project_name` k ON k.name = r.project";
const IS_UNKNOWN: &str = "r.project > '' AND p.name IS NULL AND k.name IS NULL";

/// What became of Projects that are named by text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Former and present names.
    pub renamed: BTreeMap<String, String>,
    /// Names that no Project has any more: it was deleted, or merged into another one.
    pub gone: Vec<String>,
    /// So many releases named a Project that never was, and name none now.
    pub cleared: u64,
}

/// Renames what names a Project that was renamed, and says what became of which. Where nothing changed, three statements read and none writes.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn settle(db: &Db) -> Result<Settled, DbError> {
    let mut conn = db.conn().await?;
    let mut differs = false;
    for sql in [GONE, NEW, &format!("SELECT 1 FROM {UNKNOWN} WHERE {IS_UNKNOWN}")] {
        differs = differs || conn.row(WHAT, &format!("{sql} LIMIT 1"), ()).await?.is_some();
    }
    drop(conn);
    if !differs {
        return Ok(Settled::default());
    }
    retry_conflicts(|| settle_once(db)).await
}

async fn settle_once(db: &Db) -> Result<Settled, DbError> {
    let mut tx = db.begin().await?;
    let (mut renamed, mut gone) = (BTreeMap::new(), Vec::new());
    for row in tx.rows(WHAT, GONE, ()).await? {
        let (name, creation, owner) = <(String, Value, String)>::from_row(row);
        if let Some(present) = present_name(&mut tx, creation, &owner).await? {
            renamed.insert(name.clone(), present);
        } else {
            leave(&mut tx, &name).await?;
            gone.push(name.clone());
        }
        tx.exec(WHAT, "DELETE FROM `erpnext_github_project_name` WHERE name = ?", (name,))
            .await?;
    }
    if !renamed.is_empty() {
        for place in PLACES {
            rename(&mut tx, place, &renamed).await?;
        }
    }
    let present = renamed.values().map(String::as_str);
    let names: Vec<Value> = texts(present);
    if !names.is_empty() {
        let sql = format!(
            "INSERT INTO `erpnext_github_project_name` (name, creation, owner) SELECT name, creation, IFNULL(owner, '') FROM `tabProject` \
             WHERE name IN ({}) ON DUPLICATE KEY UPDATE creation = VALUES(creation), owner = VALUES(owner)",
            marks(names.len())
        );
        tx.exec(WHAT, &sql, names).await?;
    }
    let sql = format!("INSERT IGNORE INTO `erpnext_github_project_name` (name, creation, owner) {NEW}");
    tx.exec(WHAT, &sql, ()).await?;
    let sql = format!("UPDATE {UNKNOWN} SET r.project = NULL, r._rule_project = NULL WHERE {IS_UNKNOWN}");
    let cleared = tx.exec(WHAT, &sql, ()).await?;
    tx.commit().await?;
    Ok(Settled { renamed, gone, cleared })
}

/// What the Project of that creation and owner is called now; none where there is none, or nobody can say which one it is.
async fn present_name(conn: &mut DbConn, creation: Value, owner: &str) -> Result<Option<String>, DbError> {
    let sql = "SELECT p.name FROM `tabProject` p LEFT JOIN `erpnext_github_project_name` k ON k.name = p.name AND k.creation = p.creation \
               WHERE p.creation = ? AND IFNULL(p.owner, '') = ? AND k.name IS NULL LIMIT 2";
    let rows = conn.rows(WHAT, sql, (creation, owner)).await?;
    let mut names = rows.into_iter().map(|row| <(String,)>::from_row(row).0);
    Ok(names.next().filter(|_| names.next().is_none()))
}

/// What named a Project which is gone. Installations that were made for it: it was merged into the one that has what they connected, or they are for none.
/// Releases belong to the one that it was merged into, where Frappe's trail says which; else to none, whoever said so.
async fn leave(conn: &mut DbConn, project: &str) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub App Installation` SET originating_project = (SELECT IF(COUNT(DISTINCT c.project) = 1, MIN(c.project), NULL) \
               FROM `tabGitHub Project Repository` c WHERE c._installation = CAST(installation_id AS UNSIGNED)), \
               reason = IF(originating_project IS NULL, ?, reason) WHERE originating_project = ?";
    let reason = format!("the Project {project} is gone: choose another one");
    conn.exec(WHAT, sql, (reason, project)).await?;
    let heir = heir(conn, project).await?;
    // Of what a rule gave, the rule goes on to say it: Frappe has it name the other Project by now.
    for condition in ["project = ?", "_rule_project = ?"] {
        let sql = format!(
            "UPDATE `tabRepository Release` SET project = IF(project = ?, ?, project), _rule_project = IF(_rule_project = ?, ?, NULL) \
             WHERE {condition}"
        );
        let heir = heir.as_deref();
        conn.exec(WHAT, &sql, (project, heir, project, heir, project)).await?;
    }
    match heir {
        Some(heir) => note(conn, &heir).await,
        None => Ok(()),
    }
}

/// The Project that one which is gone was merged into; none where it was deleted. A merge leaves a comment of both names on the one that stays, and the
/// other one among the deleted documents, both of whoever did it and within a moment: what somebody else wrote into a comment says nothing.
async fn heir(conn: &mut DbConn, project: &str) -> Result<Option<String>, DbError> {
    let sql = "SELECT p.name FROM `tabComment` c JOIN `tabProject` p ON p.name = c.reference_name \
               JOIN `tabDeleted Document` d ON d.deleted_doctype = 'Project' AND d.deleted_name = ? AND d.owner = c.owner \
               AND d.modified BETWEEN c.creation - INTERVAL 10 MINUTE AND c.creation + INTERVAL 10 MINUTE \
               WHERE c.reference_doctype = 'Project' AND c.comment_type = 'Edit' AND p.name <> ? \
               AND (INSTR(c.content, ?) > 0 OR INSTR(c.content, ?) > 0) ORDER BY c.creation DESC LIMIT 1";
    let marked = |name: &str| format!(">{name}</");
    let params = (project, project, marked(project), marked(&escape(project)));
    Ok(conn.row(WHAT, sql, params).await?.map(|row| <(String,)>::from_row(row).0))
}

/// Notes a Project that is named by text from now on, so that a rename is followed which comes before the next look.
///
/// # Errors
/// When the database cannot be written.
pub(super) async fn note(conn: &mut DbConn, project: &str) -> Result<(), DbError> {
    let sql = "INSERT IGNORE INTO `erpnext_github_project_name` (name, creation, owner) SELECT name, creation, IFNULL(owner, '') \
               FROM `tabProject` WHERE name = ? AND creation IS NOT NULL";
    conn.exec(WHAT, sql, (project,)).await.map(drop)
}

/// All at once, so that two Projects may have changed names with each other. A row that would stand beside one of the new name stays as it is, and is
/// settled as that of a Project that is gone.
async fn rename(
    conn: &mut DbConn,
    (table, column, condition): (&str, &str, &str),
    renamed: &BTreeMap<String, String>,
) -> Result<(), DbError> {
    let cases = vec!["WHEN ? THEN ?"; renamed.len()].join(" ");
    let sql = format!(
        "UPDATE IGNORE `{table}` SET `{column}` = CASE `{column}` {cases} ELSE `{column}` END WHERE `{column}` IN ({}) AND {condition}",
        marks(renamed.len())
    );
    let pairs = renamed.iter().flat_map(|(from, to)| [from.as_str(), to.as_str()]);
    let params: Vec<Value> = texts(pairs.chain(renamed.keys().map(String::as_str)));
    conn.exec(WHAT, &sql, params).await.map(drop)
}
