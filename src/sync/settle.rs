//! Which repository a document means: its id decides, its name is only where to look first.

use crate::domain::{RepoName, Repository};
use crate::github::{ErrorKind, Fetched, GithubError};
use crate::store::repositories::Tracked;

use super::{SyncContext, SyncError};

/// Reads the repository that `tracked` stands for, wherever it lives by now; where it was asked for by name, whoever has the name.
pub(super) async fn read(context: &SyncContext, tracked: &Tracked) -> Result<Fetched<Repository>, SyncError> {
    let mut missing = None;
    if let Some(name) = tracked.repo_name() {
        match context.client.repository(&name).await {
            // The name may have been given to another repository meanwhile.
            Ok(fetched) if tracked.by_name || tracked.github_id.is_none_or(|id| id == fetched.value.id) => return Ok(fetched),
            Ok(_stranger) => {}
            // Not here: perhaps elsewhere. What GitHub withholds (451) is not gone, and its own words say more than ours.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) => missing = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    match present_name(context, tracked).await? {
        Some(name) => Ok(context.client.repository(&name).await?),
        None => Err(nowhere(tracked, missing)),
    }
}

/// A repository that was never seen is a mistyped name, or one that the token may not see; GitHub's answer says so.
fn nowhere(tracked: &Tracked, missing: Option<GithubError>) -> SyncError {
    match missing {
        Some(error) if tracked.github_id.is_none() => error.into(),
        None if tracked.github_id.is_none() && tracked.repo_name().is_none() => SyncError::NoName(tracked.name.clone()),
        _ => SyncError::Gone(tracked.name.clone()),
    }
}

/// Where the repository with the stored node id lives now.
async fn present_name(context: &SyncContext, tracked: &Tracked) -> Result<Option<RepoName>, SyncError> {
    match &tracked.node_id {
        Some(node_id) => Ok(context.client.repository_by_node_id(node_id).await?),
        None => Ok(None),
    }
}
