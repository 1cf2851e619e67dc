//! What GitHub would deliver for what changed between two states of a world.

use super::caller::Caller;
use super::json::Object;
use super::rest;
use super::state::Shared;
use super::view::{Cache, View};
use super::world::{Branch, Collaborator, Gone, Issue, ItemState, Repository, World};

/// One delivery, before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// GitHub's name of the event.
    pub event: &'static str,
    /// The body, JSON.
    pub payload: String,
}

/// Commit of a branch that is not there.
const NOWHERE: &str = "0000000000000000000000000000000000000000";

/// All of them, in the order of repositories and numbers.
pub(super) fn between(before: &World, shared: &Shared) -> Vec<Delivery> {
    shared.viewed(|now| {
        let caller = Caller {
            token: now.world.tokens.first().cloned(),
            label: String::new(),
        };
        let cache = Cache::default();
        let told = Told {
            then: View {
                world: before,
                cache: &cache,
                caller: &caller,
                base: now.base,
            },
            now: View { caller: &caller, ..now },
        };
        let mut deliveries = Vec::new();
        for home in now.world.repositories.values() {
            if let Some(old) = before.repositories.get(&home.id) {
                told.of_repository(old, home, &mut deliveries);
            }
        }
        deliveries
    })
}

/// The two states, to be shown.
struct Told<'w> {
    then: View<'w>,
    now: View<'w>,
}

impl Told<'_> {
    fn of_repository(&self, old: &Repository, home: &Repository, all: &mut Vec<Delivery>) {
        if own(old) != own(home) {
            let action = if old.full_name() == home.full_name() {
                "edited"
            } else {
                "renamed"
            };
            all.push(self.about(home, "repository", action, |_| ()));
        }
        if old.stars != home.stars {
            all.push(self.about(home, "star", "created", |_| ()));
        }
        for item in home.items.values() {
            match old.item(item.number) {
                Some(before) if format!("{before:?}") == format!("{item:?}") => {}
                before => self.of_item(home, before, item, all),
            }
        }
        for item in old.items.values().filter(|item| home.item(item.number).is_none()) {
            let action = match home.gone.get(&item.number) {
                Some(Gone::Transferred { .. }) => "transferred",
                _ => "deleted",
            };
            // GitHub deletes issues only.
            if !item.is_pull_request() {
                let shown = rest::issue(self.then, old, item);
                all.push(self.about(home, "issues", action, |payload| {
                    payload.raw("issue", &shown);
                }));
            }
        }
        self.of_branches(old, home, all);
        if people(old) != people(home) {
            all.push(self.about(home, "member", "edited", |_| ()));
        }
    }

    fn of_item(&self, home: &Repository, before: Option<&Issue>, item: &Issue, all: &mut Vec<Delivery>) {
        if before.is_some_and(|before| before.comments != item.comments) {
            let shown = rest::issue(self.now, home, item);
            all.push(self.about(home, "issue_comment", "created", |payload| {
                payload.raw("issue", &shown).raw("comment", "{}");
            }));
        }
        let action = match before {
            None => "opened",
            Some(before) if before.state == item.state => "edited",
            Some(_) if item.state == ItemState::Closed => "closed",
            Some(_) => "reopened",
        };
        let Some(pull) = &item.pull_request else {
            let shown = rest::issue(self.now, home, item);
            all.push(self.about(home, "issues", action, |payload| {
                payload.raw("issue", &shown);
            }));
            return;
        };
        let shown = rest::pull_request(self.now, home, item, pull, true);
        all.push(self.about(home, "pull_request", action, |payload| {
            payload.raw("pull_request", &shown);
        }));
        let decision = before
            .and_then(|before| before.pull_request.as_ref())
            .map(|pull| pull.review_decision);
        if decision.is_some_and(|decision| decision != pull.review_decision) {
            all.push(self.about(home, "pull_request_review", "submitted", |payload| {
                payload.raw("pull_request", &shown).raw("review", "{}");
            }));
        }
    }

    fn of_branches(&self, old: &Repository, home: &Repository, all: &mut Vec<Delivery>) {
        let find = |of: &[Branch], name: &str| of.iter().find(|one| one.name == name).map(|one| one.sha.clone());
        for branch in &home.branches {
            let before = find(&old.branches, &branch.name);
            if before.as_deref() != Some(branch.sha.as_str()) {
                all.push(self.push(home, &branch.name, before.as_deref(), Some(&branch.sha)));
            }
        }
        for branch in &old.branches {
            if find(&home.branches, &branch.name).is_none() {
                all.push(self.push(home, &branch.name, Some(&branch.sha), None));
            }
        }
        let protected = |of: &Repository| {
            let names = of.branches.iter().filter(|one| one.protected);
            names.map(|one| one.name.clone()).collect::<Vec<_>>()
        };
        if protected(old) != protected(home) {
            all.push(self.about(home, "branch_protection_rule", "edited", |_| ()));
        }
    }

    fn push(&self, home: &Repository, name: &str, before: Option<&str>, after: Option<&str>) -> Delivery {
        self.about(home, "push", "", |payload| {
            payload
                .put("ref", &format!("refs/heads/{name}"))
                .put("before", before.unwrap_or(NOWHERE))
                .put("after", after.unwrap_or(NOWHERE))
                .put("created", &before.is_none())
                .put("deleted", &after.is_none())
                .raw("commits", "[]");
        })
    }

    /// A delivery about a repository, with the members that `fill` adds.
    fn about(&self, home: &Repository, event: &'static str, action: &str, fill: impl FnOnce(&mut Object)) -> Delivery {
        let mut payload = Object::new();
        if !action.is_empty() {
            payload.put("action", action);
        }
        fill(&mut payload);
        payload.raw("repository", &rest::whole_repository(self.now, home));
        Delivery {
            event,
            payload: payload.end(),
        }
    }
}

/// What a repository says of itself that no other event tells.
fn own(of: &Repository) -> String {
    format!(
        "{:?}",
        (
            of.full_name(),
            &of.description,
            of.visibility,
            &of.default_branch,
            of.archived,
            of.has_issues,
            of.updated_at
        )
    )
}

fn people(of: &Repository) -> String {
    let one = |one: &Collaborator| format!("{}:{:?}:{}", one.login, one.permission, one.role_name);
    of.collaborators.iter().map(one).collect::<Vec<_>>().join(",")
}
