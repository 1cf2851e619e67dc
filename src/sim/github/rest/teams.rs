//! Teams of an organisation in REST.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::View;
use super::super::world::{Account, Permission, Team, ids, same_account};
use super::contents::linked;
use super::page::{PAGE, PER_PAGE, Window};

/// `GET /orgs/{org}/teams`, for members of the organisation whose token may read it.
pub(super) fn of_organization(view: View<'_>, incoming: &Incoming, organization: &Account) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    let docs = "rest/teams/teams#list-teams";
    let Some(token) = view.caller.token.as_ref() else {
        return Err(Answer::error(401, "Requires authentication", docs));
    };
    let belongs = |login: &String| same_account(login, &token.login);
    let mut people = organization.owners.iter().chain(&organization.members);
    if !people.any(belongs) && !token.is_installed_in(&organization.login) || !token.allows_any(&["read:org"]) {
        return Err(Answer::error(403, "Must have admin rights to Repository.", docs));
    }
    let teams = view.world.teams.iter();
    let all: Vec<_> = teams
        .filter(|one| same_account(&one.organization, &organization.login))
        .collect();
    let window = Window::of(&asked);
    let shown = window.of_list(&all).iter().map(|one| team(view, one, true));
    let address = format!("{}/organizations/{}/teams", view.base, organization.id);
    let link = window.link(&address, &asked, all.len());
    Ok(linked(Answer::ok(array(shown)), link))
}

/// A team; that it has no parent is told in lists only.
pub(in crate::sim::github) fn team(view: View<'_>, team: &Team, with_parent: bool) -> String {
    team_with(view, team, with_parent, Permission::Pull)
}

/// A team and what it may do.
pub(super) fn team_with(view: View<'_>, team: &Team, with_parent: bool, permission: Permission) -> String {
    let organization = view.world.account(&team.organization).map_or(0, |account| account.id);
    let api = format!("{}/organizations/{organization}/team/{}", view.base, team.id);
    let mut object = Object::new();
    object
        .put("name", &team.name)
        .put("id", &team.id)
        .put("node_id", &ids::node("T", team.id))
        .put("slug", &team.slug)
        .put("description", &team.description)
        .put("privacy", "closed")
        .put("notification_setting", "notifications_enabled")
        .plain("url", &[&api])
        .plain("html_url", &[view.web(), "/orgs/", &team.organization, "/teams/", &team.slug])
        .plain("members_url", &[&api, "/members{/member}"])
        .plain("repositories_url", &[&api, "/repos"])
        .put("type", "organization")
        .put("organization_id", &organization)
        .put("permission", word(permission));
    if with_parent {
        object.put("parent", &None::<&str>);
    }
    object.end()
}

fn word(permission: Permission) -> &'static str {
    let mut all = Permission::ALL.iter();
    all.find(|(one, _)| *one == permission).map_or("pull", |(_, word)| word)
}
