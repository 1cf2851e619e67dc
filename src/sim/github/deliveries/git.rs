//! Branches: pushes with their commits, and rules.

use std::collections::BTreeSet;

use super::super::json::{Object, array};
use super::super::view::stamp;
use super::super::world::{Commit, Repository, ids};
use super::{Step, Told};

/// Commit of a branch that is not there.
const NOWHERE: &str = "0000000000000000000000000000000000000000";

impl Told<'_> {
    pub(super) fn branches(&mut self, step: Step<'_>) {
        let Step { old, home } = step;
        for branch in &home.branches {
            let before = old.branch(&branch.name).map(|one| one.sha.as_str());
            if before != Some(branch.sha.as_str()) {
                if before.is_none() {
                    self.named(home, "create", &branch.name);
                }
                self.push(step, &branch.name, (before, Some(&branch.sha)));
            }
        }
        for branch in &old.branches {
            if home.branch(&branch.name).is_none() {
                self.named(home, "delete", &branch.name);
                self.push(step, &branch.name, (Some(&branch.sha), None));
            }
        }
        let protected = |of: &Repository| -> BTreeSet<String> {
            let names = of.branches.iter().filter(|one| one.protected);
            names.map(|one| one.name.clone()).collect()
        };
        let (before, after) = (protected(old), protected(home));
        for name in before.symmetric_difference(&after) {
            let action = if after.contains(name) { "created" } else { "deleted" };
            let rule = rule(home, name);
            self.tell(home, "branch_protection_rule", action, |payload| {
                payload.raw("rule", &rule);
            });
        }
    }

    fn named(&mut self, home: &Repository, event: &'static str, name: &str) {
        self.tell(home, event, "", |payload| {
            payload.put("ref", name).put("ref_type", "branch");
            if event == "create" {
                payload
                    .put("master_branch", &home.default_branch)
                    .put("description", &home.description);
            }
            payload.put("pusher_type", "user");
        });
    }

    fn push(&mut self, Step { old, home }: Step<'_>, name: &str, (before, after): (Option<&str>, Option<&str>)) {
        let known: BTreeSet<&str> = match before {
            Some(before) => old.history(before).into_iter().map(|(sha, _)| sha).collect(),
            // Of a new branch what no branch led to is told.
            None => old
                .branches
                .iter()
                .flat_map(|branch| old.history(&branch.sha))
                .map(|(sha, _)| sha)
                .collect(),
        };
        let web = format!("{}/{}", self.now.web(), home.full_name());
        let mut fresh: Vec<(&str, &Commit)> = after.map(|after| home.history(after)).unwrap_or_default();
        // GitHub tells the oldest one first.
        fresh.reverse();
        let head = fresh.last().map(|(sha, commit)| brief(&web, sha, commit));
        fresh.retain(|(sha, _)| !known.contains(sha));
        let commits = array(fresh.iter().map(|(sha, commit)| brief(&web, sha, commit)));
        let forced = matches!((before, after), (Some(before), Some(after)) if !home.contains(after, before));
        let pusher = Object::new().put("name", &home.owner).put("email", &None::<&str>).end();
        let (from, to) = (before.unwrap_or(NOWHERE), after.unwrap_or(NOWHERE));
        self.tell(home, "push", "", |payload| {
            payload
                .put("ref", &format!("refs/heads/{name}"))
                .put("before", from)
                .put("after", to)
                .put("created", &before.is_none())
                .put("deleted", &after.is_none())
                .put("forced", &forced)
                .put("base_ref", &None::<&str>)
                .put("compare", &format!("{web}/compare/{from}...{to}"))
                .raw("commits", &commits)
                .raw("head_commit", head.as_deref().unwrap_or("null"))
                .raw("pusher", &pusher);
        });
    }
}

/// A rule that protects one branch from being forced or deleted, and nothing else.
fn rule(home: &Repository, name: &str) -> String {
    let mut rule = Object::new();
    rule.put("id", &(ids::seed(name) % 1_000_000))
        .put("repository_id", &home.id)
        .put("name", name)
        .put("created_at", &stamp(home.now()))
        .put("updated_at", &stamp(home.now()))
        .put("required_approving_review_count", &0)
        .raw("required_status_checks", "[]")
        .raw("authorized_actor_names", "[]");
    for check in [
        "admin_enforced",
        "authorized_actors_only",
        "authorized_dismissal_actors_only",
        "dismiss_stale_reviews_on_push",
        "ignore_approvals_from_contributors",
        "require_code_owner_review",
        "strict_required_status_checks_policy",
    ] {
        rule.put(check, &false);
    }
    for level in [
        "allow_deletions_enforcement_level",
        "allow_force_pushes_enforcement_level",
        "linear_history_requirement_enforcement_level",
        "lock_branch_enforcement_level",
        "merge_queue_enforcement_level",
        "pull_request_reviews_enforcement_level",
        "required_conversation_resolution_level",
        "required_deployments_enforcement_level",
        "required_status_checks_enforcement_level",
        "signature_requirement_enforcement_level",
    ] {
        rule.put(level, "off");
    }
    rule.end()
}

/// A commit as a push tells it.
fn brief(web: &str, sha: &str, commit: &Commit) -> String {
    let who = commit.author.as_deref().unwrap_or("Somebody");
    let mut author = Object::new();
    author.put("name", who).put("email", &format!("{who}@example.com"));
    if let Some(login) = &commit.author {
        author.put("username", login);
    }
    let author = author.end();
    Object::new()
        .put("id", sha)
        .put("tree_id", &ids::sha(ids::seed(sha), 1))
        .put("distinct", &true)
        .put("message", &commit.message)
        .put("timestamp", &stamp(commit.committed_at))
        .put("url", &format!("{web}/commit/{sha}"))
        .raw("author", &author)
        .raw("committer", &author)
        .raw("added", "[]")
        .raw("removed", "[]")
        .raw("modified", "[]")
        .end()
}
