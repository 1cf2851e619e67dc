//! Issues and pull requests.

use serde_json::Value;

use super::super::problem::FieldError;
use super::super::values::Values;
use super::connection::{Connection, connection, range};
use super::{Context, Field, Resolved, Thing, int, json};
use crate::sim::github::view::stamp;
use crate::sim::github::world::{
    AccountKind, HeadRepository, Issue, ItemState, MergeState, PullRequest, Repository, Review, ReviewDecision,
};

/// GraphQL's word for the state; a merged pull request has one of its own.
pub(super) fn state_word(item: &Issue) -> &'static str {
    let merged = item.pull_request.as_ref().is_some_and(|pull| pull.merged_at.is_some());
    match item.state {
        _ if merged => "MERGED",
        ItemState::Open => "OPEN",
        ItemState::Closed => "CLOSED",
    }
}

impl<'w> Context<'w> {
    pub(super) fn issue(&self, home: &'w Repository, item: &'w Issue, field: &str, arguments: &Values) -> Field<'w> {
        match field {
            "databaseId" => int(item.id),
            "fullDatabaseId" => json(item.id.to_string()),
            "stateReason" => {
                // Unless a client says that it knows duplicates, they look like what is not planned.
                let knows = arguments.get("enableDuplicate") == Some(&Value::Bool(true));
                let word = item.state_reason.as_deref().map(|reason| match reason {
                    "duplicate" if !knows => "NOT_PLANNED".to_owned(),
                    reason => reason.to_uppercase(),
                });
                json(word)
            }
            _ => self.common(home, item, "Issue", field, arguments),
        }
    }

    pub(super) fn pull_request(
        &self,
        home: &'w Repository,
        item: &'w Issue,
        pull: &'w PullRequest,
        field: &str,
        arguments: &Values,
    ) -> Field<'w> {
        match field {
            "databaseId" => int(pull.id),
            "fullDatabaseId" => json(pull.id.to_string()),
            "baseRefName" => json(pull.base_branch.as_str()),
            "baseRefOid" => json(pull.base_sha.as_str()),
            "baseRepository" => Ok(Resolved::Thing(Thing::Repository(home))),
            "headRefName" => json(pull.head_branch.as_str()),
            "headRefOid" => json(pull.head_sha.as_str()),
            "headRepository" => Ok(Resolved::or_null(self.head(home, pull).map(Thing::Repository))),
            "headRepositoryOwner" => {
                let head = self.head(home, pull);
                Ok(Resolved::or_null(self.actor(head.map(|head| head.owner.as_str()))))
            }
            "isCrossRepository" => json(pull.head_repository != HeadRepository::Same),
            "isDraft" => json(pull.draft),
            "mergeStateStatus" => json(pull.merge_state.as_str().to_uppercase()),
            "mergeable" => json(match pull.merge_state {
                MergeState::Dirty => "CONFLICTING",
                MergeState::Unknown => "UNKNOWN",
                _ => "MERGEABLE",
            }),
            "merged" => json(pull.merged_at.is_some()),
            "mergedAt" => json(pull.merged_at.map(stamp)),
            "mergedBy" => Ok(Resolved::or_null(self.actor(pull.merged_by.as_deref()))),
            "permalink" => json(self.page(&path(home, item))),
            "reviewDecision" => json(pull.review_decision.map(ReviewDecision::as_str)),
            "reviewRequests" => {
                let count = pull.reviewers.len() + pull.team_reviewers.len();
                let all: Vec<_> = (0..count)
                    .map(|place| Thing::ReviewRequest(home, item, pull, place))
                    .collect();
                connection("ReviewRequest", field, &all, arguments)
            }
            "reviews" => {
                let states = arguments.get("states").and_then(Value::as_array);
                let fits = |review: &&Review| {
                    let word = review.state.as_str().to_uppercase();
                    states.is_none_or(|states| states.iter().any(|state| *state == word))
                };
                let all = pull.reviews.iter().filter(fits);
                let all: Vec<_> = all.map(|review| Thing::Review(home, item.number, review)).collect();
                connection("PullRequestReview", field, &all, arguments)
            }
            _ => self.common(home, item, "PullRequest", field, arguments),
        }
    }

    fn head(&self, home: &'w Repository, pull: &PullRequest) -> Option<&'w Repository> {
        match &pull.head_repository {
            HeadRepository::Same => Some(home),
            HeadRepository::Fork(name) => self.view.world.find(name).filter(|fork| self.view.permission(fork).is_some()),
            HeadRepository::Gone => None,
        }
    }

    fn common(&self, home: &'w Repository, item: &'w Issue, on: &str, field: &str, arguments: &Values) -> Field<'w> {
        match field {
            "id" => json(item.node_id()),
            "number" => json(item.number),
            "title" => json(item.title.as_str()),
            "body" => json(item.body.as_ref().map(|body| body.show()).unwrap_or_default()),
            "author" => Ok(Resolved::or_null(self.actor(item.author.as_deref()))),
            "authorAssociation" => json(home.association(item.author.as_deref())),
            "state" => json(state_word(item)),
            "closed" => json(item.state == ItemState::Closed),
            "closedAt" => json(item.closed_at.map(stamp)),
            "createdAt" => json(stamp(item.created_at)),
            "updatedAt" => json(stamp(item.updated_at)),
            "locked" => json(item.locked),
            "activeLockReason" => json(
                item.lock_reason
                    .as_ref()
                    .map(|reason| reason.to_uppercase().replace([' ', '-'], "_")),
            ),
            "repository" => Ok(Resolved::Thing(Thing::Repository(home))),
            "resourcePath" => json(path(home, item)),
            "url" => json(self.page(&path(home, item))),
            "milestone" => {
                let milestone = item.milestone.and_then(|number| home.milestone(number));
                Ok(Resolved::or_null(milestone.map(|one| Thing::Milestone(home, one))))
            }
            "labels" => {
                let labels = item.labels.iter().filter_map(|name| home.label(name));
                let all: Vec<_> = labels.map(|(id, label)| Thing::Label(home, id, label)).collect();
                connection("Label", field, &all, arguments)
            }
            "assignees" => {
                // Only people; a bot that is assigned does not show here.
                let accounts = item.assignees.iter().filter_map(|login| self.view.world.account(login));
                let all: Vec<_> = accounts
                    .filter(|one| one.kind == AccountKind::User)
                    .map(Thing::Account)
                    .collect();
                connection("User", field, &all, arguments)
            }
            "comments" => {
                let total = usize::try_from(item.comments).unwrap_or(usize::MAX);
                // Counting needs no boundaries on GitHub.
                let unbounded = !arguments.contains_key("first") && !arguments.contains_key("last");
                let range = if unbounded { 0..0 } else { range(field, total, arguments)? };
                let own = home.comments.values().filter(|comment| comment.number == item.number);
                let shown = own.skip(range.start).take(range.len());
                let nodes = shown.map(|comment| Thing::Comment(home, comment)).collect();
                Ok(Connection::new("IssueComment", total, range, nodes).resolved())
            }
            _ => Err(FieldError::unresolved(on, field)),
        }
    }
}

fn path(home: &Repository, item: &Issue) -> String {
    let kind = if item.is_pull_request() { "pull" } else { "issues" };
    format!("/{}/{kind}/{}", home.full_name(), item.number)
}
