//! The repository itself, its stars, hooks and people.

use super::super::json::Object;
use super::super::rest;
use super::super::world::{Collaborator, Repository};
use super::{Step, Told};
use crate::domain::Visibility;

impl Told<'_> {
    pub(super) fn repository(&mut self, step: Step<'_>) {
        let Step { old, home } = step;
        if old.owner != home.owner {
            let from = Object::new().put("login", &old.owner).end();
            let kind = if self
                .then
                .world
                .account(&old.owner)
                .is_some_and(|one| one.kind.as_str() == "User")
            {
                "user"
            } else {
                "organization"
            };
            let owner = Object::new().raw("from", &Object::new().raw(kind, &from).end()).end();
            let changes = Object::new().raw("owner", &owner).end();
            self.tell(home, "repository", "transferred", |payload| {
                payload.raw("changes", &changes);
            });
        } else if old.name != home.name {
            let name = Object::new().put("from", &old.name).end();
            let changes = Object::new().raw("repository", &Object::new().raw("name", &name).end()).end();
            self.tell(home, "repository", "renamed", |payload| {
                payload.raw("changes", &changes);
            });
        }
        self.settings(step);
        if old.stars != home.stars {
            let (action, at) = if home.stars > old.stars {
                ("created", Some(super::super::view::stamp(home.now())))
            } else {
                ("deleted", None)
            };
            self.tell(home, "star", action, |payload| {
                payload.put("starred_at", &at);
            });
        }
        for hook in &old.hooks {
            if !home.hooks.iter().any(|one| one.id == hook.id) {
                let shown = rest::hook_of_repository(self.then, old, hook);
                self.tell(home, "meta", "deleted", |payload| {
                    payload.put("hook_id", &hook.id).raw("hook", &shown);
                });
            }
        }
        self.people(step);
    }

    fn settings(&mut self, Step { old, home }: Step<'_>) {
        let own = |of: &Repository| {
            (
                of.description.clone(),
                of.homepage.clone(),
                of.default_branch.clone(),
                of.has_issues,
            )
        };
        if own(old) != own(home) {
            let mut changes = Object::new();
            for (member, from, to) in [
                ("description", &old.description, &home.description),
                ("homepage", &old.homepage, &home.homepage),
                (
                    "default_branch",
                    &Some(old.default_branch.clone()),
                    &Some(home.default_branch.clone()),
                ),
            ] {
                if from != to {
                    changes.raw(member, &Object::new().put("from", from).end());
                }
            }
            let changes = changes.end();
            self.tell(home, "repository", "edited", |payload| {
                payload.raw("changes", &changes);
            });
        }
        if old.archived != home.archived {
            let action = if home.archived { "archived" } else { "unarchived" };
            self.tell(home, "repository", action, |_| ());
        }
        if old.visibility != home.visibility {
            if home.visibility == Visibility::Public {
                self.tell(home, "public", "", |_| ());
                self.tell(home, "repository", "publicized", |_| ());
            } else {
                self.tell(home, "repository", "privatized", |_| ());
            }
        }
    }

    fn people(&mut self, Step { old, home }: Step<'_>) {
        let find = |of: &Repository, login: &str| of.collaborators.iter().find(|one| one.login == login).cloned();
        let mut told = Vec::new();
        for one in &home.collaborators {
            match find(old, &one.login) {
                None => told.push(("added", one.login.clone())),
                Some(before) if rights(&before) != rights(one) => told.push(("edited", one.login.clone())),
                Some(_) => {}
            }
        }
        let left = old.collaborators.iter().filter(|one| find(home, &one.login).is_none());
        told.extend(left.map(|one| ("removed", one.login.clone())));
        for (action, login) in told {
            let member = rest::person(self.now, Some(&login));
            self.tell(home, "member", action, |payload| {
                payload.raw("member", &member);
            });
        }
        let teams = &self.now.world.teams;
        for team in teams.iter().filter(|team| team.repositories.contains_key(&home.id)) {
            let before = self.then.world.teams.iter().find(|one| one.id == team.id);
            if before.is_none_or(|before| !before.repositories.contains_key(&home.id)) {
                let shown = rest::team(self.now, team, false);
                self.tell(home, "team_add", "", |payload| {
                    payload.raw("team", &shown);
                });
            }
        }
    }

    pub(super) fn deleted_repository(&mut self, old: &Repository) {
        self.tell_of(self.then, old, ("repository", "deleted"), |_| ());
    }
}

fn rights(of: &Collaborator) -> String {
    format!("{:?} {}", of.permission, of.role_name)
}
