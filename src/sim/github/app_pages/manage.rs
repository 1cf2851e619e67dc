//! Managing an installation: repositories, permissions, suspension, removal.

use std::fmt::Write as _;

use super::super::answer::Answer;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::rest::manage_path;
use super::super::view::View;
use super::super::world::{Installation, World, same_account};
use super::install::{choice, picked, sent_back};
use super::{field, fields, html, owned};

/// The installation, for an owner of its account.
fn find<'w>(view: View<'w>, id: &str) -> Result<&'w Installation, Answer> {
    let found = id.parse().ok().and_then(|id: u64| view.world.installations.get(&id));
    let found = found.ok_or_else(html::not_found)?;
    owned(view, &found.account)?;
    Ok(found)
}

/// `GET .../settings/installations/{id}`.
pub(super) fn page(view: View<'_>, id: &str) -> Result<Answer, Answer> {
    let one = find(view, id)?;
    let path = manage_path(view, one);
    let app = view.world.app_of(one);
    let mut body = format!("<form method=\"post\" action=\"{path}\">\n");
    let homes = view.world.repositories.values();
    let ids: Option<Vec<u64>> = one.repositories.as_ref().map(|ids| ids.iter().copied().collect());
    choice(
        &mut body,
        homes.filter(|home| same_account(&home.owner, &one.account)),
        ids.as_deref(),
    );
    let mut buttons = vec![("update", "Save")];
    if app.is_some_and(|app| app.permissions != one.permissions) {
        buttons.push(("accept", "Accept new permissions"));
    }
    buttons.push(match one.suspended {
        Some(_) => ("unsuspend", "Unsuspend"),
        None => ("suspend", "Suspend"),
    });
    buttons.push(("uninstall", "Uninstall"));
    for (action, label) in buttons {
        let _ = writeln!(
            body,
            "<button type=\"submit\" name=\"action\" value=\"{action}\" id=\"{action}\">{label}</button>"
        );
    }
    body.push_str("</form>");
    let name = app.map_or("GitHub App", |app| app.name.as_str());
    Ok(html::page(200, name, &body))
}

/// One of its buttons. After a change of the repositories GitHub sends to the App's page, where that wants it.
pub(super) fn change(view: View<'_>, incoming: &Incoming, id: &str) -> Result<Change, Answer> {
    let one = find(view, id)?;
    let (id, path) = (one.id, manage_path(view, one));
    let sent = fields(&incoming.body);
    let action = field(&sent, "action").to_owned();
    let setup = view.world.app_of(one).filter(|app| app.setup_on_update);
    let setup = setup.and_then(|app| app.setup_url.clone()).filter(|_| action == "update");
    let apply = move |world: &mut World| {
        let now = world.now();
        match action.as_str() {
            "accept" => world.accept_permissions(id),
            "uninstall" => world.uninstall(id),
            _ => {}
        }
        let Some(one) = world.installations.get_mut(&id) else {
            return;
        };
        one.updated_at = now;
        match action.as_str() {
            "suspend" => {
                one.suspend(World::VIEWER);
            }
            "unsuspend" => {
                one.unsuspend();
            }
            "update" => one.repositories = picked(&sent).map(|ids| ids.into_iter().collect()),
            _ => {}
        }
    };
    Ok(Change::of_world(apply, move |view, ()| {
        if setup.is_some() {
            let id = id.to_string();
            return sent_back(setup.as_deref(), &[("installation_id", &id), ("setup_action", "update")]);
        }
        let is_there = view.world.installations.contains_key(&id);
        let to = if is_there {
            path
        } else {
            "/settings/installations".to_owned()
        };
        html::redirect(&to)
    }))
}
