//! Which repository a document means: its id decides, its name is only where to look first.

use crate::domain::{PageTags, RepoName, Repository};
use crate::github::{ErrorKind, Fetched, GithubError};
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

impl Settled {
    fn read((fetched, tag): (Fetched<Repository>, Option<String>)) -> Self {
        Self {
            repository: fetched.value,
            tag,
            is_unchanged: false,
        }
    }
}

/// Finds the repository that `tracked` stands for, wherever it lives by now; where it was asked for by name, whoever has the name. Where
/// GitHub says what the row says, nothing is read.
pub(super) async fn look(context: &SyncContext, tracked: &Tracked) -> Result<Settled, SyncError> {
    if let Some(settled) = unchanged(context, tracked).await? {
        return Ok(settled);
    }
    read(context, tracked).await
}

/// None where the row is not known to be what GitHub said, or GitHub does not answer by that name: then it is looked for.
async fn unchanged(context: &SyncContext, tracked: &Tracked) -> Result<Option<Settled>, SyncError> {
    let (Some(id), Some(name)) = (tracked.github_id, tracked.repo_name()) else {
        return Ok(None);
    };
    if !context.ways.conditional {
        return Ok(None);
    }
    let db = context.site.db();
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    let Some((repository, print)) = known::repository(db, stamp.zone, id).await? else {
        return Ok(None);
    };
    let tags = known::read(db, (id, known::REPOSITORY), print).await?;
    let Some(tags) = tags.filter(|_| repository.name.as_str() == name.as_str()) else {
        return Ok(None);
    };
    match context.client.repository_unless(&name, Some(&tags.first)).await {
        Ok(None) => Ok(Some(Settled {
            repository,
            tag: None,
            is_unchanged: true,
        })),
        Ok(Some(read)) if tracked.by_name || read.0.value.id == id => Ok(Some(Settled::read(read))),
        Ok(Some(_stranger)) => Ok(None),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
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

/// Reads it, whatever is known.
pub(super) async fn read(context: &SyncContext, tracked: &Tracked) -> Result<Settled, SyncError> {
    let mut missing = None;
    if let Some(name) = tracked.repo_name() {
        match by_name(context, &name).await {
            // The name may have been given to another repository meanwhile.
            Ok(found) if tracked.by_name || tracked.github_id.is_none_or(|id| id == found.repository.id) => return Ok(found),
            Ok(_stranger) => {}
            // Not here: perhaps elsewhere. What GitHub withholds (451) is not gone, and its own words say more than ours.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) => missing = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    match present_name(context, tracked).await? {
        Some(name) => Ok(by_name(context, &name).await?),
        None => Err(nowhere(tracked, missing)),
    }
}

async fn by_name(context: &SyncContext, name: &RepoName) -> Result<Settled, GithubError> {
    match context.client.repository_unless(name, None).await? {
        Some(read) => Ok(Settled::read(read)),
        None => Ok(Settled::read((context.client.repository(name).await?, None))),
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
