//! `desk.project_overview`.

use serde_json::{Value, json};

use crate::store::overview::{self, BelongsTo};
use crate::store::{project_links, reached};

use super::releases;
use crate::actions::rights::Rights;
use crate::actions::{ActionError, Arguments};

/// The repositories of a Project that the caller may read: what is open, what waits for a review, and whether he works on them; and the releases that
/// belong to it, of whichever repository he may read.
pub(in crate::actions) async fn of_project(rights: &Rights<'_>, arguments: &Arguments) -> Result<Value, ActionError> {
    let db = rights.site.db();
    let project = arguments.required(&["project"])?;
    let mut names = Vec::new();
    for repository in overview::repositories_of(db, &project).await? {
        if rights.reads(&repository).await? {
            names.push(repository);
        }
    }
    let open = overview::open_items(db, &names).await?;
    let connections = project_links::connections_of(db, &project).await?;
    let mut repositories = Vec::with_capacity(names.len());
    for name in &names {
        let Some(entry) = overview::entry(db, name).await? else {
            continue;
        };
        let open = open.get(name).copied().unwrap_or_default();
        repositories.push(json!({
            "repository": entry.repository,
            "url": entry.url,
            "open_issues": open.issues,
            "open_pull_requests": open.pull_requests,
            "waiting_for_review": overview::waiting_for_review(db, name).await?,
            "last_synced": entry.last_synced,
            "latest_release": overview::latest_release(db, name).await?,
            "deliveries": overview::recent_deliveries(db, name).await?,
            "connection": connections.iter().find(|one| one.repository == *name),
            "may": {"work": rights.works_on(name).await?},
        }));
    }
    // What happened in a repository is for those who may read it.
    let reached = reached::recent(db, &project, &names).await?;
    // Who may write a Project may call the method that links one; the desk offers that to those who connect and disconnect.
    let leads = rights.leads(&project).await?;
    Ok(json!({
        "project": project,
        "repositories": repositories,
        "reached": reached,
        "releases": releases::readable(rights, BelongsTo::Project(&project)).await?,
        "may": {
            "link": leads,
            "connect": leads,
        },
    }))
}
