//! What GitHub answered goes the one way into the mirror.

use serde_json::Value;

use crate::domain::{Change, ChangeSet, Entity, Member};
use crate::frappe::db::DbError;
use crate::frappe::{pending, users};
use crate::github::{DecodeError, FeedItem, GithubError, Write, payload};
use crate::store::rename::{self, Steps};
use crate::store::task_links::{Linked, TaskLink};
use crate::store::{Applied, Stamp, Writer, apply, apply_and_link, items, logins, repositories, tell};

use super::Writing;

/// Why an answer is not stored; it is all the same to whoever reads the sentence.
#[derive(Debug, thiserror::Error)]
pub(super) enum MirrorError {
    /// The database cannot be written.
    #[error("{0}")]
    Db(#[from] DbError),
    /// What has to be read besides cannot be read.
    #[error("{0}")]
    Github(#[from] GithubError),
    /// The answer is not what GitHub's description says.
    #[error("GitHub's answer is not understood {0}")]
    Decode(#[from] DecodeError),
    /// The name was given to another repository meanwhile.
    #[error("another repository has that name on GitHub by now")]
    Stranger,
    /// It has another name here, and too many rows to be renamed while somebody waits.
    #[error("the repository has another name now, to which its next sync moves it step by step")]
    Moving,
}

/// What was stored.
#[derive(Debug, Default)]
pub(super) struct Mirrored {
    /// Name of the document.
    pub(super) document: Option<String>,
    /// `modified` of the Task, when it was linked.
    pub(super) task_modified: Option<String>,
    /// What could not be done, as a sentence.
    pub(super) warning: Option<String>,
    /// It may be done later.
    pub(super) again: bool,
}

/// The repository's collaborators are read again at once where they fit one page; more are left to the next sync.
const MEMBERS_AT_ONCE: u32 = 1;

impl Writing {
    /// Stores what `write` made, as `answer` shows it, and links its Task.
    pub(super) async fn mirror(&self, write: &Write, answer: &Value, task: Option<&str>) -> Result<Mirrored, MirrorError> {
        let (entity, number, change) = match write {
            Write::CreateIssue(_) | Write::AssignIssue { .. } => match payload::item(answer)? {
                FeedItem::Issue(issue) => (Entity::Issue, issue.item.number, Change::Issues(vec![issue])),
                FeedItem::PullRequest(pull) => (Entity::PullRequest, pull.item.number, Change::PullRequests(vec![pull])),
            },
            Write::CreatePullRequest(_) => {
                let pull = payload::pull_request(answer)?;
                (Entity::PullRequest, pull.item.number, Change::PullRequests(vec![pull]))
            }
            Write::RequestReviewers { number, .. } => {
                // The answer is the short form, which does not tell all that is stored.
                let whole = self.client.pull_request_as_is(&self.repository, *number).await?;
                let pull = payload::pull_request(&whole)?;
                (Entity::PullRequest, *number, Change::PullRequests(vec![pull]))
            }
            Write::AddCollaborator { .. }
            | Write::RemoveCollaborator { .. }
            | Write::AddTeam { .. }
            | Write::RemoveTeam { .. } => {
                return self.mirror_members().await;
            }
            Write::CreateWebhook(_)
            | Write::UpdateWebhook { .. }
            | Write::DeleteWebhook(_)
            | Write::PingWebhook(_)
            | Write::RedeliverWebhook { .. } => return Ok(Mirrored::default()),
        };
        let mut mirrored = Mirrored::default();
        let link = task.map(|task| TaskLink {
            task,
            number,
            linked: if entity == Entity::Issue {
                Linked::Issue
            } else {
                Linked::PullRequest
            },
        });
        // Frappe keeps whole Tasks in its cache and writes them back: without the cache, the Task waits.
        let cache = self.site.caches().ping().await;
        let applied = match (&link, &cache) {
            (Some(link), Ok(())) => self.apply(change, Some(link)).await?,
            _ => self.apply(change, None).await?,
        };
        mirrored.document = items::document_of(self.site.db(), self.repository.as_str(), entity, number).await?;
        if let Some(link) = link {
            let linked = applied.touched.iter().find(|one| one.doctype == "Task");
            mirrored.task_modified = linked.map(|one| crate::frappe::zone::frappe_text(one.modified));
            mirrored.again = cache.is_err();
            mirrored.warning = match (linked, cache) {
                (Some(_), _) => None,
                (None, Err(error)) => Some(format!("#{number} is not linked with the Task {} yet: {error}", link.task)),
                (None, Ok(())) => Some(format!(
                    "#{number} is not linked with the Task {}, which is gone or belongs to something else by now",
                    link.task
                )),
            };
        }
        Ok(mirrored)
    }

    /// Applies a change, and tells open forms.
    async fn apply(&self, change: Change, link: Option<&TaskLink<'_>>) -> Result<Applied, MirrorError> {
        let db = self.site.db();
        let stamp = Stamp::now(&self.site, self.user.as_str()).await?;
        let people = logins::people(db, &users::people(db).await?).await?;
        let writer = Writer {
            site: &self.site,
            stamp: &stamp,
            people: &people,
            lease: None,
            is_first: false,
        };
        let stored = repositories::find(db, self.repository.as_str()).await?;
        let set = if let Some(id) = stored.and_then(|tracked| tracked.github_id) {
            ChangeSet::one(id, change)
        } else {
            // Made by hand and never synced: who it is comes first.
            let repository = self.client.repository(&self.repository).await?.value;
            if self.repository_id.is_some_and(|id| id != repository.id) {
                return Err(MirrorError::Stranger);
            }
            if rename::is_large(db, &repository, Steps::default()).await? {
                return Err(MirrorError::Moving);
            }
            ChangeSet {
                repository_id: repository.id,
                changes: vec![Change::Repository(Box::new(repository)), change],
            }
        };
        let applied = match link {
            Some(link) => apply_and_link(&writer, &set, link).await?,
            None => apply(&writer, &set).await?,
        };
        if link.is_some()
            && let Err(error) = pending::flush_drops(&self.site).await
        {
            tracing::debug!(site = self.site.name(), error = %error, "cache drops wait");
        }
        tell(&self.site, &self.user, &applied.touched).await;
        Ok(applied)
    }

    async fn mirror_members(&self) -> Result<Mirrored, MirrorError> {
        let mut pages = self.client.collaborators(&self.repository);
        let Some(page) = pages.next().await? else {
            return Ok(Mirrored::default());
        };
        let is_whole = pages.is_ended() && page.odd.is_empty() && page.total_pages.unwrap_or(MEMBERS_AT_ONCE) <= MEMBERS_AT_ONCE;
        if is_whole {
            let members: Vec<Member> = page.items;
            self.apply(Change::AllMembers(members), None).await?;
        }
        Ok(Mirrored::default())
    }
}
