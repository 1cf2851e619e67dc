//! Releases, comments and reviews, and how these and other parts of a repository are found by their ids.

use super::super::problem::FieldError;
use super::{Context, Field, Resolved, Thing, int, json};
use crate::sim::github::view::stamp;
use crate::sim::github::world::{Comment, Issue, Release, Repository, Review, ids};

impl<'w> Context<'w> {
    /// A label, milestone, release, comment or review by its database id.
    pub(super) fn part(&self, prefix: &str, id: u64) -> Option<Thing<'w>> {
        let repositories = &self.view.world.repositories;
        if prefix == "MI" {
            let home = repositories.get(&ids::repository_of_milestone(id))?;
            let found = home.milestones.iter().find(|one| ids::milestone(home.id, one.number) == id)?;
            return Some(Thing::Milestone(home, found));
        }
        let home = repositories.get(&ids::repository_of_part(id));
        match prefix {
            "LA" => {
                let home = home?;
                let found = home.labels.iter().find(|one| one.id == id)?;
                Some(Thing::Label(home, id, found))
            }
            "RE" => {
                let home = home?;
                let found = home.releases.iter().find(|one| one.id == id)?;
                Some(Thing::Release(home, found))
            }
            "PRR" => {
                let home = home?;
                let (number, found) = home.review_by_id(id)?;
                Some(Thing::Review(home, number, found))
            }
            // A comment goes with its issue to another repository.
            "IC" => repositories
                .values()
                .find_map(|home| Some(Thing::Comment(home, home.comments.get(&id)?))),
            _ => None,
        }
    }

    pub(super) fn release(&self, home: &'w Repository, release: &'w Release, field: &str) -> Field<'w> {
        match field {
            "id" => json(ids::node("RE", release.id)),
            "databaseId" => int(release.id),
            "tagName" => json(release.tag.as_str()),
            "name" => json(release.name.clone()),
            "description" => json(release.body.clone()),
            "isDraft" => json(release.draft),
            "isPrerelease" => json(release.prerelease),
            "author" => Ok(Resolved::or_null(self.actor(release.author.as_deref()))),
            "createdAt" => json(stamp(release.created_at)),
            "updatedAt" => json(stamp(release.updated_at)),
            "publishedAt" => json(release.published_at.map(stamp)),
            "repository" => Ok(Resolved::Thing(Thing::Repository(home))),
            "url" => json(self.page(&format!("/{}/releases/tag/{}", home.full_name(), release.tag))),
            _ => Err(FieldError::unresolved("Release", field)),
        }
    }

    pub(super) fn comment(&self, home: &'w Repository, comment: &'w Comment, field: &str) -> Field<'w> {
        match field {
            "id" => json(ids::node("IC", comment.id)),
            "databaseId" => int(comment.id),
            "fullDatabaseId" => json(comment.id.to_string()),
            "author" => Ok(Resolved::or_null(self.actor(comment.author.as_deref()))),
            "body" => json(comment.body.as_str()),
            "createdAt" => json(stamp(comment.created_at)),
            "updatedAt" => json(stamp(comment.updated_at)),
            "repository" => Ok(Resolved::Thing(Thing::Repository(home))),
            "url" => {
                let is_pull = home.item(comment.number).is_some_and(Issue::is_pull_request);
                let kind = if is_pull { "pull" } else { "issues" };
                let (name, number, id) = (home.full_name(), comment.number, comment.id);
                json(self.page(&format!("/{name}/{kind}/{number}#issuecomment-{id}")))
            }
            _ => Err(FieldError::unresolved("IssueComment", field)),
        }
    }

    pub(super) fn review(&self, home: &'w Repository, number: u64, review: &'w Review, field: &str) -> Field<'w> {
        match field {
            "id" => json(ids::node("PRR", review.id)),
            "databaseId" => int(review.id),
            "fullDatabaseId" => json(review.id.to_string()),
            "author" => Ok(Resolved::or_null(self.actor(review.author.as_deref()))),
            "body" => json(review.body.as_str()),
            "state" => json(review.state.as_str().to_uppercase()),
            "commit" => {
                let found = home.commits.get_key_value(&review.sha);
                Ok(Resolved::or_null(found.map(|(sha, commit)| Thing::Commit(home, sha, commit))))
            }
            "createdAt" | "submittedAt" => json(stamp(review.submitted_at)),
            "updatedAt" => json(stamp(review.updated_at)),
            "pullRequest" => {
                let item = home.item(number);
                let pull = item.and_then(|item| Some(Thing::PullRequest(home, item, item.pull_request.as_deref()?)));
                Ok(Resolved::or_null(pull))
            }
            "repository" => Ok(Resolved::Thing(Thing::Repository(home))),
            "url" => json(self.page(&format!(
                "/{}/pull/{number}#pullrequestreview-{}",
                home.full_name(),
                review.id
            ))),
            _ => Err(FieldError::unresolved("PullRequestReview", field)),
        }
    }
}
