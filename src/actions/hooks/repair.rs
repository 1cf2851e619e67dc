//! Hooks that are looked at because it is their turn, or because something is wrong.

use std::collections::BTreeSet;

use crate::domain::RepoName;
use crate::frappe::db::DbError;
use crate::github::HookHome;
use crate::store::hooks::{self, Home, HookRow};
use crate::store::lease::{self, Taken};
use crate::store::repositories;
use crate::sync::SyncContext;
use crate::webhook::hooks::{Ensured, Ensuring, Target, Waits};

use super::super::ActionError;
use super::hand::OfContext;

/// Looks at the hooks that are due, and mends what is wrong with them; gives how many were looked at. One process does it at a time.
///
/// # Errors
/// When the database cannot be used. What GitHub refuses is noted with the hook, and tried again later.
pub async fn repair(context: &SyncContext) -> Result<u64, ActionError> {
    let db = context.site.db();
    let Taken::Ours(lease) = lease::take(db, "job:repair_hooks", &context.owner).await? else {
        return Ok(0);
    };
    let beating = lease.keep_alive(db);
    let result = repair_due(context).await;
    drop(beating);
    lease.release(db).await?;
    result
}

async fn repair_due(context: &SyncContext) -> Result<u64, ActionError> {
    let mut looked = 0;
    // What GitHub limits for one it limits for all that have the same credential; what is wrong with that is wrong for them, too.
    let mut out = BTreeSet::new();
    for row in hooks::due(context.site.db(), context.site.clock().now()).await? {
        if context.checkpoint().await.is_err() {
            break;
        }
        if !hooks::is_managed(context.site.db(), &row.home).await? {
            // Switched off while the others were looked at.
            continue;
        }
        match one(context, &row, &mut out).await {
            Ok(()) => {}
            Err(error @ ActionError::Db(_)) => return Err(error),
            Err(ActionError::Github(error)) if error.is_stopped() => break,
            Err(error) => {
                tracing::warn!(site = context.site.name(), repository = row.name, error = %error, "a webhook is not as it should be");
            }
        }
        looked += 1;
    }
    Ok(looked)
}

async fn one(context: &SyncContext, row: &HookRow, out: &mut BTreeSet<String>) -> Result<(), ActionError> {
    let db = context.site.db();
    let Some((target, repository, repository_id)) = target(context, row).await? else {
        // A hook whose repository has no name here any more can be asked for by none.
        return Ok(hooks::forget(db, &row.home).await?);
    };
    let (context, group) = &match row.left_integration.as_deref().filter(|_| row.is_leaving) {
        Some(integration) => context.of_repository_let_go(repository.as_str(), integration).await?,
        None => context.of_repository(repository.as_str()).await?,
    };
    if out.contains(group) {
        return Ok(());
    }
    let ensuring = Ensuring {
        site: &context.site,
        client: &context.client,
        owner: &context.owner,
        resolver: &context.resolver,
        waits: Waits::No,
    };
    let hand = OfContext {
        context,
        repository,
        repository_id,
    };
    let ensured = ensuring.look(&target, row, &hand).await;
    match ensured {
        Ok(Ensured::Created(_) | Ensured::Repaired(_) | Ensured::Removed) => {
            tracing::info!(
                site = context.site.name(),
                repository = row.name,
                "a webhook was brought in order"
            );
            Ok(())
        }
        Ok(Ensured::Right(_) | Ensured::Covered(_)) => Ok(()),
        // Where the repository is gone, its hook is gone with it.
        Err(ActionError::Github(error)) if row.is_leaving && error.is_gone() => Ok(hooks::forget(db, &row.home).await?),
        Err(error) => {
            if matches!(&error, ActionError::Github(error) if error.until().is_some() || error.is_outage()) {
                out.insert(group.clone());
            }
            Err(error)
        }
    }
}

/// Where the hook of a row is, and the repository under which it is noted.
async fn target(context: &SyncContext, row: &HookRow) -> Result<Option<(Target, RepoName, Option<u64>)>, DbError> {
    let db = context.site.db();
    let home = row.home.clone();
    Ok(match &row.home {
        Home::Repository(id) => {
            let name = repositories::named(db, *id).await?.unwrap_or_else(|| row.name.clone());
            let name = name.parse::<RepoName>().ok();
            name.map(|name| {
                let at = HookHome::Repository(name.clone());
                (Target { home, at }, name, Some(*id))
            })
        }
        Home::Organization(login) => {
            let some = hooks::repository_of_owner(db, login).await?;
            let at = row.name.parse().ok().map(HookHome::Organization);
            at.zip(some.and_then(|(name, id)| Some((name.parse::<RepoName>().ok()?, id))))
                .map(|(at, (name, id))| (Target { home, at }, name, Some(id)))
        }
        // It is not kept right from here, and never has its turn.
        Home::App(_) => None,
    })
}
