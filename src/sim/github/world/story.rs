//! What happens in a repository, told one step a call; each step moves `updated_at` to the world's present.

use super::{Collaborator, Gone, HeadRepository, Issue, ItemState, MergeState, PullRequest, Repository};
use crate::domain::Visibility;

/// Setting the scene.
impl Repository {
    /// Sets who may see it.
    pub fn with_visibility(&mut self, visibility: Visibility) -> &mut Self {
        self.visibility = visibility;
        self
    }

    /// Switches issues off.
    pub fn without_issues(&mut self) -> &mut Self {
        self.has_issues = false;
        self
    }

    /// Makes it as empty as before the first push; GitHub says then that it was pushed to when it was made.
    pub fn without_commits(&mut self) -> &mut Self {
        self.branches.clear();
        self.commits.clear();
        self.pushed_at = Some(self.created_at);
        self
    }

    /// Gives somebody access, or changes it.
    pub fn with_member(&mut self, member: Collaborator) -> &mut Self {
        self.collaborators
            .retain(|one| !one.login.eq_ignore_ascii_case(&member.login));
        self.collaborators.push(member);
        self
    }

    /// Takes access away.
    pub fn remove_member(&mut self, login: &str) -> &mut Self {
        self.collaborators.retain(|one| !one.login.eq_ignore_ascii_case(login));
        self
    }
}

/// Issues and pull requests.
impl Repository {
    /// Opens an issue under the next number; its author is the first collaborator.
    pub fn open_issue(&mut self, title: &str) -> &mut Issue {
        let number = self.next_number();
        let mut issue = Issue::new(self.id, number, title, self.now());
        issue.author = self.collaborators.first().map(|one| one.login.clone());
        self.items.entry(number).or_insert(issue)
    }

    /// Opens a pull request for `head` into the default branch; the branch is made when there is none of that name.
    pub fn open_pull_request(&mut self, title: &str, head: &str) -> &mut Issue {
        let at = self.now();
        let sha = match self.branch(head) {
            Some(branch) => branch.sha.clone(),
            None => self.add_branch(head, at),
        };
        let mut pull = PullRequest::new(self.id, self.next_number(), head, &self.default_branch);
        pull.head_sha = sha;
        if let Some(base) = self.branch(&self.default_branch) {
            pull.base_sha.clone_from(&base.sha);
        }
        let issue = self.open_issue(title);
        issue.pull_request = Some(Box::new(pull));
        issue
    }

    /// An item to change in any way, `updated_at` left alone.
    ///
    /// # Panics
    ///
    /// When there is none of that number: a story about nothing is a mistake of the test that tells it.
    #[expect(clippy::panic, reason = "a test that names a missing issue must fail there, not later")]
    pub fn item_mut(&mut self, number: u64) -> &mut Issue {
        let name = self.full_name();
        self.items
            .get_mut(&number)
            .unwrap_or_else(|| panic!("{name} has no item {number}"))
    }

    /// An item to change, with `updated_at` moved to the present as GitHub does for anything that is done to it.
    ///
    /// # Panics
    ///
    /// As [`Repository::item_mut`].
    pub fn edit(&mut self, number: u64) -> &mut Issue {
        let now = self.now();
        let item = self.item_mut(number);
        item.updated_at = item.updated_at.max(now);
        item
    }

    /// Closes an item; `reason` is `completed`, `not_planned` or `duplicate`, and is dropped for pull requests.
    pub fn close(&mut self, number: u64, reason: &str) -> &mut Issue {
        let now = self.now();
        let by = self.collaborators.first().map(|one| one.login.clone());
        let item = self.edit(number);
        item.state = ItemState::Closed;
        item.state_reason = (!item.is_pull_request()).then(|| reason.to_owned());
        item.closed_at = Some(now);
        item.closed_by = by;
        item
    }

    /// Opens a closed item again.
    pub fn reopen(&mut self, number: u64) -> &mut Issue {
        let item = self.edit(number);
        item.state = ItemState::Open;
        item.state_reason = (!item.is_pull_request()).then(|| "reopened".to_owned());
        item.closed_at = None;
        item.closed_by = None;
        item
    }

    /// Merges a pull request: closed, merged, and a commit on its base branch.
    pub fn merge(&mut self, number: u64, by: &str) -> &mut Issue {
        let sides = self
            .item_mut(number)
            .pull_request
            .as_ref()
            .map(|pull| (pull.base_branch.clone(), pull.head_sha.clone()));
        let sha = sides.map(|(base, head)| {
            let sha = self.push(&base);
            if let Some(commit) = self.commits.get_mut(&sha) {
                commit.parents.push(head);
            }
            sha
        });
        self.close(number, "completed");
        let now = self.now();
        let item = self.edit(number);
        item.closed_by = Some(by.to_owned());
        if let Some(pull) = item.pull_request.as_mut() {
            pull.merged_at = Some(now);
            pull.merged_by = Some(by.to_owned());
            pull.merge_commit_sha = sha;
            pull.draft = false;
            pull.merge_state = MergeState::Unknown;
        }
        item
    }

    /// Deletes an issue with its comments.
    pub fn delete_item(&mut self, number: u64) {
        if self.items.remove(&number).is_some() {
            self.comments.retain(|_, comment| comment.number != number);
            self.gone.insert(number, Gone::Deleted);
        }
    }

    /// Puts back what was deleted, as it was: an account that was hidden as spam comes back with all that it wrote.
    pub fn restore_item(&mut self, item: Issue) {
        self.gone.remove(&item.number);
        self.items.insert(item.number, item);
    }
}

/// Branches.
impl Repository {
    /// Pushes a commit to a branch, which is made when there is none; open pull requests from it follow. Gives the new commit.
    pub fn push(&mut self, branch: &str) -> String {
        let now = self.now();
        self.pushed_at = Some(now);
        let old = self.branches.iter().position(|one| one.name == branch);
        let sha = self.add_branch(branch, now);
        if let Some(place) = old
            && let Some(new) = self.branches.pop()
        {
            self.branches[place].sha = new.sha;
            let from_here = |item: &&mut Issue| {
                let pull = item.pull_request.as_ref();
                item.state == ItemState::Open
                    && pull.is_some_and(|pull| pull.head_branch == branch && pull.head_repository == HeadRepository::Same)
            };
            for item in self.items.values_mut().filter(from_here) {
                item.updated_at = item.updated_at.max(now);
                if let Some(pull) = item.pull_request.as_mut() {
                    pull.head_sha.clone_from(&sha);
                    pull.merge_state = MergeState::Unknown;
                }
            }
        }
        sha
    }

    /// Deletes a branch; its commits stay reachable by hash, as on GitHub.
    pub fn delete_branch(&mut self, name: &str) {
        self.branches.retain(|branch| branch.name != name);
        self.pushed_at = Some(self.now());
    }

    /// Protects a branch, or makes a protected one.
    pub fn protect(&mut self, name: &str) -> &mut Self {
        if self.branch(name).is_none() {
            self.push(name);
        }
        for branch in self.branches.iter_mut().filter(|branch| branch.name == name) {
            branch.protected = true;
        }
        self
    }
}
