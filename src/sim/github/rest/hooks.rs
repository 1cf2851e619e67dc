//! Webhooks of a repository or an organisation in REST. Whoever may not administer them is told that there is nothing.

use super::super::answer::{Answer, HIDDEN};
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::{View, stamp};
use super::super::world::{Account, Hook, Permission, Repository, World, same_account};
use super::contents::linked;
use super::page::{PAGE, PER_PAGE, Window};

/// What hooks belong to.
#[derive(Clone, Copy)]
pub(super) enum Home<'w> {
    /// A repository.
    Repository(&'w Repository),
    /// An organisation.
    Organization(&'w Account),
}

/// The same, to be found again after something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Repository(u64),
    Organization(u64),
}

impl<'w> Home<'w> {
    pub(super) fn hooks(self) -> &'w [Hook] {
        match self {
            Self::Repository(home) => &home.hooks,
            Self::Organization(home) => &home.hooks,
        }
    }

    pub(super) fn key(self) -> Key {
        match self {
            Self::Repository(home) => Key::Repository(home.id),
            Self::Organization(home) => Key::Organization(home.id),
        }
    }

    pub(super) fn next_hook_id(self) -> u64 {
        match self {
            Self::Repository(home) => home.next_hook_id(),
            Self::Organization(home) => home.next_hook_id(),
        }
    }

    /// The words of GitHub's refusals.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Repository(_) => "repository",
            Self::Organization(_) => "organization",
        }
    }

    pub(super) fn writable(self) -> Result<(), Answer> {
        match self {
            Self::Repository(home) if home.archived => {
                Err(Answer::error(403, "Repository was archived so is read-only.", "rest"))
            }
            _ => Ok(()),
        }
    }

    /// Lets those pass who may administer it with a token that has one of `scopes`; for an organisation there is one scope alone.
    pub(super) fn admit(self, view: View<'_>, scopes: &[&str]) -> Result<(), Answer> {
        let Some(token) = view.caller.token.as_ref() else {
            return Err(Answer::not_found());
        };
        let allowed = match self {
            Self::Repository(home) => token.allows_any(scopes) && view.permission(home) == Some(Permission::Admin),
            Self::Organization(home) => {
                let is_owner = home.owners.iter().any(|login| same_account(login, &token.login));
                token.allows_any(&["admin:org_hook"]) && (is_owner || token.is_installed_in(&home.login))
            }
        };
        if allowed { Ok(()) } else { Err(Answer::not_found()) }
    }

    fn path(self) -> String {
        match self {
            Self::Repository(home) => format!("/repos/{}", home.full_name()),
            Self::Organization(home) => format!("/orgs/{}", home.login),
        }
    }

    /// The path that is in `Link`.
    fn listed_path(self) -> String {
        match self {
            Self::Repository(home) => format!("/repositories/{}", home.id),
            Self::Organization(home) => format!("/organizations/{}", home.id),
        }
    }
}

impl Key {
    /// The hooks there, to be changed.
    pub(super) fn hooks_mut(self, world: &mut World) -> Option<&mut Vec<Hook>> {
        match self {
            Self::Repository(id) => world.repositories.get_mut(&id).map(|home| &mut home.hooks),
            Self::Organization(id) => {
                let mut accounts = world.accounts.values_mut();
                accounts.find(|one| one.id == id).map(|home| &mut home.hooks)
            }
        }
    }

    /// A hook there.
    pub(super) fn hook_mut(self, world: &mut World, id: u64) -> Option<&mut Hook> {
        self.hooks_mut(world)?.iter_mut().find(|one| one.id == id)
    }

    /// What it is the key of.
    pub(super) fn home(self, view: View<'_>) -> Option<Home<'_>> {
        match self {
            Self::Repository(id) => view.world.repositories.get(&id).map(Home::Repository),
            Self::Organization(id) => {
                let mut accounts = view.world.accounts.values();
                accounts.find(|one| one.id == id).map(Home::Organization)
            }
        }
    }
}

/// Scopes of classic tokens that let them be read, from wide to narrow.
pub(super) const READ: [&str; 4] = ["repo", "admin:repo_hook", "write:repo_hook", "read:repo_hook"];

/// `GET .../hooks`.
pub(super) fn list(view: View<'_>, incoming: &Incoming, home: Home<'_>) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    home.admit(view, &READ)?;
    let window = Window::of(&asked);
    let shown = window.of_list(home.hooks()).iter().map(|one| hook(view, home, one));
    let address = format!("{}{}/hooks", view.base, home.listed_path());
    let link = window.link(&address, &asked, home.hooks().len());
    Ok(linked(Answer::ok(array(shown)), link))
}

/// `GET .../hooks/{hook_id}`.
pub(super) fn one(view: View<'_>, incoming: &Incoming, home: Home<'_>, id: &str) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    home.admit(view, &READ)?;
    Ok(Answer::ok(hook(view, home, find(home, id)?)))
}

pub(super) fn find<'w>(home: Home<'w>, id: &str) -> Result<&'w Hook, Answer> {
    let found = home.hooks().iter().find(|hook| hook.id.to_string() == id);
    found.ok_or_else(Answer::not_found)
}

/// Where a hook is to be had.
pub(super) fn address(view: View<'_>, home: Home<'_>, hook: &Hook) -> String {
    format!("{}{}/hooks/{}", view.base, home.path(), hook.id)
}

/// A repository's hook, for the delivery that tells of its end.
pub(in crate::sim::github) fn hook_of_repository(view: View<'_>, home: &Repository, one: &Hook) -> String {
    hook(view, Home::Repository(home), one)
}

/// A hook; its secret is only hinted at.
pub(super) fn hook(view: View<'_>, home: Home<'_>, hook: &Hook) -> String {
    let api = address(view, home, hook);
    let mut config = Object::new();
    config.put("content_type", &hook.content_type);
    if hook.secret.is_some() {
        config.put("secret", HIDDEN);
    }
    config.put("insecure_ssl", &hook.insecure_ssl).put("url", &hook.url);
    let is_repository = matches!(home, Home::Repository(_));
    let mut object = Object::new();
    object
        .put("type", if is_repository { "Repository" } else { "Organization" })
        .put("id", &hook.id)
        .put("name", "web")
        .put("active", &hook.active)
        .put("events", &hook.events)
        .raw("config", &config.end())
        .put("updated_at", &stamp(hook.updated_at))
        .put("created_at", &stamp(hook.created_at))
        .plain("url", &[&api])
        .plain("ping_url", &[&api, "/pings"])
        .plain("deliveries_url", &[&api, "/deliveries"]);
    // Hooks of organisations do not tell how the last delivery went.
    if is_repository {
        object.plain("test_url", &[&api, "/test"]).raw("last_response", &last(hook));
    }
    object.end()
}

fn last(hook: &Hook) -> String {
    let (status, message) = match hook.last_response {
        None => ("unused", None),
        Some(200..300) => ("active", Some("OK")),
        Some(_) => ("failed", Some("Invalid HTTP Response")),
    };
    Object::new()
        .put("code", &hook.last_response)
        .put("status", status)
        .put("message", &message)
        .end()
}
