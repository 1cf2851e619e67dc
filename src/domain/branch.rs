//! Branches, and which of them a form holds.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::text::cut_chars;

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

/// Most characters of a suggested branch's part that is made of words.
const SLUG: usize = 60;

/// A name for the branch of a Task: the Task's own name, and words of its subject. Letters and digits of any alphabet stay; what git
/// forbids in names is neither.
#[must_use]
pub fn suggested_branch(task: &str, subject: &str) -> String {
    let words = |text: &str| -> String {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        words.join("-")
    };
    let name = words(task);
    let slug = words(subject);
    let slug = cut_chars(&slug, SLUG).trim_end_matches('-');
    match (name.is_empty(), slug.is_empty()) {
        (false, false) => format!("{name}-{slug}"),
        _ => format!("{name}{slug}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_branch_is_one_that_git_takes() {
        for (task, subject, branch) in [
            (
                "TASK-2026-00001",
                "Fix the login: it fails!",
                "task-2026-00001-fix-the-login-it-fails",
            ),
            ("TASK-2026-00001", "", "task-2026-00001"),
            (
                "TASK-1",
                "a..b~c^d:e?f*g[h\\i@{j k.lock/",
                "task-1-a-b-c-d-e-f-g-h-i-j-k-lock",
            ),
            ("TASK-1", "Größe 漢字", "task-1-größe-漢字"),
            ("TASK-1", "--- // ---", "task-1"),
        ] {
            assert_eq!(suggested_branch(task, subject), branch);
        }
        let long = suggested_branch("TASK-1", &"word ".repeat(40));
        assert!(long.chars().count() <= 67 && !long.ends_with('-'), "{long}");
    }

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
