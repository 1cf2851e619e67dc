//! Which write is done by what.

use super::super::answer::Answer;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::view::{Place, View};
use super::access_writes::TeamPath;
use super::hooks::Home;
use super::lists::organization;
use super::{access_writes, after_repository, apps, hook_deliveries, hook_writes, issue_writes, pull_writes, unknown};

/// What a request changes that is no GET.
pub(super) fn route(view: View<'_>, incoming: &Incoming) -> Result<Change, Answer> {
    let segments = incoming.segments();
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    if let Some(change) = apps::write(view, incoming, &segments) {
        return change;
    }
    match segments.as_slice() {
        ["orgs", organization, "teams", team, "repos", owner, name] => {
            incoming.parameters(&[])?;
            let path = TeamPath {
                organization,
                team,
                repository: &format!("{owner}/{name}"),
            };
            match incoming.method.as_str() {
                "PUT" => access_writes::add_team(view, incoming, path),
                "DELETE" => access_writes::remove_team(view, incoming, path),
                _ => Err(unknown(incoming)),
            }
        }
        ["orgs", login, "hooks", rest @ ..] => {
            incoming.parameters(&[])?;
            hooks_of(view, incoming, Home::Organization(organization(view, login)?), rest)
        }
        ["repos", owner, name, rest @ ..] => inside(view, incoming, Place::Name(owner, name), rest),
        ["repositories", id, rest @ ..] => inside(view, incoming, Place::Id(id), rest),
        _ => Err(unknown(incoming)),
    }
}

fn inside(view: View<'_>, incoming: &Incoming, place: Place<'_>, rest: &[&str]) -> Result<Change, Answer> {
    incoming.parameters(&[])?;
    let home = view.repository_at(&place, &after_repository(incoming, place));
    let home = home.map_err(Answer::keeping_the_method)?;
    match (incoming.method.as_str(), rest) {
        ("POST", ["issues"]) => issue_writes::create(view, incoming, home),
        ("PATCH", ["issues", number]) => issue_writes::update(view, incoming, home, number),
        ("POST", ["issues", number, "assignees"]) => issue_writes::add_assignees(view, incoming, home, number),
        ("DELETE", ["issues", number, "assignees"]) => issue_writes::remove_assignees(view, incoming, home, number),
        ("POST", ["pulls"]) => pull_writes::create(view, incoming, home),
        ("POST", ["pulls", number, "requested_reviewers"]) => pull_writes::request_reviewers(view, incoming, home, number),
        ("PUT", ["collaborators", login]) => access_writes::add(view, incoming, home, login),
        ("DELETE", ["collaborators", login]) => access_writes::remove(view, incoming, home, login),
        (_, ["hooks", rest @ ..]) => hooks_of(view, incoming, Home::Repository(home), rest),
        _ => Err(unknown(incoming)),
    }
}

fn hooks_of(view: View<'_>, incoming: &Incoming, home: Home<'_>, rest: &[&str]) -> Result<Change, Answer> {
    match (incoming.method.as_str(), rest) {
        ("POST", []) => hook_writes::create(view, incoming, home),
        ("PATCH", [id]) => hook_writes::update(view, incoming, home, id),
        ("DELETE", [id]) => hook_writes::delete(view, incoming, home, id),
        ("POST", [id, "pings"]) => hook_writes::ping(view, incoming, home, id),
        ("POST", [hook, "deliveries", id, "attempts"]) => hook_deliveries::redeliver(view, incoming, home, (hook, id)),
        _ => Err(unknown(incoming)),
    }
}
