//! `desk.activity_feed`: what was done in a repository, or in those that a Project follows.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::store::feed::{self, Place, Scope};
use crate::store::{overview, project_links};

use super::rights::{Rights, known_repository};
use super::{ActionError, Arguments, PROJECT, REPOSITORY, answer};

/// Entries of a page where nothing is said, and the bounds.
const PAGE: (u64, (u64, u64)) = (20, (1, 100));
/// Days that are counted where nothing is said, and the bounds.
const DAYS: (u64, (u64, u64)) = (30, (1, 365));

/// A page of entries, the place to begin the next one `before`, and with the first page how much was done lately.
pub(super) async fn of(rights: &Rights<'_>, arguments: &Arguments) -> Result<Value, ActionError> {
    let db = rights.site.db();
    let scopes = if arguments.text_of(&REPOSITORY).is_some() {
        vec![Scope::all(&known_repository(rights.site, arguments).await?)]
    } else {
        of_project(rights, &arguments.required(&[PROJECT])?).await?
    };
    let before = match arguments.text("before") {
        Some(text) => Some(Place::of(&text).ok_or_else(|| {
            ActionError::invalid("before must be what the page before gave as next: leave it out to begin with the newest")
        })?),
        None => None,
    };
    let most = usize::try_from(arguments.bounded("limit", PAGE.0, PAGE.1)).unwrap_or(20);
    let (entries, next) = feed::entries(db, &scopes, before.as_ref(), most).await?;
    let mut page = json!({"entries": entries, "next": next.map(|place| place.text())});
    if before.is_none() {
        let days = arguments.bounded("days", DAYS.0, DAYS.1);
        let since = rights.site.clock().now() - TimeDelta::days(i64::try_from(days).unwrap_or(365));
        let since = rights.site.zone().await?.to_local(since);
        page["counts"] = answer(feed::counts(db, &scopes, since).await?)?;
        page["period_days"] = days.into();
    }
    Ok(page)
}

/// What a Project follows, as far as the caller may read it.
async fn of_project(rights: &Rights<'_>, project: &str) -> Result<Vec<Scope>, ActionError> {
    let db = rights.site.db();
    let connections = project_links::connections_of(db, project).await?;
    let mut scopes = Vec::new();
    for repository in overview::repositories_of(db, project).await? {
        let scope = match connections.iter().find(|one| one.repository == repository) {
            Some(one) if !one.following => continue,
            Some(one) => Scope {
                repository,
                issues: one.service_issues,
                pull_requests: one.service_pull_requests,
            },
            // Linked a moment ago: its row is made at the next look at the desk.
            None => Scope::all(&repository),
        };
        if rights.reads(&scope.repository).await? {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}
