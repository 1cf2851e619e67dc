//! What was committed before what.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{Branch, Commit, Repository};

impl Repository {
    /// The commits that `sha` leads back to, itself first, then newest first.
    #[must_use]
    pub fn history(&self, sha: &str) -> Vec<(&str, &Commit)> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        let mut waiting = std::collections::VecDeque::from([sha]);
        while let Some(sha) = waiting.pop_front() {
            let Some((sha, commit)) = self.commits.get_key_value(sha) else {
                continue;
            };
            if seen.insert(sha) {
                found.push((sha.as_str(), commit));
                waiting.extend(commit.parents.iter().map(String::as_str));
            }
        }
        // The sort is stable: what was committed in one second stays in the order of descent.
        found.sort_by_key(|(_, commit)| Reverse(commit.committed_at));
        found
    }

    /// Adds commits to the default branch until it has `count`, an hour apart and the newest one at the present.
    pub fn with_commits(&mut self, count: u64) -> &mut Self {
        let name = self.default_branch.clone();
        let present = self.branch(&name).map_or(0, |branch| self.history(&branch.sha).len() as u64);
        let now = self.now();
        for left in (0..count.saturating_sub(present)).rev() {
            let sha = self.push(&name);
            if let Some(commit) = self.commits.get_mut(&sha) {
                commit.committed_at = now - TimeDelta::hours(i64::try_from(left).unwrap_or(0));
            }
        }
        self
    }

    /// Pushes a commit in the place of the newest one of a branch, as `git push --force` does. Gives the new commit.
    pub fn force_push(&mut self, name: &str) -> String {
        let newest = self.branch(name).and_then(|branch| self.commits.get(&branch.sha));
        let before = newest.and_then(|commit| commit.parents.first().cloned());
        if let Some(before) = before
            && let Some(branch) = self.branches.iter_mut().find(|branch| branch.name == name)
        {
            branch.sha = before;
        }
        self.push(name)
    }

    /// Makes a branch that points where another one does, as `git branch NAME FROM` does: nothing lies between the two.
    pub fn branch_off(&mut self, name: &str, from: &str) -> &mut Self {
        if let Some(sha) = self.branch(from).map(|branch| branch.sha.clone()) {
            self.branches.push(Branch {
                name: name.to_owned(),
                sha,
                protected: false,
            });
        }
        self
    }

    /// True when all of `head` is in `base` already; both are hashes.
    #[must_use]
    pub fn contains(&self, base: &str, head: &str) -> bool {
        self.history(base).iter().any(|(sha, _)| *sha == head)
    }
}

#[cfg(test)]
mod tests {
    use super::super::World;

    #[test]
    fn a_branch_has_its_own_commits_and_those_before_it() {
        let mut world = World::default();
        let home = world.repository("acme/web").with_commits(5);
        let number = home.open_pull_request("A change", "change").number;
        let (main, change) = (
            home.branch("main").expect("main").sha.clone(),
            home.branch("change").expect("a branch").sha.clone(),
        );
        assert_eq!((home.history(&main).len(), home.history(&change).len()), (5, 6));
        assert!(!home.contains(&main, &change));
        home.merge(number, "mona");
        let main = home.branch("main").expect("main").sha.clone();
        assert!(home.contains(&main, &change));
        assert_eq!(home.history(&main).len(), 7, "the change and the merge");
        home.branch_off("copy", "main");
        assert!(home.contains(&main, &home.branch("copy").expect("a branch").sha));
    }
}
