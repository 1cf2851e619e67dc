//! GitHub Apps in REST: what they are told of themselves, their installations, tokens, and the end of the manifest flow.

mod conversion;
mod hook;
mod needs;
mod shown;
mod tokens;

use super::super::answer::Answer;
use super::super::app_token::NOT_DECODED;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::{Place, View};
use super::super::world::{App, Installation, Repository, same_account};
use super::contents::linked;
use super::page::{PAGE, PER_PAGE, Window};
use super::repositories::{Shape, repository};
use super::{after_repository, unknown};

pub(super) use needs::admit;
pub(in crate::sim::github) use needs::may_read;
pub(in crate::sim::github) use shown::{installation, manage_path, short_installation, short_repositories};

/// What GitHub answers to an App or an installation that may not do something.
pub(in crate::sim::github) const NOT_ACCESSIBLE: &str = "Resource not accessible by integration";

/// The answer to a `GET` of these; none for other paths.
pub(super) fn route(view: View<'_>, incoming: &Incoming, segments: &[&str]) -> Option<Result<Answer, Answer>> {
    Some(match segments {
        ["app"] => own(view).and_then(|app| {
            incoming.parameters(&[])?;
            Ok(Answer::ok(shown::app(view, app)))
        }),
        ["app", "hook", "deliveries"] => hook::deliveries(view, incoming),
        ["app", "installations"] => list(view, incoming),
        ["app", "installations", id] => one(view, incoming, |each| each.id.to_string() == *id),
        ["apps", slug] => by_slug(view, incoming, slug),
        ["orgs" | "users", login, "installation"] => one(view, incoming, |each| same_account(&each.account, login)),
        ["repos", owner, name, "installation"] => of_repository(view, incoming, Place::Name(owner, name)),
        ["repositories", id, "installation"] => of_repository(view, incoming, Place::Id(id)),
        ["installation", "repositories"] => reached(view, incoming),
        _ => return None,
    })
}

/// The same for what is no `GET`.
pub(super) fn write(view: View<'_>, incoming: &Incoming, segments: &[&str]) -> Option<Result<Change, Answer>> {
    Some(match (incoming.method.as_str(), segments) {
        ("POST", ["app", "hook", "deliveries", id, "attempts"]) => hook::redeliver(view, incoming, id),
        ("POST", ["app", "installations", id, "access_tokens"]) => tokens::create(view, incoming, id),
        ("DELETE", ["app", "installations", id]) => found(view, id).map(|one| {
            let id = one.id;
            Change::silent(move |world| world.uninstall(id))
        }),
        ("PUT", ["app", "installations", id, "suspended"]) => suspend(view, id, true),
        ("DELETE", ["app", "installations", id, "suspended"]) => suspend(view, id, false),
        ("DELETE", ["installation", "token"]) => tokens::revoke(view),
        ("POST", ["app-manifests", code, "conversions"]) => conversion::convert(view, incoming, code),
        (_, ["app" | "installation" | "app-manifests", ..]) => Err(unknown(incoming)),
        _ => return None,
    })
}

/// The App that proved itself.
fn own(view: View<'_>) -> Result<&App, Answer> {
    let found = view.world.apps.iter().find(|app| view.caller.app == Some(app.id));
    found.ok_or_else(|| Answer::error(401, NOT_DECODED, "rest"))
}

fn its<'w>(view: View<'w>, app: &App) -> impl Iterator<Item = &'w Installation> {
    let id = app.id;
    view.world.installations.values().filter(move |one| one.app_id == id)
}

/// An installation of the App that asks.
fn found<'w>(view: View<'w>, id: &str) -> Result<&'w Installation, Answer> {
    let app = own(view)?;
    its(view, app)
        .find(|one| one.id.to_string() == id)
        .ok_or_else(Answer::not_found)
}

fn suspend(view: View<'_>, id: &str, is_suspended: bool) -> Result<Change, Answer> {
    let (id, owner) = (found(view, id)?.id, own(view)?.owner.clone());
    Ok(Change::silent(move |world| {
        let now = world.now();
        if let Some(one) = world.installations.get_mut(&id) {
            one.suspended = is_suspended.then_some((now, owner));
        }
    }))
}

fn one(view: View<'_>, incoming: &Incoming, is_it: impl Fn(&Installation) -> bool) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    let app = own(view)?;
    let found = its(view, app).find(|one| is_it(one));
    let found = found.ok_or_else(Answer::not_found)?;
    Ok(Answer::ok(shown::installation(view, found)))
}

fn of_repository(view: View<'_>, incoming: &Incoming, place: Place<'_>) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    let app = own(view)?;
    // What the App is not installed in is not there for it, and what was renamed is found under its new name.
    let home = match place {
        Place::Id(id) => id.parse().ok().and_then(|id: u64| view.world.repositories.get(&id)),
        Place::Name(owner, name) => view.world.find(&format!("{owner}/{name}")),
    };
    if let (None, Place::Name(owner, name)) = (home, place)
        && let Some(former) = view.world.find_former(&format!("{owner}/{name}"))
    {
        let rest = after_repository(incoming, place);
        return Err(Answer::moved(&format!("{}/repositories/{}{rest}", view.base, former.id)));
    }
    let found = home.and_then(|home| its(view, app).find(|one| one.reaches(home)));
    let found = found.ok_or_else(Answer::not_found)?;
    Ok(Answer::ok(shown::installation(view, found)))
}

fn list(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["since", "outdated", PER_PAGE, PAGE])?;
    let all: Vec<&Installation> = its(view, own(view)?).collect();
    let window = Window::of(&asked);
    let shown = window.of_list(&all).iter().map(|one| shown::installation(view, one));
    let link = window.link(&format!("{}/app/installations", view.base), &asked, all.len());
    Ok(linked(Answer::ok(array(shown)), link))
}

fn by_slug(view: View<'_>, incoming: &Incoming, slug: &str) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    let found = view.world.apps.iter().find(|app| app.slug == slug);
    Ok(Answer::ok(shown::app(view, found.ok_or_else(Answer::not_found)?)))
}

fn reached(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    let Some(grant) = view.caller.token.as_ref().and_then(|token| token.grant.as_ref()) else {
        let message =
            "You must authenticate with an installation access token in order to list repositories for an installation.";
        return Err(Answer::error(403, message, "rest/apps/installations"));
    };
    let reached = |home: &&Repository| view.world.reaches(grant, home);
    let all: Vec<&Repository> = view.world.repositories.values().filter(reached).collect();
    let window = Window::of(&asked);
    let shown = window.of_list(&all).iter().map(|one| repository(view, one, Shape::Plain));
    let installation = view.world.installations.get(&grant.installation);
    let body = Object::new()
        .put("total_count", &all.len())
        .put("repository_selection", &installation.map(Installation::selection))
        .raw("repositories", &array(shown))
        .end();
    let link = window.link(&format!("{}/installation/repositories", view.base), &asked, all.len());
    Ok(linked(Answer::ok(body), link))
}
