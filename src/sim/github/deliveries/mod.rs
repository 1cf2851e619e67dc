//! What GitHub would deliver for what changed between two states of a world.
//!
//! As on GitHub, what follows from something else is not told: an issue whose label gets another name, a comment that goes with its issue or
//! comes with it from another repository, a file that is added to a release.

mod apps;
mod authorizations;
mod git;
mod items;
mod parts;
mod repositories;
mod talk;

use super::caller::Caller;
use super::json::Object;
use super::rest;
use super::state::Shared;
use super::view::{Cache, View};
use super::world::{Repository, World};

/// One delivery, before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// GitHub's name of the event.
    pub event: &'static str,
    /// The body, JSON.
    pub payload: String,
}

/// All of them, in the order of repositories and numbers.
pub(super) fn between(before: &World, shared: &Shared) -> Vec<Delivery> {
    shared.viewed(|now| {
        let caller = Caller {
            token: now.world.tokens.first().cloned(),
            ..Caller::default()
        };
        let cache = Cache::default();
        let mut told = Told {
            then: View {
                world: before,
                cache: &cache,
                caller: &caller,
                base: now.base,
            },
            now: View { caller: &caller, ..now },
            all: Vec::new(),
        };
        for home in now.world.repositories.values() {
            if let Some(old) = before.repositories.get(&home.id) {
                let step = Step { old, home };
                told.repository(step);
                told.branches(step);
                told.parts(step);
                told.items(step);
                told.talk(step);
            }
        }
        for old in before.repositories.values() {
            if !now.world.repositories.contains_key(&old.id) {
                told.deleted_repository(old);
            }
        }
        told.installations();
        told.authorizations();
        told.all
    })
}

/// Events whose edits tell which fields changed; ours do not, and nobody goes by it.
const CHANGES_NOT_TOLD: [&str; 6] = ["issue_comment", "issues", "member", "milestone", "pull_request", "release"];

/// One repository before and after.
#[derive(Clone, Copy)]
struct Step<'w> {
    old: &'w Repository,
    home: &'w Repository,
}

/// The two states, to be shown, and what was told so far.
struct Told<'w> {
    then: View<'w>,
    now: View<'w>,
    all: Vec<Delivery>,
}

impl Told<'_> {
    /// Tells an event of a repository as it is now, with the members that `fill` adds.
    fn tell(&mut self, home: &Repository, event: &'static str, action: &str, fill: impl FnOnce(&mut Object)) {
        let view = self.now;
        self.tell_of(view, home, (event, action), fill);
    }

    fn tell_of(&mut self, view: View<'_>, home: &Repository, what: (&'static str, &str), fill: impl FnOnce(&mut Object)) {
        let (event, action) = what;
        let mut payload = Object::new();
        if !action.is_empty() {
            payload.put("action", action);
        }
        fill(&mut payload);
        if action == "edited" && CHANGES_NOT_TOLD.contains(&event) {
            payload.raw("changes", "{}");
        }
        let by = home
            .collaborators
            .first()
            .map_or(home.owner.as_str(), |one| one.login.as_str());
        payload
            .raw("repository", &rest::whole_repository(view, home))
            .raw("sender", &rest::person(view, Some(by)));
        self.all.push(Delivery {
            event,
            payload: payload.end(),
        });
    }
}
