//! Who is to read what: members of a repository, and the people of the Projects that are connected with it.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{DbConn, DbError, Value};

use super::{ROLE, WHAT};
use crate::store::upsert::{marks, texts};

/// Roles that run the integration. They see everything, and a row of ours would hide most of it from them.
pub const ADMINS: [&str; 2] = ["GitHub Admin", "System Manager"];
/// Roles that everybody has by himself.
const OF_EVERYBODY: [&str; 3] = ["All", "Desk User", "Guest"];

/// Members of repositories, and of each connected Project its owner, its manager and its users; then those of them who are to be
/// confined: enabled users of the desk who do not read everything by another role.
///
/// A Project and a repository are connected by a row of `GitHub Project Repository`, or from either side of the link; what a Project names
/// counts once it is remembered, which is when it was found that whoever linked it may do so.
const WANTED: &str = "WITH connected AS ( \
       SELECT p.name AS project, p.repository FROM `tabProject` p JOIN `erpnext_github_project_link` s \
       ON s.doctype = 'Project' AND s.name = p.name AND s.target = p.repository WHERE p.repository > '' \
       UNION SELECT project, name FROM `tabRepository` WHERE project > '' \
       UNION SELECT project, repository FROM `tabGitHub Project Repository`), \
     named AS ( \
       SELECT user, parent AS repository FROM `tabRepository Member` WHERE parenttype = 'Repository' AND user > '' \
       UNION SELECT p.owner, c.repository FROM connected c JOIN `tabProject` p ON p.name = c.project \
       UNION SELECT p.project_manager, c.repository FROM connected c JOIN `tabProject` p ON p.name = c.project \
       UNION SELECT m.user, c.repository FROM connected c JOIN `tabProject User` m ON m.parent = c.project AND m.parenttype = 'Project'), \
     wanted AS ( \
       SELECT u.name AS user, r.name AS repository FROM named n JOIN `tabUser` u ON u.name = n.user \
       JOIN `tabRepository` r ON r.name = n.repository \
       WHERE u.enabled = 1 AND u.user_type = 'System User' AND u.name NOT IN ('Administrator', 'Guest')";

/// What the site says of roles.
#[derive(Debug)]
pub(super) struct Rules {
    /// Roles that read our documents without us.
    readers: Vec<String>,
    /// The role can be given, and somebody needs it.
    active: bool,
}

impl Rules {
    /// Reads them. A site's own rows of permission replace all standard ones of a DocType. A role of ours that an administrator
    /// disabled or deleted is given to nobody.
    pub(super) async fn read(conn: &mut DbConn) -> Result<Self, DbError> {
        let sql = "SELECT 0, c.role FROM `tabCustom DocPerm` c \
             WHERE c.parent IN ('Repository', 'Repository Issue', 'Repository Pull Request') \
             AND c.`read` = 1 AND IFNULL(c.permlevel, 0) = 0 AND IFNULL(c.if_owner, 0) = 0 AND c.role > '' \
             UNION SELECT 0, s.role FROM `tabDocPerm` s \
             WHERE s.parent IN ('Repository', 'Repository Issue', 'Repository Pull Request') \
             AND s.`read` = 1 AND IFNULL(s.permlevel, 0) = 0 AND IFNULL(s.if_owner, 0) = 0 AND s.role > '' \
             AND NOT EXISTS (SELECT 1 FROM `tabCustom DocPerm` c WHERE c.parent = s.parent) \
             UNION SELECT 1, name FROM `tabRole` WHERE name = ? AND IFNULL(disabled, 0) = 0";
        let rows = conn.rows(WHAT, sql, (ROLE,)).await?;
        let (mut readers, mut there) = (Vec::from(ADMINS.map(str::to_owned)), false);
        for (is_ours, role) in rows.into_iter().map(<(bool, String)>::from_row) {
            there = there || is_ours;
            if role != ROLE && !readers.contains(&role) {
                readers.push(role);
            }
        }
        let everybody = readers.iter().any(|role| OF_EVERYBODY.contains(&role.as_str()));
        Ok(Self {
            readers,
            active: there && !everybody,
        })
    }

    /// The beginning of a statement that reads from `wanted` (user, repository), and its values.
    pub(super) fn wanted(&self) -> (String, Vec<Value>) {
        let off = if self.active { "" } else { " AND FALSE" };
        let (reads, values) = self.reads_otherwise("u.name");
        (format!("{WANTED}{off} AND NOT {reads}) "), values)
    }

    /// A condition: the user that `column` names reads everything by another role.
    pub(super) fn reads_otherwise(&self, column: &str) -> (String, Vec<Value>) {
        let condition = format!(
            "EXISTS (SELECT 1 FROM `tabHas Role` o WHERE o.parent = {column} AND o.parenttype = 'User' AND o.role IN ({}))",
            marks(self.readers.len())
        );
        (condition, texts(self.readers.iter().map(String::as_str)))
    }
}
