//! Installations of GitHub Apps, and which repositories they reach.

use super::super::json::Object;
use super::super::rest;
use super::super::view::View;
use super::super::world::{Installation, Repository, World};
use super::{Delivery, Told};

impl Told<'_> {
    /// Tells Apps of their installations.
    pub(super) fn installations(&mut self) {
        let (then, now) = (self.then, self.now);
        for one in now.world.installations.values() {
            let Some(before) = then.world.installations.get(&one.id) else {
                self.of_installation(now, one, "created");
                continue;
            };
            match (&before.suspended, &one.suspended) {
                (None, Some(_)) => self.of_installation(now, one, "suspend"),
                (Some(_), None) => self.of_installation(now, one, "unsuspend"),
                _ => {}
            }
            if before.permissions != one.permissions {
                self.of_installation(now, one, "new_permissions_accepted");
            }
            if before.repositories != one.repositories {
                self.of_repositories(before, one);
            }
            if before.account != one.account {
                self.of_target(before, one);
            }
        }
        for one in then.world.installations.values() {
            if !now.world.installations.contains_key(&one.id) {
                self.of_installation(then, one, "deleted");
            }
        }
    }

    fn of_installation(&mut self, view: View<'_>, one: &Installation, action: &str) {
        let reached = reached(view.world, one);
        let mut payload = self.begun(view, one, action);
        payload.raw("repositories", &rest::short_repositories(reached.into_iter()));
        self.end("installation", payload);
    }

    /// Where somebody picks some instead of all, GitHub tells what was picked and nothing of the rest.
    fn of_repositories(&mut self, before: &Installation, one: &Installation) {
        let view = self.now;
        let (had, has) = (reached(self.then.world, before), reached(view.world, one));
        let is_among = |all: &[&Repository], home: &Repository| all.iter().any(|other| other.id == home.id);
        let picks = before.repositories.is_none();
        let added: Vec<&Repository> = has.iter().copied().filter(|home| picks || !is_among(&had, home)).collect();
        let removed: Vec<&Repository> = had.iter().copied().filter(|home| !picks && !is_among(&has, home)).collect();
        for (action, added, removed) in [("added", added, Vec::new()), ("removed", Vec::new(), removed)] {
            if added.is_empty() && removed.is_empty() {
                continue;
            }
            let mut payload = self.begun(view, one, action);
            payload
                .put("repository_selection", one.selection())
                .raw("repositories_added", &rest::short_repositories(added.into_iter()))
                .raw("repositories_removed", &rest::short_repositories(removed.into_iter()));
            self.end("installation_repositories", payload);
        }
    }

    /// The account has another login.
    fn of_target(&mut self, before: &Installation, one: &Installation) {
        let view = self.now;
        let from = Object::new().put("from", &before.account).end();
        let kind = view
            .world
            .account(&one.account)
            .map_or("Organization", |account| account.kind.as_str());
        let mut payload = Object::new();
        payload
            .put("action", "renamed")
            .raw("account", &rest::person(view, Some(&one.account)))
            .raw("changes", &Object::new().raw("login", &from).end())
            .raw("installation", &rest::short_installation(one))
            .put("target_type", kind)
            .raw("sender", &rest::person(view, Some(World::VIEWER)));
        self.end("installation_target", payload);
    }

    fn begun(&self, view: View<'_>, one: &Installation, action: &str) -> Object {
        // GitHub names who asked for it where it tells that it was made.
        let requester = one.requester.as_deref().filter(|_| action == "created");
        let suspender = one.suspended.as_ref().map(|(_, by)| by.as_str());
        let sender = suspender.filter(|_| action == "suspend").unwrap_or(World::VIEWER);
        let mut payload = Object::new();
        payload
            .put("action", action)
            .raw("installation", &rest::installation(view, one))
            .raw("requester", &rest::person(view, requester))
            .raw("sender", &rest::person(self.now, Some(sender)));
        payload
    }

    fn end(&mut self, event: &'static str, mut payload: Object) {
        self.all.push(Delivery {
            event,
            payload: payload.end(),
        });
    }
}

fn reached<'w>(world: &'w World, one: &Installation) -> Vec<&'w Repository> {
    world.repositories.values().filter(|home| one.reaches(home)).collect()
}
