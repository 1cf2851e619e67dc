//! Branches, and which of them a form holds.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

/// How many branches by latest commit a Repository holds besides the default and the protected ones.
///
/// A form with thousands of rows cannot be opened; `branches_total` tells the whole number.
pub const HELD_BRANCHES: usize = 500;

/// A branch with its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Name without `refs/heads/`.
    pub name: String,
    /// Commit that it points to.
    pub head_sha: String,
    /// When that commit was made (committer's date); none until it was looked up.
    pub committed_at: Option<DateTime<Utc>>,
    /// Protected by a rule.
    pub protected: bool,
}

/// Chooses what is held: the default branch, every protected one, and the [`HELD_BRANCHES`] with the latest commits.
///
/// The order is by name, so that the same set always has the same order.
#[must_use]
pub fn held_branches(mut all: Vec<Branch>, default_branch: &str) -> Vec<Branch> {
    all.sort_by(|a, b| (Reverse(a.committed_at), &a.name).cmp(&(Reverse(b.committed_at), &b.name)));
    let mut free = HELD_BRANCHES;
    all.retain(|branch| {
        if branch.protected || branch.name == default_branch {
            return true;
        }
        let keep = free > 0;
        free -= usize::from(keep);
        keep
    });
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(name: &str, minute: i64, protected: bool) -> Branch {
        Branch {
            name: name.to_owned(),
            head_sha: format!("{minute:040x}"),
            committed_at: DateTime::from_timestamp(1_700_000_000 + minute * 60, 0),
            protected,
        }
    }

    #[test]
    fn the_default_the_protected_and_the_latest_are_held() {
        let mut all: Vec<_> = (1..=700).map(|n| branch(&format!("b{n:03}"), n, false)).collect();
        all.push(branch("main", 0, false));
        all.push(branch("release", 0, true));
        let held = held_branches(all, "main");
        assert_eq!(held.len(), HELD_BRANCHES + 2);
        assert!(held.iter().any(|b| b.name == "main") && held.iter().any(|b| b.name == "release"));
        assert!(held.iter().any(|b| b.name == "b201") && !held.iter().any(|b| b.name == "b200"));
        assert!(held.is_sorted_by(|a, b| a.name < b.name));
    }
}
