//! What happens to labels, milestones, releases, comments and reviews, told one step a call.

use super::{Comment, Issue, Label, Milestone, Release, ReleaseAsset, Repository, Review, ReviewDecision};
use crate::domain::ReviewState;

/// Labels.
impl Repository {
    /// Adds a label that there is not, and gives its id.
    pub fn add_label(&mut self, name: &str) -> u64 {
        self.push_label(Label::new(name))
    }

    /// Adds a label under the next id, and gives that.
    pub(super) fn push_label(&mut self, label: Label) -> u64 {
        let id = self.next_part();
        self.labels.push(Label { id, ..label });
        id
    }

    /// The name of a label, whatever its case was written in; one that there is not is made.
    pub(crate) fn use_label(&mut self, name: &str) -> String {
        if let Some(held) = self.labels.iter().find(|held| held.name.eq_ignore_ascii_case(name)) {
            return held.name.clone();
        }
        self.push_label(Label::used(name));
        name.to_owned()
    }

    /// Renames a label; items that have it show the new name, and their `updated_at` stays.
    pub fn rename_label(&mut self, from: &str, to: &str) {
        for label in self.labels.iter_mut().filter(|label| label.name == from) {
            to.clone_into(&mut label.name);
        }
        let held = self.items.values_mut().flat_map(|item| &mut item.labels);
        held.filter(|name| *name == from).for_each(|name| to.clone_into(name));
    }

    /// Deletes a label; items lose it, and their `updated_at` stays.
    pub fn delete_label(&mut self, name: &str) {
        self.labels.retain(|label| label.name != name);
        for item in self.items.values_mut() {
            item.labels.retain(|held| held != name);
        }
    }
}

/// Milestones.
impl Repository {
    /// Adds an open milestone and gives its number.
    pub fn add_milestone(&mut self, title: &str) -> u64 {
        self.milestones_made += 1;
        let number = self.milestones_made;
        self.milestones.push(Milestone {
            number,
            title: title.to_owned(),
            description: None,
            creator: self.collaborators.first().map(|one| one.login.clone()),
            created_at: self.created_at,
            updated_at: self.created_at,
            due_on: None,
            closed_at: None,
        });
        number
    }

    /// A milestone to change, with `updated_at` moved to the present.
    ///
    /// # Panics
    ///
    /// When there is none of that number.
    #[expect(clippy::panic, reason = "a test that names a missing milestone must fail there, not later")]
    pub fn edit_milestone(&mut self, number: u64) -> &mut Milestone {
        let now = self.now();
        let found = self.milestones.iter_mut().find(|one| one.number == number);
        let found = found.unwrap_or_else(|| panic!("no milestone {number}"));
        found.updated_at = found.updated_at.max(now);
        found
    }

    /// Closes a milestone.
    pub fn close_milestone(&mut self, number: u64) {
        let now = self.now();
        self.edit_milestone(number).closed_at = Some(now);
    }

    /// Deletes a milestone; items lose it, and their `updated_at` stays.
    pub fn delete_milestone(&mut self, number: u64) {
        self.milestones.retain(|one| one.number != number);
        for item in self.items.values_mut() {
            item.milestone.take_if(|held| *held == number);
        }
    }
}

/// Releases.
impl Repository {
    /// Publishes a release of the default branch under a new tag, with one file; its author is the first collaborator.
    pub fn publish_release(&mut self, tag: &str) -> &mut Release {
        let now = self.now();
        let (id, file) = (self.next_part(), self.next_part());
        self.releases.push(Release {
            id,
            tag: tag.to_owned(),
            name: Some(format!("Release {tag}")),
            body: None,
            author: self.collaborators.first().map(|one| one.login.clone()),
            draft: false,
            prerelease: false,
            target: self.default_branch.clone(),
            created_at: now,
            published_at: Some(now),
            updated_at: now,
            assets: vec![ReleaseAsset {
                id: file,
                name: format!("{}-{tag}.tar.gz", self.name),
                size: 1_024 + id % 1_000,
                downloads: 0,
                uploaded_at: now,
            }],
        });
        let last = self.releases.len() - 1;
        &mut self.releases[last]
    }

    /// A release to change, with `updated_at` moved to the present.
    ///
    /// # Panics
    ///
    /// When there is none of that tag.
    #[expect(clippy::panic, reason = "a test that names a missing release must fail there, not later")]
    pub fn edit_release(&mut self, tag: &str) -> &mut Release {
        let now = self.now();
        let found = self.releases.iter_mut().find(|release| release.tag == tag);
        let found = found.unwrap_or_else(|| panic!("no release {tag}"));
        found.updated_at = found.updated_at.max(now);
        found
    }

    /// Deletes a release.
    pub fn delete_release(&mut self, tag: &str) {
        self.releases.retain(|release| release.tag != tag);
    }
}

/// Comments.
impl Repository {
    /// Adds a comment by the first collaborator.
    pub fn comment(&mut self, number: u64) -> &mut Issue {
        let by = self
            .collaborators
            .first()
            .map_or_else(|| self.owner.clone(), |one| one.login.clone());
        self.comment_by(number, &by, "And another thing");
        self.edit(number)
    }

    /// Adds a comment and gives its id.
    pub fn comment_by(&mut self, number: u64, login: &str, body: &str) -> u64 {
        self.edit(number);
        self.add_comment(number, login, body)
    }

    /// Adds a comment of the present; the item's `updated_at` stays.
    pub(super) fn add_comment(&mut self, number: u64, login: &str, body: &str) -> u64 {
        let (id, now) = (self.next_part(), self.now());
        self.item_mut(number).comments += 1;
        let comment = Comment {
            id,
            number,
            author: Some(login.to_owned()),
            body: body.to_owned(),
            created_at: now,
            updated_at: now,
        };
        self.comments.insert(id, comment);
        id
    }

    /// Changes the text of a comment; the item's `updated_at` stays.
    pub fn edit_comment(&mut self, id: u64, body: &str) {
        let now = self.now();
        if let Some(comment) = self.comments.get_mut(&id) {
            body.clone_into(&mut comment.body);
            comment.updated_at = now;
        }
    }

    /// Deletes a comment; the item's `updated_at` stays.
    pub fn delete_comment(&mut self, id: u64) {
        if let Some(comment) = self.comments.remove(&id)
            && let Some(item) = self.items.get_mut(&comment.number)
        {
            item.comments -= 1;
        }
    }
}

/// Reviews.
impl Repository {
    /// Submits a review of a pull request and gives its id.
    pub fn review(&mut self, number: u64, login: &str, state: ReviewState) -> u64 {
        let (id, now) = (self.next_part(), self.now());
        if let Some(pull) = self.edit(number).pull_request.as_mut() {
            pull.review_decision = match state {
                ReviewState::Approved => Some(ReviewDecision::Approved),
                ReviewState::ChangesRequested => Some(ReviewDecision::ChangesRequested),
                _ => pull.review_decision,
            };
            pull.reviewers.retain(|one| one != login);
            pull.reviews.push(Review {
                id,
                author: Some(login.to_owned()),
                state,
                body: format!("Looked at by {login}"),
                sha: pull.head_sha.clone(),
                submitted_at: now,
                updated_at: now,
            });
        }
        id
    }

    /// Dismisses a review.
    pub fn dismiss_review(&mut self, number: u64, id: u64) {
        let now = self.now();
        let pull = self.edit(number).pull_request.as_mut();
        let reviews = pull.into_iter().flat_map(|pull| &mut pull.reviews);
        for review in reviews.filter(|review| review.id == id) {
            (review.state, review.updated_at) = (ReviewState::Dismissed, now);
        }
    }
}
