//! GitHub's REST interface: which path is answered by what.

mod access_lists;
mod access_writes;
mod accounts;
mod apps;
mod choices;
mod collaborators;
mod contents;
mod git;
mod hook_deliveries;
mod hook_writes;
mod hooks;
mod issue_writes;
mod issues;
mod lists;
mod memberships;
mod page;
mod parts;
mod permit;
mod pull_writes;
mod pulls;
mod releases;
mod repositories;
mod search;
mod teams;
mod visible;
mod writes;

use std::sync::Arc;

use super::answer::Answer;
use super::change::Outcome;
use super::incoming::Incoming;
use super::json::Object;
use super::view::{Place, View};
use super::world::{AccountKind, Repository, Resource, Usage};
use hooks::Home;
use repositories::{Shape, repository};

pub(super) use accounts::person;
pub(super) use apps::{NOT_ACCESSIBLE, installation, manage_path, may_read, short_installation, short_repositories};
pub(super) use hooks::hook_of_repository;
pub(super) use issues::{issue, label, milestone};
pub(super) use parts::comment;
pub(super) use pulls::pull_request;
pub(super) use releases::release;
pub(super) use teams::team;

/// A repository as it is shown alone, and in deliveries.
pub(super) fn whole_repository(view: View<'_>, home: &Repository) -> Arc<str> {
    repository(view, home, Shape::Full)
}

/// Answers a request whose caller was admitted and has points left, or says what it changes.
pub(super) fn react(view: View<'_>, incoming: &Incoming) -> Outcome {
    if let Err(refusal) = apps::admit(view, incoming) {
        return Outcome::Shown(refusal);
    }
    let outcome = if incoming.method == "GET" {
        route(view, incoming).map(Outcome::Shown)
    } else {
        writes::route(view, incoming).map(Outcome::Changes)
    };
    outcome.unwrap_or_else(Outcome::Shown)
}

fn route(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    let segments = incoming.segments();
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    if let Some(answer) = apps::route(view, incoming, &segments) {
        return answer;
    }
    match segments.as_slice() {
        ["user"] => accounts::viewer(view, incoming),
        ["user", "installations"] => visible::installations(view, incoming),
        ["user", "installations", id, "repositories"] => visible::repositories(view, incoming, id),
        ["user", "memberships", "orgs"] => memberships::of_viewer(view, incoming),
        ["user", "repos"] => lists::of_viewer(view, incoming),
        ["user", id, "repos"] => lists::of_user(view, incoming, lists::by_id(view, id, AccountKind::User)?),
        ["users", login] => accounts::user(view, incoming, login),
        ["users", login, "repos"] => lists::of_user(view, incoming, accounts::account(view, login)?),
        ["orgs", login] => accounts::organization(view, incoming, login),
        ["orgs", login, "repos"] => lists::of_organization(view, incoming, lists::organization(view, login)?),
        ["organizations", id, "repos"] => {
            lists::of_organization(view, incoming, lists::by_id(view, id, AccountKind::Organization)?)
        }
        ["orgs", login, "teams"] => teams::of_organization(view, incoming, lists::organization(view, login)?),
        ["organizations", id, "teams"] => {
            teams::of_organization(view, incoming, lists::by_id(view, id, AccountKind::Organization)?)
        }
        ["orgs", login, "hooks", rest @ ..] => {
            hooks_of(view, incoming, Home::Organization(lists::organization(view, login)?), rest)
        }
        ["organizations", id, "hooks", rest @ ..] => {
            let home = Home::Organization(lists::by_id(view, id, AccountKind::Organization)?);
            hooks_of(view, incoming, home, rest)
        }
        ["search", "users"] => search::users(view, incoming),
        ["rate_limit"] => rate_limit(view, incoming),
        ["repos", owner, name, rest @ ..] => inside(view, incoming, Place::Name(owner, name), rest),
        ["repositories", id, rest @ ..] => inside(view, incoming, Place::Id(id), rest),
        _ => Err(unknown(incoming)),
    }
}

fn inside(view: View<'_>, incoming: &Incoming, place: Place<'_>, rest: &[&str]) -> Result<Answer, Answer> {
    let home = view.repository_at(&place, &after_repository(incoming, place))?;
    match rest {
        [] => {
            incoming.parameters(&[])?;
            Ok(Answer::ok(repository(view, home, Shape::Full).to_string()))
        }
        ["issues"] => contents::issues(view, incoming, home),
        ["issues", "comments"] => parts::comments(view, incoming, home),
        ["issues", number] => contents::one_issue(view, incoming, home, number),
        ["pulls"] => contents::pulls(view, incoming, home),
        ["pulls", number] => contents::one_pull(view, incoming, home, number),
        ["labels"] => parts::labels(view, incoming, home),
        ["milestones"] => parts::milestones(view, incoming, home),
        ["releases"] => releases::list(view, incoming, home),
        ["branches"] => git::branches(view, incoming, home),
        ["collaborators"] => collaborators::list(view, incoming, home),
        ["invitations"] => access_lists::invitations(view, incoming, home),
        ["teams"] => access_lists::teams(view, incoming, home),
        ["assignees"] => choices::assignees(view, incoming, home),
        ["hooks", rest @ ..] => hooks_of(view, incoming, Home::Repository(home), rest),
        ["commits"] => git::commits(view, incoming, home),
        ["commits", reference @ ..] if !reference.is_empty() => git::commit(view, incoming, home, &reference.join("/")),
        _ => Err(unknown(incoming)),
    }
}

fn hooks_of(view: View<'_>, incoming: &Incoming, home: Home<'_>, rest: &[&str]) -> Result<Answer, Answer> {
    match rest {
        [] => hooks::list(view, incoming, home),
        [id] => hooks::one(view, incoming, home, id),
        [id, "deliveries"] => hook_deliveries::list(view, incoming, home, id),
        _ => Err(unknown(incoming)),
    }
}

/// What follows the repository in a path, as it was sent, with the query.
fn after_repository(incoming: &Incoming, place: Place<'_>) -> String {
    let parts = match place {
        Place::Name(..) => 4,
        Place::Id(_) => 3,
    };
    let path = &incoming.path;
    let end = path.match_indices('/').nth(parts - 1).map(|(at, _)| at);
    let tail = end.map_or("", |at| &path[at..]);
    match incoming.query.as_str() {
        "" => tail.to_owned(),
        query => format!("{tail}?{query}"),
    }
}

fn unknown(incoming: &Incoming) -> Answer {
    Answer::unexpected(&format!(
        "The fake GitHub has no route for {} {}",
        incoming.method, incoming.path
    ))
}

fn rate_limit(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    let usage = |resource| view.world.limits.usage(&view.caller.label, resource, view.world.now());
    let core = rate(usage(Resource::Core));
    let resources = Object::new()
        .raw("core", &core)
        .raw("search", &rate(usage(Resource::Search)))
        .raw("graphql", &rate(usage(Resource::Graphql)))
        .end();
    let mut answer = Answer::ok(Object::new().raw("resources", &resources).raw("rate", &core).end());
    answer.points = 0;
    Ok(answer)
}

fn rate(usage: Usage) -> String {
    Object::new()
        .put("limit", &usage.limit)
        .put("used", &usage.used)
        .put("remaining", &usage.remaining())
        .put("reset", &usage.resets_at.timestamp())
        .end()
}
