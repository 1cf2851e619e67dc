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

/// Does `work` on the repository of that name, which is read although it is not followed where `is_followed` is false. It is asked to stop, by `stop`, as soon
/// as what it reads is switched off; what it has stored stays, and it ends as it does when the process ends.
pub(super) async fn while_on<T>(
    context: &SyncContext,
    (name, is_followed): (&str, bool),
    stop: &CancellationToken,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    let off = async {
        loop {
            tokio::time::sleep(context.pace.switches).await;
            // A database that does not answer ends the run itself.
            if is_off(context, name, is_followed).await.unwrap_or(false) {
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
        repository = name,
        "stopped: somebody switched off what was being read"
    );
    stop.cancel();
    work.await
}

async fn is_off(context: &SyncContext, name: &str, is_followed: bool) -> Result<bool, DbError> {
    let db = context.site.db();
    if !Settings::read(db).await?.enabled {
        return Ok(true);
    }
    // One that is read for the first time has no document yet.
    if is_followed && repositories::find(db, name).await?.is_some_and(|tracked| !tracked.enabled) {
        return Ok(true);
    }
    let now = context.reach.of_repository(name).await?;
    let is_other = context.group.as_deref().is_some_and(|group| group != now.group);
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
