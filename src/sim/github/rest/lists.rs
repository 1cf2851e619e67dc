//! The lists of repositories: of an organisation, of a user, of the viewer.

use super::super::answer::Answer;
use super::super::incoming::{Incoming, Parameters};
use super::super::json::array;
use super::super::view::View;
use super::super::world::{Account, AccountKind, Repository, same_account};
use super::accounts::account;
use super::page::{PAGE, PER_PAGE, Window};
use super::repositories::{Shape, repository};
use crate::domain::Visibility;

/// `GET /orgs/{org}/repos`.
pub(super) fn of_organization(view: View<'_>, incoming: &Incoming, organization: &Account) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["type", "sort", "direction", PER_PAGE, PAGE])?;
    let kind = asked.one_of(
        "Repository",
        "type",
        &["all", "public", "private", "forks", "sources", "member"],
    )?;
    let fits = |one: &Repository| match kind {
        "public" => one.visibility == Visibility::Public,
        "private" => one.visibility != Visibility::Public,
        "forks" => one.fork,
        "sources" => !one.fork,
        _ => true,
    };
    let owned = view
        .visible()
        .filter(|one| one.owner.eq_ignore_ascii_case(&organization.login));
    let (hidden, shown): (Vec<_>, Vec<_>) = owned
        .filter(|one| fits(one))
        .partition(|one| view.world.lacks_sso(one, view.caller.token.as_ref()));
    let address = format!("{}/organizations/{}/repos", view.base, organization.id);
    let answer = list(view, &asked, shown, "created", Shape::Minimal, &address)?;
    if hidden.is_empty() {
        return Ok(answer);
    }
    Ok(answer.header("X-GitHub-SSO", &format!("partial-results; organizations={}", organization.id)))
}

/// `GET /users/{username}/repos`: public ones, whoever asks.
pub(super) fn of_user(view: View<'_>, incoming: &Incoming, user: &Account) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["type", "sort", "direction", PER_PAGE, PAGE])?;
    let kind = asked.one_of("Repository", "type", &["owner", "all", "member"])?;
    let fits = |one: &Repository| {
        let owner = same_account(&one.owner, &user.login);
        let member = one
            .collaborators
            .iter()
            .any(|member| same_account(&member.login, &user.login));
        one.visibility == Visibility::Public && (kind != "member" && owner || kind != "owner" && !owner && member)
    };
    let shown = view.visible().filter(|one| fits(one)).collect();
    let address = format!("{}/user/{}/repos", view.base, user.id);
    list(view, &asked, shown, "full_name", Shape::Minimal, &address)
}

/// `GET /user/repos`: what the viewer owns, was added to, or reaches through an organisation.
pub(super) fn of_viewer(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    let known = ["visibility", "affiliation", "type", "sort", "direction", PER_PAGE, PAGE];
    let asked = incoming.parameters(&known)?;
    let Some(token) = view.caller.token.as_ref() else {
        return Err(Answer::error(401, "Requires authentication", "rest/repos/repos"));
    };
    if asked.get("type").is_some() && (asked.get("visibility").is_some() || asked.get("affiliation").is_some()) {
        let message = "If you specify visibility or affiliation, you cannot specify type.";
        return Err(Answer::error(422, message, "rest/repos/repos"));
    }
    let kind = asked.one_of("Repository", "type", &["all", "owner", "public", "private", "member"])?;
    let visibility = asked.one_of("Repository", "visibility", &["all", "public", "private"])?;
    let affiliation = match kind {
        "owner" => "owner",
        "member" => "collaborator,organization_member",
        _ => asked.get("affiliation").unwrap_or("owner,collaborator,organization_member"),
    };
    let fits = |one: &&Repository| {
        let public = one.visibility == Visibility::Public;
        let wanted = [kind, visibility].iter().all(|word| match *word {
            "public" => public,
            "private" => !public,
            _ => true,
        });
        wanted
            && affiliation
                .split(',')
                .any(|word| is_affiliated(view, one, &token.login, word.trim()))
    };
    let (hidden, shown): (Vec<_>, Vec<_>) = view
        .visible()
        .filter(fits)
        .partition(|one| view.world.lacks_sso(one, Some(token)));
    let address = format!("{}/user/repos", view.base);
    let answer = list(view, &asked, shown, "full_name", Shape::Plain, &address)?;
    let owners = hidden.iter().filter_map(|one| view.world.account(&one.owner));
    let mut left_out: Vec<String> = owners.map(|owner| owner.id.to_string()).collect();
    left_out.sort_unstable();
    left_out.dedup();
    if left_out.is_empty() {
        return Ok(answer);
    }
    Ok(answer.header(
        "X-GitHub-SSO",
        &format!("partial-results; organizations={}", left_out.join(",")),
    ))
}

fn is_affiliated(view: View<'_>, repository: &Repository, login: &str, word: &str) -> bool {
    let owner = view.world.account(&repository.owner);
    let among = |list: &[String]| list.iter().any(|one| same_account(one, login));
    match word {
        "owner" => same_account(&repository.owner, login),
        "collaborator" => repository.collaborators.iter().any(|one| same_account(&one.login, login)),
        "organization_member" => owner.is_some_and(|owner| among(&owner.owners) || among(&owner.members)),
        _ => false,
    }
}

fn list(
    view: View<'_>,
    asked: &Parameters,
    mut shown: Vec<&Repository>,
    default_sort: &'static str,
    shape: Shape,
    address: &str,
) -> Result<Answer, Answer> {
    let mut sorts = vec!["created", "updated", "pushed", "full_name"];
    sorts.retain(|&sort| sort != default_sort);
    sorts.insert(0, default_sort);
    let sort = asked.one_of("Repository", "sort", &sorts)?;
    let by_name = sort == "full_name";
    let directions = if by_name { ["asc", "desc"] } else { ["desc", "asc"] };
    let ascending = asked.one_of("Repository", "direction", &directions)? == "asc";
    shown.sort_by(|a, b| match sort {
        "updated" => (a.updated_at, a.id).cmp(&(b.updated_at, b.id)),
        "pushed" => (a.pushed_at, a.id).cmp(&(b.pushed_at, b.id)),
        "full_name" => a.full_name().to_lowercase().cmp(&b.full_name().to_lowercase()),
        _ => (a.created_at, a.id).cmp(&(b.created_at, b.id)),
    });
    if !ascending {
        shown.reverse();
    }
    let window = Window::of(asked);
    let part = window.of_list(&shown).iter().map(|one| repository(view, one, shape));
    let answer = Answer::ok(array(part));
    Ok(match window.link(address, asked, shown.len()) {
        Some(link) => answer.header("Link", &link),
        None => answer,
    })
}

/// The account with a database id, for the addresses in `Link` headers.
pub(super) fn by_id<'w>(view: View<'w>, id: &str, kind: AccountKind) -> Result<&'w Account, Answer> {
    let id: u64 = id.parse().map_err(|_| Answer::not_found())?;
    let found = view.world.accounts.values().find(|one| one.id == id && one.kind == kind);
    found.ok_or_else(Answer::not_found)
}

/// The organisation with a login.
pub(super) fn organization<'w>(view: View<'w>, login: &str) -> Result<&'w Account, Answer> {
    let found = account(view, login)?;
    if found.kind == AccountKind::Organization {
        Ok(found)
    } else {
        Err(Answer::not_found())
    }
}
