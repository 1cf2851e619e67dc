//! Webhooks of a repository in REST. Whoever may not administer them is told that there is nothing.

use super::super::answer::{Answer, HIDDEN};
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::{View, stamp};
use super::super::world::{Hook, Permission, Repository};
use super::contents::linked;
use super::page::{PAGE, PER_PAGE, Window};

/// Scopes of classic tokens that let them be read, from wide to narrow.
pub(super) const READ: [&str; 4] = ["repo", "admin:repo_hook", "write:repo_hook", "read:repo_hook"];

/// `GET /repos/{owner}/{repo}/hooks`.
pub(super) fn list(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    admit(view, home, &READ)?;
    let window = Window::of(&asked);
    let shown = window.of_list(&home.hooks).iter().map(|one| hook(view, home, one));
    let address = format!("{}/repositories/{}/hooks", view.base, home.id);
    let link = window.link(&address, &asked, home.hooks.len());
    Ok(linked(Answer::ok(array(shown)), link))
}

/// `GET /repos/{owner}/{repo}/hooks/{hook_id}`.
pub(super) fn one(view: View<'_>, incoming: &Incoming, home: &Repository, id: &str) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    admit(view, home, &READ)?;
    Ok(Answer::ok(hook(view, home, find(home, id)?)))
}

/// Lets those pass who may administer the repository with a token that has one of `scopes`.
pub(super) fn admit(view: View<'_>, home: &Repository, scopes: &[&str]) -> Result<(), Answer> {
    let allowed = view.caller.token.as_ref().is_some_and(|token| token.allows_any(scopes));
    if allowed && view.permission(home) == Some(Permission::Admin) {
        Ok(())
    } else {
        Err(Answer::not_found())
    }
}

pub(super) fn find<'w>(home: &'w Repository, id: &str) -> Result<&'w Hook, Answer> {
    let found = home.hooks.iter().find(|hook| hook.id.to_string() == id);
    found.ok_or_else(Answer::not_found)
}

/// Where a hook is to be had.
pub(super) fn address(view: View<'_>, home: &Repository, hook: &Hook) -> String {
    format!("{}/repos/{}/hooks/{}", view.base, home.full_name(), hook.id)
}

/// A hook; its secret is only hinted at.
pub(in crate::sim::github) fn hook(view: View<'_>, home: &Repository, hook: &Hook) -> String {
    let api = address(view, home, hook);
    let mut config = Object::new();
    config.put("content_type", &hook.content_type);
    if hook.secret.is_some() {
        config.put("secret", HIDDEN);
    }
    config.put("insecure_ssl", &hook.insecure_ssl).put("url", &hook.url);
    let (status, message) = match hook.last_response {
        None => ("unused", None),
        Some(200..300) => ("active", Some("OK")),
        Some(_) => ("failed", Some("Invalid HTTP Response")),
    };
    let last_response = Object::new()
        .put("code", &hook.last_response)
        .put("status", status)
        .put("message", &message)
        .end();
    Object::new()
        .put("type", "Repository")
        .put("id", &hook.id)
        .put("name", "web")
        .put("active", &hook.active)
        .put("events", &hook.events)
        .raw("config", &config.end())
        .put("updated_at", &stamp(hook.updated_at))
        .put("created_at", &stamp(hook.created_at))
        .plain("url", &[&api])
        .plain("test_url", &[&api, "/test"])
        .plain("ping_url", &[&api, "/pings"])
        .plain("deliveries_url", &[&api, "/deliveries"])
        .raw("last_response", &last_response)
        .end()
}
