//! Which repository a document means: its id decides, its name is only where to look first.

use crate::domain::{PageTags, RepoName, Repository};
use crate::github::{ErrorKind, GithubError};
use crate::store::Stamp;
use crate::store::known;
use crate::store::repositories::Tracked;

use super::repository::Run;
use super::{SyncContext, SyncError, whole};

/// The repository that a document means, as it is now.
pub(super) struct Settled {
    pub repository: Repository,
    /// What GitHub's answer can be known again by.
    pub tag: Option<String>,
    /// It is what is stored.
    pub is_unchanged: bool,
}

/// Finds the repository that `tracked` stands for, wherever it lives by now; where it was asked for by name, whoever has the name. Where
/// GitHub says what the row says, nothing is read.
pub(super) async fn look(context: &SyncContext, tracked: &Tracked) -> Result<Settled, SyncError> {
    let stored = match tracked.github_id.filter(|_| context.ways.conditional) {
        Some(id) => stored(context, tracked, id).await?,
        None => None,
    };
    find(context, tracked, stored).await
}

/// Reads it, whatever is known.
pub(super) async fn read(context: &SyncContext, tracked: &Tracked) -> Result<Settled, SyncError> {
    find(context, tracked, None).await
}

/// The repository as it is stored under its name, with the tag of what GitHub said then; none where its row says something else.
async fn stored(context: &SyncContext, tracked: &Tracked, id: u64) -> Result<Option<(Repository, String)>, SyncError> {
    let db = context.site.db();
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    let Some((repository, print)) = known::repository(db, stamp.zone, id).await? else {
        return Ok(None);
    };
    let tags = known::read(db, (id, known::REPOSITORY), print).await?;
    let is_named_so = repository.name.as_str() == tracked.name;
    Ok(tags.filter(|_| is_named_so).map(|tags| (repository, tags.first)))
}

/// Keeps what the repository can be known again by, now that its row says what GitHub said.
pub(super) async fn keep(run: &Run<'_>, tag: &str) -> Result<(), SyncError> {
    let db = run.context.site.db();
    if let Some((_, print)) = known::repository(db, run.stamp.zone, run.repository.id).await? {
        let tags = PageTags::of_first(tag.to_owned());
        whole::keep(run, known::REPOSITORY, print, Some(&tags)).await?;
    }
    Ok(())
}

async fn find(context: &SyncContext, tracked: &Tracked, stored: Option<(Repository, String)>) -> Result<Settled, SyncError> {
    let mut missing = None;
    if let Some(name) = tracked.repo_name() {
        match by_name(context, &name, stored).await {
            // The name may have been given to another repository meanwhile.
            Ok(found) if tracked.by_name || tracked.github_id.is_none_or(|id| id == found.repository.id) => return Ok(found),
            Ok(_stranger) => {}
            // Not here: perhaps elsewhere. What GitHub withholds (451) is not gone, and its own words say more than ours.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) => missing = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    match present_name(context, tracked).await? {
        Some(name) => Ok(by_name(context, &name, None).await?),
        None => Err(nowhere(tracked, missing)),
    }
}

/// What has the name; `stored` where it is still that.
async fn by_name(context: &SyncContext, name: &RepoName, stored: Option<(Repository, String)>) -> Result<Settled, GithubError> {
    let known = stored.as_ref().map(|(_, tag)| tag.as_str());
    match (context.client.repository_unless(name, known).await?, stored) {
        (Some((fetched, tag)), _) => Ok(Settled {
            repository: fetched.value,
            tag,
            is_unchanged: false,
        }),
        (None, Some((repository, _))) => Ok(Settled {
            repository,
            tag: None,
            is_unchanged: true,
        }),
        (None, None) => Ok(Settled {
            repository: context.client.repository(name).await?.value,
            tag: None,
            is_unchanged: false,
        }),
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
