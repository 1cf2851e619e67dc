//! What must be given and taken, read in a few statements that look at all users and repositories at once.

use std::collections::{BTreeMap, BTreeSet};

use mysql_async::prelude::FromRow;

use crate::frappe::db::{DbConn, DbError, Params};

use super::wanted::Rules;
use super::{NO_REPOSITORY, ROLE, WHAT};

/// A row of ours is one that the ledger names, and that nobody edited since: an edited one belongs to who edited it.
pub(super) const IS_OURS: &str = "(i.item IS NOT NULL AND p.modified = p.creation)";
/// Finds a User Permission `p` in the ledger.
pub(super) const IN_LEDGER: &str =
    "LEFT JOIN `erpnext_github_installed` i ON i.kind = 'row' AND i.tbl = 'tabUser Permission' AND i.item = p.name";
/// A User Permission that confines to a repository in every DocType; one for a single DocType would leave the others open.
pub(super) const CONFINES: &str = "p.allow = 'Repository' AND IFNULL(p.applicable_for, '') = ''";

/// A row of ours that goes, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Going {
    pub(super) name: String,
    pub(super) user: String,
}

/// What must be written so that everybody reads what he is to read.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// Users who get a User Permission, and for which repository.
    pub(super) confine: Vec<(String, String)>,
    /// User Permissions of ours that go.
    pub(super) free: Vec<Going>,
    /// Users who get the role.
    pub(super) give: Vec<String>,
    /// Rows of the role that go.
    pub(super) take: Vec<Going>,
}

/// Somebody who has the role.
struct Holder {
    row: Going,
    /// The sidecar gave it.
    by_us: bool,
    /// He reads everything by another role.
    reads_otherwise: bool,
    /// People confined him.
    confined_by_people: bool,
}

impl Difference {
    /// Reads it; it is empty where everything is as it should be.
    pub(super) async fn read(conn: &mut DbConn) -> Result<Self, DbError> {
        let rules = Rules::read(conn).await?;
        let mut found = Self::default();
        let to_nothing = found.pairs(conn, &rules).await?;
        let mut wanted = users(conn, &rules).await?;
        let mut bare = BTreeMap::new();
        let mut held = BTreeSet::new();
        for holder in holders(conn, &rules).await? {
            let user = holder.row.user.to_lowercase();
            if wanted.contains_key(&user) {
                held.insert(user);
            } else if holder.by_us {
                found.take.push(holder.row);
            } else if !holder.reads_otherwise && !holder.confined_by_people {
                bare.insert(user, holder.row.user);
            }
        }
        found.confine_to_nothing(bare, to_nothing);
        wanted.retain(|user, _| !held.contains(user));
        found.give = wanted.into_values().collect();
        Ok(found)
    }

    /// True where nothing is to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.confine.is_empty() && self.free.is_empty() && self.give.is_empty() && self.take.is_empty()
    }

    /// Everybody whom it concerns.
    pub(super) fn users(&self) -> BTreeSet<&str> {
        let confined = self.confine.iter().map(|(user, _)| user);
        let rows = self.free.iter().chain(&self.take).map(|going| &going.user);
        confined.chain(rows).chain(&self.give).map(String::as_str).collect()
    }

    /// Adds pairs of user and repository that are wanted and missing, and rows of ours that no longer are. Gives rows of ours that
    /// confine to nothing. Sets are compared by grouping: a join of one with the other would look at each of a user's rows for each of
    /// his repositories.
    async fn pairs(&mut self, conn: &mut DbConn, rules: &Rules) -> Result<Vec<Going>, DbError> {
        let (wanted, values) = rules.wanted();
        let sql = format!(
            "{wanted} SELECT MAX(d.wanted), d.user, d.repository, MAX(d.ours) FROM ( \
             SELECT user, repository, 1 AS wanted, 0 AS theirs, '' AS ours FROM wanted \
             UNION ALL SELECT IFNULL(p.user, ''), IFNULL(p.for_value, ''), 0, IF({IS_OURS}, 0, 1), IF({IS_OURS}, p.name, '') \
             FROM `tabUser Permission` p {IN_LEDGER} WHERE {CONFINES}) d \
             GROUP BY d.user, d.repository \
             HAVING (MAX(d.wanted) = 1 AND MAX(d.theirs) = 0 AND MAX(d.ours) = '') OR (MAX(d.wanted) = 0 AND MAX(d.ours) <> '')"
        );
        let rows = conn.rows(WHAT, &sql, Params::Positional(values)).await?;
        let mut to_nothing = Vec::new();
        for (is_wanted, user, repository, name) in rows.into_iter().map(<(bool, String, String, String)>::from_row) {
            if is_wanted {
                self.confine.push((user, repository));
            } else if repository == NO_REPOSITORY {
                to_nothing.push(Going { name, user });
            } else {
                self.free.push(Going { name, user });
            }
        }
        Ok(to_nothing)
    }

    /// Whom people gave the role and who has no repository is confined to nothing: without any row he would read everything, and the
    /// role is not ours to take. `there` are the rows that do so already.
    fn confine_to_nothing(&mut self, mut bare: BTreeMap<String, String>, there: Vec<Going>) {
        for row in there {
            if bare.remove(&row.user.to_lowercase()).is_none() {
                self.free.push(row);
            }
        }
        let missing = bare.into_values().map(|user| (user, NO_REPOSITORY.to_owned()));
        self.confine.extend(missing);
    }
}

/// Users who are to read something, by their names in lower case.
async fn users(conn: &mut DbConn, rules: &Rules) -> Result<BTreeMap<String, String>, DbError> {
    let (wanted, values) = rules.wanted();
    let sql = format!("{wanted} SELECT DISTINCT user FROM wanted");
    let rows = conn.rows(WHAT, &sql, Params::Positional(values)).await?;
    let users = rows.into_iter().map(|row| <(String,)>::from_row(row).0);
    Ok(users.map(|user| (user.to_lowercase(), user)).collect())
}

/// Everybody who has the role.
async fn holders(conn: &mut DbConn, rules: &Rules) -> Result<Vec<Holder>, DbError> {
    let (reads, mut values) = rules.reads_otherwise("h.parent");
    let sql = format!(
        "SELECT h.name, IFNULL(h.parent, ''), l.item IS NOT NULL, {reads} OR h.parent = 'Administrator', \
         EXISTS (SELECT 1 FROM `tabUser Permission` p {IN_LEDGER} WHERE p.user = h.parent AND {CONFINES} AND NOT {IS_OURS}) \
         FROM `tabHas Role` h LEFT JOIN `erpnext_github_installed` l ON l.kind = 'row' AND l.tbl = 'tabHas Role' AND l.item = h.name \
         WHERE h.role = ? AND h.parenttype = 'User'"
    );
    values.push(ROLE.into());
    let rows = conn.rows(WHAT, &sql, Params::Positional(values)).await?;
    let holder = |row| {
        let (name, user, by_us, reads_otherwise, confined_by_people) = <(String, String, bool, bool, bool)>::from_row(row);
        Holder {
            row: Going { name, user },
            by_us,
            reads_otherwise,
            confined_by_people,
        }
    };
    Ok(rows.into_iter().map(holder).collect())
}
