//! `GitHub Release Rule`: releases get the Project and the Task that a rule gives them.
//!
//! What a rule wrote is remembered beside the columns (`_rule_project`, `_rule_task`): a release that says something else was changed by somebody,
//! and is his. Rules are applied when a release is written, and to all when a rule is saved or deleted.
//!
//! A rule links its Project and its Task, which Frappe then deletes not before the rule. A release names them by text and keeps neither: it follows
//! renames of the Project (`project_names`), and says nothing any more where they are gone.

use std::collections::BTreeMap;

use mysql_async::prelude::FromRow;

use crate::domain::{Entity, Prereleases, ReleaseRule};
use crate::frappe::db::{Db, DbConn, DbError, Params, Row, Tx, Value, retry_conflicts};

use super::applied::{Applied, Counts, Touched};
use super::cell::time_value;
use super::project_names;
use super::rows::{Home, RELEASE};
use super::stamp::Stamp;
use super::upsert::{NAMES, marks, texts};

const WHAT: &str = "giving releases their Project";

/// The rules of each repository, the oldest first.
type Rules = BTreeMap<String, Vec<ReleaseRule>>;

/// Brings all releases in step with the rules; gives those that were written.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn settle(db: &Db, stamp: &Stamp) -> Result<Vec<Touched>, DbError> {
    retry_conflicts(|| settle_once(db, stamp)).await
}

async fn settle_once(db: &Db, stamp: &Stamp) -> Result<Vec<Touched>, DbError> {
    let mut tx = db.begin().await?;
    forget_tasks(&mut tx).await?;
    let rules = rules(&mut tx, None).await?;
    // One index each: those that a rule wrote, and those of repositories that have rules.
    let of_rules = format!("repository IN ({})", marks(rules.len()));
    let repositories = Params::Positional(texts(rules.keys().map(String::as_str)));
    let mut conditions = vec![("_rule_project > ''", Params::Empty), ("_rule_task > ''", Params::Empty)];
    if !rules.is_empty() {
        conditions.push((of_rules.as_str(), repositories));
    }
    let mut releases: Vec<Release> = Vec::new();
    for (condition, params) in conditions {
        releases.extend(Release::read(&mut tx, condition, params).await?);
    }
    releases.sort_by(|one, other| one.name.cmp(&other.name));
    releases.dedup_by(|next, kept| next.name == kept.name);
    let touched = write(&mut tx, stamp, &rules, releases).await?;
    tx.commit().await?;
    Ok(touched)
}

/// Takes Tasks that are gone from the releases that name them.
async fn forget_tasks(conn: &mut DbConn) -> Result<(), DbError> {
    let sql = "UPDATE `tabRepository Release` r LEFT JOIN `tabTask` t ON t.name = r.task SET r.task = NULL, r._rule_task = NULL \
               WHERE r.task > '' AND t.name IS NULL";
    conn.exec(WHAT, sql, ()).await.map(drop)
}

/// The Project and the Task that a release of that repository names, each empty where it names none; none where there is no such release.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_release(db: &Db, repository: &str, name: &str) -> Result<Option<(String, String)>, DbError> {
    let sql = "SELECT IFNULL(project, ''), IFNULL(task, '') FROM `tabRepository Release` WHERE name = ? AND repository = ?";
    let row = db.row("reading whose a release is", sql, (name, repository)).await?;
    Ok(row.map(FromRow::from_row))
}

/// Brings these releases in step with the rules of their repository.
pub(super) async fn of_releases(
    tx: &mut Tx,
    stamp: &Stamp,
    home: &Home<'_>,
    names: &[String],
    applied: &mut Applied,
) -> Result<(), DbError> {
    if names.is_empty() {
        return Ok(());
    }
    let rules = rules(tx, Some(home.repository)).await?;
    if rules.is_empty() {
        return Ok(());
    }
    for chunk in names.chunks(NAMES) {
        let condition = format!("name IN ({})", marks(chunk.len()));
        let params = Params::Positional(texts(chunk.iter().map(String::as_str)));
        let releases = Release::read(tx, &condition, params).await?;
        let touched = write(tx, stamp, &rules, releases).await?;
        applied.add(Entity::Release, &Counts::default(), touched);
    }
    Ok(())
}

