//! Apps and installations as JSON, in REST and in deliveries.

use super::super::super::json::{Object, array};
use super::super::super::view::{View, stamp};
use super::super::super::world::{AccountKind, App, Installation, Repository};
use super::super::accounts::person;

/// Writes what is told of an App everywhere; the caller ends the object.
pub(super) fn members(view: View<'_>, app: &App) -> Object {
    let at = stamp(app.created_at);
    let mut object = Object::new();
    object
        .put("id", &app.id)
        .put("slug", &app.slug)
        .put("node_id", &app.node_id())
        .put("client_id", &app.client_id)
        .raw("owner", &person(view, Some(&app.owner)))
        .put("name", &app.name)
        .put("description", &None::<&str>)
        .put("external_url", &app.url)
        .plain("html_url", &[view.web(), "/apps/", &app.slug])
        .put("created_at", &at)
        .put("updated_at", &at)
        .put("permissions", &app.permissions)
        .put("events", &app.events);
    object
}

/// An App that asks about itself.
pub(super) fn app(view: View<'_>, app: &App) -> String {
    let installed = view.world.installations.values().filter(|one| one.app_id == app.id);
    let mut object = members(view, app);
    if view.caller.app == Some(app.id) {
        object.put("installations_count", &installed.count());
    }
    object.end()
}

/// Where an owner of the account manages an installation, without the host.
pub(in crate::sim::github) fn manage_path(view: View<'_>, one: &Installation) -> String {
    let kind = view.world.account(&one.account).map(|account| account.kind);
    match kind {
        Some(AccountKind::Organization) => format!("/organizations/{}/settings/installations/{}", one.account, one.id),
        _ => format!("/settings/installations/{}", one.id),
    }
}

/// An installation, as the App's deliveries of other things name it.
pub(in crate::sim::github) fn short_installation(one: &Installation) -> String {
    Object::new().put("id", &one.id).put("node_id", &one.node_id()).end()
}

/// An installation.
pub(in crate::sim::github) fn installation(view: View<'_>, one: &Installation) -> String {
    let app = view.world.app_of(one);
    let account = view.world.account(&one.account);
    let api = format!("{}/app/installations/{}", view.base, one.id);
    let (at, by) = one.suspended.as_ref().map(|(at, by)| (stamp(*at), by.as_str())).unzip();
    Object::new()
        .put("id", &one.id)
        .raw("account", &person(view, Some(&one.account)))
        .put("repository_selection", one.selection())
        .plain("access_tokens_url", &[&api, "/access_tokens"])
        .plain("repositories_url", &[view.base, "/installation/repositories"])
        .plain("html_url", &[view.web(), &manage_path(view, one)])
        .put("app_id", &one.app_id)
        .put("client_id", &app.map(|app| app.client_id.as_str()).unwrap_or_default())
        .put("app_slug", &app.map(|app| app.slug.as_str()).unwrap_or_default())
        .put("target_id", &account.map_or(0, |account| account.id))
        .put("target_type", account.map_or("User", |account| account.kind.as_str()))
        .put("permissions", &one.permissions)
        .put("events", &one.events)
        .put("created_at", &stamp(one.created_at))
        .put("updated_at", &stamp(one.updated_at))
        .put("single_file_name", &None::<&str>)
        .put("has_multiple_single_files", &false)
        .put("single_file_paths", &[(); 0])
        .raw("suspended_by", &person(view, by))
        .put("suspended_at", &at)
        .end()
}

/// Repositories as deliveries about installations tell of them.
pub(in crate::sim::github) fn short_repositories<'w>(all: impl Iterator<Item = &'w Repository>) -> String {
    array(all.map(|one| {
        Object::new()
            .put("id", &one.id)
            .put("node_id", &one.node_id())
            .put("name", &one.name)
            .put("full_name", &one.full_name())
            .put("private", &(one.visibility != crate::domain::Visibility::Public))
            .end()
    }))
}
