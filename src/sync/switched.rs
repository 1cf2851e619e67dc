//! A run ends as soon as somebody switches off what it reads: the site's integration, that of its repository, a service of it, or the repository itself. It
//! ends, too, where the repository is to be read with another credential, or with none: who unfollowed it, or took back what he lent, is not read for.

use std::future::Future;
use std::pin::pin;

use tokio_util::sync::CancellationToken;

use crate::domain::Services;
use crate::frappe::db::DbError;
use crate::store::repositories;
use crate::store::settings::Settings;

use super::SyncContext;

/// What a run reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watched<'a> {
    /// Its repository, by GitHub's number: whatever it is called by now.
    pub id: u64,
    /// What it is called in the log.
    pub name: &'a str,
    /// It is followed; one that is not is read all the same, because somebody asked for it.
    pub is_followed: bool,
    /// It had a document when the run began. By whose credential it is read is known with the document alone.
    pub is_stored: bool,
}

/// Does `work` on a repository. It is asked to stop, by `stop`, as soon as what it reads is switched off; what it has stored stays, and it ends as it does when
/// the process ends.
pub(super) async fn while_on<T>(
    context: &SyncContext,
    watched: Watched<'_>,
    stop: &CancellationToken,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    let off = async {
        loop {
            tokio::time::sleep(context.pace.switches).await;
            // A database that does not answer ends the run itself.
            if is_off(context, watched).await.unwrap_or(false) {
                break;
            }
        }
    };
    tokio::select! {
        done = &mut work => return done,
        () = off => {}
    }
    tracing::info!(
        site = context.site.name(),
        repository = watched.name,
        "stopped: somebody switched off what was being read"
    );
    stop.cancel();
    work.await
}

async fn is_off(context: &SyncContext, watched: Watched<'_>) -> Result<bool, DbError> {
    let db = context.site.db();
    if !Settings::read(db).await?.enabled {
        return Ok(true);
    }
    // One that is read for the first time has no document yet.
    let Some(name) = repositories::named(db, watched.id).await? else {
        return Ok(false);
    };
    if watched.is_followed && repositories::find(db, &name).await?.is_some_and(|tracked| !tracked.enabled) {
        return Ok(true);
    }
    let now = context.reach.of_repository(&name).await?;
    let is_other = watched.is_stored && context.credential.as_deref().is_some_and(|before| before != now.credential);
    Ok(now.is_off || is_other || lacks(now.services, context.services))
}

/// True where something is off that was on.
fn lacks(now: Services, before: Services) -> bool {
    let pairs = [
        (now.repositories, before.repositories),
        (now.pull_requests, before.pull_requests),
        (now.issues, before.issues),
    ];
    pairs.into_iter().any(|(now, before)| before && !now)
}