/// The rules that are switched on and name something that is there. The Project of a Task counts where the rule names none.
async fn rules(conn: &mut DbConn, repository: Option<&str>) -> Result<Rules, DbError> {
    let of = if repository.is_some() { " AND g.repository = ?" } else { "" };
    let sql = format!(
        "SELECT g.repository, IFNULL(g.tag_pattern, ''), IFNULL(g.prereleases, ''), \
         IFNULL(p.name, IF(IFNULL(g.project, '') = '', IFNULL(o.name, ''), '')), IFNULL(t.name, '') FROM `tabGitHub Release Rule` g \
         LEFT JOIN `tabProject` p ON p.name = g.project LEFT JOIN `tabTask` t ON t.name = g.task \
         LEFT JOIN `tabProject` o ON o.name = t.project \
         WHERE g.enabled = 1 AND (p.name IS NOT NULL OR t.name IS NOT NULL){of} ORDER BY g.creation, g.name"
    );
    let params = repository.map_or(Params::Empty, |name| Params::Positional(texts([name])));
    let mut rules = Rules::new();
    for row in conn.rows(WHAT, &sql, params).await? {
        let (repository, tag_pattern, prereleases, project, task) = <(String, String, String, String, String)>::from_row(row);
        rules.entry(repository).or_default().push(ReleaseRule {
            tag_pattern,
            prereleases: Prereleases::of(&prereleases),
            project,
            task,
        });
    }
    Ok(rules)
}

/// What a release says.
struct Release {
    name: String,
    repository: String,
    tag: String,
    prerelease: bool,
    /// Project and Task.
    says: (String, String),
    /// What a rule wrote last.
    wrote: (String, String),
}

impl Release {
    async fn read(conn: &mut DbConn, condition: &str, params: Params) -> Result<Vec<Self>, DbError> {
        let sql = format!(
            "SELECT name, repository, IFNULL(tag_name, ''), prerelease, IFNULL(project, ''), IFNULL(task, ''), \
             IFNULL(_rule_project, ''), IFNULL(_rule_task, '') \
             FROM `tabRepository Release` WHERE {condition}"
        );
        let rows = conn.rows(WHAT, &sql, params).await?;
        Ok(rows.into_iter().map(Self::of).collect())
    }

    fn of(row: Row) -> Self {
        let (name, repository, tag, prerelease, project, task, rule_project, rule_task) =
            <(String, String, String, bool, String, String, String, String)>::from_row(row);
        Self {
            name,
            repository,
            tag,
            prerelease,
            says: (project, task),
            wrote: (rule_project, rule_task),
        }
    }

    /// What it is to say, where that is something else; none where somebody said what it says.
    fn wanted(&self, rules: &Rules) -> Option<(String, String)> {
        let rule = rules
            .get(&self.repository)
            .and_then(|rules| ReleaseRule::of(rules, &self.tag, self.prerelease));
        let wanted = rule.map(|rule| (rule.project.clone(), rule.task.clone())).unwrap_or_default();
        (self.says == self.wrote && wanted != self.says).then_some(wanted)
    }
}

async fn write(conn: &mut DbConn, stamp: &Stamp, rules: &Rules, releases: Vec<Release>) -> Result<Vec<Touched>, DbError> {
    let mut touched = Vec::new();
    let modified = stamp.local_now();
    for release in releases {
        let Some((project, task)) = release.wanted(rules) else {
            continue;
        };
        // What somebody says meanwhile is his.
        let sql = "UPDATE `tabRepository Release` SET project = NULLIF(?, ''), task = NULLIF(?, ''), _rule_project = NULLIF(?, ''), \
                   _rule_task = NULLIF(?, ''), modified = ?, modified_by = ? \
                   WHERE name = ? AND IFNULL(project, '') = ? AND IFNULL(task, '') = ?";
        let mut values = texts([project.as_str(), &task, &project, &task]);
        values.push(time_value(modified));
        values.extend(texts([stamp.user.as_str(), &release.name, &release.says.0, &release.says.1]));
        let values: Vec<Value> = values;
        if conn.exec(WHAT, sql, Params::Positional(values)).await? > 0 {
            project_names::note(conn, &project).await?;
            touched.push(Touched {
                doctype: RELEASE.doctype,
                name: release.name,
                modified,
            });
        }
    }
    Ok(touched)
}
