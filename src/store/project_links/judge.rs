//! Who may connect a Project with a repository: whoever reads the Repository document, or works on it.
//!
//! A Project's link is a field that everybody may save who may write the Project, while it lets the Project's people read the mirror and
//! its manager write on GitHub. Frappe checks no right on what a link names. So each new link is held against the rights of
//! who saved the Project last; it counts once it is remembered, and one that is refused is taken back.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use mysql_async::prelude::FromRow;

use super::WHAT;
use super::read::Changed;
use crate::frappe::db::{DbError, Value};
use crate::frappe::notification::{self, Notice};
use crate::frappe::permissions::{Right, Roles, with_document};
use crate::frappe::site::Site;
use crate::store::access::{self, PROJECTS_MANAGER};
use crate::store::cell::time_of;
use crate::store::readers::{self, ADMINS};

/// The patch that made the place where links are remembered.
const REMEMBERED_BY: &str = "0005_create_desk_watch";

/// New links and what was found about them, by Project and repository.
#[derive(Debug, Default)]
pub(super) struct Judged(BTreeMap<(String, String), Judgement>);

#[derive(Debug)]
struct Judgement {
    /// Who is told of a refusal; none where an old copy came back, which nobody saved.
    saved_by: Option<String>,
    good: bool,
}

impl Judged {
    /// Looks at each new link of a Project. One to a repository that is not there is not judged, and connects nothing.
    pub(super) async fn of(site: &Site, projects: &[Changed], vouched: Option<(&str, &str)>) -> Result<Self, DbError> {
        let since = remembered_since(site).await?;
        let mut judged = BTreeMap::new();
        for one in projects.iter().filter(|one| !one.now.is_empty()) {
            let is_vouched = vouched.is_some_and(|(project, repository)| same(project, &one.name) && same(repository, &one.now));
            let is_from_before = one.saved_at.is_some_and(|saved| saved < since);
            let good = is_vouched || is_from_before || is_good(site, one).await?;
            if good || access::repository_named(site.db(), &one.now).await?.is_some() {
                let saved_by = Some(one.saved_by.clone()).filter(|_| !one.is_old_copy);
                judged.insert((one.name.clone(), one.now.clone()), Judgement { saved_by, good });
            }
        }
        Ok(Self(judged))
    }

    /// Whether a change may stand; none where nobody looked at it. To name nothing is everybody's right who may write the Project.
    pub(super) fn verdict(&self, one: &Changed) -> Option<bool> {
        if one.now.is_empty() {
            return Some(true);
        }
        let judgement = self.0.get(&(one.name.clone(), one.now.clone()))?;
        Some(judgement.good)
    }
}

async fn is_good(site: &Site, one: &Changed) -> Result<bool, DbError> {
    let db = site.db();
    // Who may write the Repository said the same there.
    if access::projects_of(db, &one.now)
        .await?
        .iter()
        .any(|project| same(project, &one.name))
    {
        return Ok(true);
    }
    let sql = "SELECT name, IFNULL(user_type, '') FROM `tabUser` WHERE name = ? AND enabled = 1";
    let Some(row) = db.row(WHAT, sql, (&one.saved_by,)).await? else {
        return Ok(false);
    };
    let (user, kind) = <(String, String)>::from_row(row);
    let roles = Roles::read(db, &user, kind == "System User").await?;
    Ok(ADMINS.iter().any(|role| roles.has(role))
        || readers::may_read(site, &roles, &one.now).await?
        || works_on(site, &roles, &one.now).await?)
}

/// Member with push permission, or manager of a Project that is connected with it already.
async fn works_on(site: &Site, roles: &Roles, repository: &str) -> Result<bool, DbError> {
    let (db, user) = (site.db(), roles.user());
    let projects = access::projects_of(db, repository).await?;
    if access::manages_any(db, user, &projects).await? || access::pushes(db, user, repository).await? {
        return Ok(true);
    }
    if roles.has(PROJECTS_MANAGER) {
        for project in &projects {
            if with_document(site, roles, "Project", project, Right::Write).await? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Since when links are remembered on this site, in its zone: what was saved before is left as it was found.
async fn remembered_since(site: &Site) -> Result<NaiveDateTime, DbError> {
    let sql = "SELECT MIN(applied_at) FROM `erpnext_github_patch` WHERE name = ?";
    let row = site.db().row(WHAT, sql, (REMEMBERED_BY,)).await?;
    let applied = row.and_then(|row| time_of(&<(Value,)>::from_row(row).0));
    let zone = site.zone().await?;
    Ok(applied.map(|applied| zone.to_local(applied.and_utc())).unwrap_or_default())
}

/// Those whose links were taken back learn it, and what to do.
pub(super) async fn tell(site: &Site, judged: &Judged) {
    let refused = judged.0.iter().filter(|(_, judgement)| !judgement.good);
    let refused = refused.filter_map(|(link, judgement)| Some((link, judgement.saved_by.as_deref()?)));
    for ((project, repository), user) in refused {
        tracing::info!(
            site = site.name(),
            path = format!("Project/{project}"),
            "a link to a repository was taken back: who made it may not read the repository"
        );
        let sentence = format!(
            "{project} was not connected with {repository}: you may not read that repository; ask a GitHub Admin to connect them, or to let you read it"
        );
        let notice = Notice {
            user,
            sentence: &sentence,
            document: Some(("Project", project)),
            good: false,
        };
        if let Err(error) = notification::send(site, notice).await {
            tracing::warn!(site = site.name(), %error, "nobody was told that a link was taken back");
        }
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
