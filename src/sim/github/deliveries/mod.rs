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
use super::world::{Installation, Repository, World};

/// One delivery, before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// GitHub's name of the event.
    pub event: &'static str,
    /// The body, JSON.
    pub payload: String,
}

/// All of them, in the order of repositories and numbers: by hooks of repositories, or by the hook of the App of that slug, which is told what it
/// subscribes to of the repositories that its installations reach.
pub(super) fn between(before: &World, shared: &Shared, by_app: Option<&str>) -> Vec<Delivery> {
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
            by_app,
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
    /// Slug of the App whose hook delivers.
    by_app: Option<&'w str>,
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
        let installation = self.by_app.map(|slug| through(view, home, slug, event));
        if installation == Some(None) {
            return;
        }
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
        if let Some(installation) = installation.flatten() {
            payload.raw("installation", &rest::short_installation(installation));
        }
        self.all.push(Delivery {
            event,
            payload: payload.end(),
        });
    }
}

/// The installation through which an App is told of an event of a repository.
fn through<'w>(view: View<'w>, home: &Repository, slug: &str, event: &str) -> Option<&'w Installation> {
    let is_its = |one: &&Installation| view.world.app_of(one).is_some_and(|app| app.slug == slug);
    let mut its = view.world.installations.values().filter(is_its);
    its.find(|one| one.suspended.is_none() && one.reaches(home) && one.events.iter().any(|other| other == event))
}
