//! Which Projects a delivery reached: child rows of `GitHub Event`, written in the transaction that ends the delivery.

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::domain::Matter;
use crate::frappe::db::{Db, DbConn, DbError, Params, Value};
use crate::frappe::naming::stable_child_name;

use super::cell::time_value;
use super::children;
use super::project_links::{Follower, followers_of};
use super::stamp::Stamp;
use super::upsert::{Upsert, in_order, marks, texts};

const DOCTYPE: &str = "GitHub Event Project";
/// How many deliveries are shown.
const SHOWN: usize = 10;

const COLUMNS: [&str; 11] = [
    "name",
    "creation",
    "modified",
    "owner",
    "modified_by",
    "docstatus",
    "idx",
    "parent",
    "parenttype",
    "parentfield",
    "project",
];

/// Whether a Project wants to be told of it.
fn wants(follower: &Follower, matter: Matter) -> bool {
    match matter {
        Matter::Repository => true,
        Matter::Issues => follower.issues,
        Matter::PullRequests => follower.pull_requests,
        Matter::Releases => follower.releases,
    }
}

/// Writes which Projects these deliveries of one repository reach, each by its id, and gives those Projects. A delivery that is processed once more
/// keeps what it reached before.
pub(super) async fn write(
    conn: &mut DbConn,
    stamp: &Stamp,
    repository_id: u64,
    deliveries: &[(&str, Matter)],
) -> Result<Vec<String>, DbError> {
    let followers = followers_of(conn, repository_id).await?;
    if followers.is_empty() {
        return Ok(Vec::new());
    }
    let (mut rows, mut reached) = (Vec::new(), Vec::new());
    for (delivery, matter) in deliveries {
        let told = followers.iter().filter(|one| wants(one, *matter));
        for (follower, idx) in told.zip(1_i64..) {
            rows.push(row(stamp, delivery, &follower.project, idx));
            if !reached.contains(&follower.project) {
                reached.push(follower.project.clone());
            }
        }
    }
    in_order(&mut rows);
    Upsert {
        what: "writing which projects a delivery reached",
        table: "tabGitHub Event Project",
        columns: &COLUMNS,
        updated: &["idx"],
    }
    .write(conn, rows)
    .await?;
    Ok(reached)
}

fn row(stamp: &Stamp, delivery: &str, project: &str, idx: i64) -> Vec<Value> {
    let now = time_value(stamp.local_now());
    let mut row = texts([stable_child_name(&[DOCTYPE, delivery, project]).as_str()]);
    row.extend([now.clone(), now]);
    row.extend(texts([children::OWNER, stamp.user.as_str()]));
    row.extend([Value::Int(0), Value::Int(idx)]);
    row.extend(texts([delivery, "GitHub Event", "projects", project]));
    row
}

/// A delivery that reached a Project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// Name of its document.
    pub name: String,
    /// Name of the Repository document.
    pub repository: String,
    /// GitHub's name of the event.
    pub event: String,
    /// What happened.
    pub action: Option<String>,
    /// What became of it.
    pub status: String,
    /// Login of the account that caused it.
    pub sender: Option<String>,
    /// When it came in, in the site's zone.
    pub received_at: Option<String>,
}

/// The columns of [`Reached`], as the database gives them.
type Fields = (String, String, String, Option<String>, String, Option<String>, Option<String>);

/// What reached a Project last of these repositories, which are those that whoever asks may read.
///
/// # Errors
/// When the database cannot be read.
pub async fn recent(db: &Db, project: &str, repositories: &[String]) -> Result<Vec<Reached>, DbError> {
    if repositories.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT e.name, r.name, IFNULL(e.event, ''), e.action, IFNULL(e.status, ''), e.sender, CAST(e.received_at AS CHAR) \
         FROM `tabGitHub Event Project` x JOIN `tabGitHub Event` e ON e.name = x.parent JOIN `tabRepository` r ON r.github_id = e.repository_id \
         WHERE x.project = ? AND r.name IN ({}) ORDER BY x.creation DESC, e.name LIMIT {SHOWN}",
        marks(repositories.len())
    );
    let mut values = vec![Value::from(project)];
    values.extend(repositories.iter().map(|name| Value::from(name.as_str())));
    let rows = db
        .rows("listing what reached a project", &sql, Params::Positional(values))
        .await?;
    let reached = |row| {
        let (name, repository, event, action, status, sender, received_at) = Fields::from_row(row);
        Reached {
            name,
            repository,
            event,
            action,
            status,
            sender,
            received_at,
        }
    };
    let mut all: Vec<Reached> = rows.into_iter().map(reached).collect();
    all.sort_by(|one, other| {
        other
            .received_at
            .cmp(&one.received_at)
            .then_with(|| one.name.cmp(&other.name))
    });
    Ok(all)
}
