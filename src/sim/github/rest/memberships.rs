//! The organisations of the viewer.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::View;
use super::super::world::{Account, AccountKind, same_account};
use super::accounts::person;
use super::contents::linked;
use super::page::{PAGE, PER_PAGE, Window};

/// `GET /user/memberships/orgs`, for tokens of people that may read it.
pub(super) fn of_viewer(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["state", PER_PAGE, PAGE])?;
    let docs = "rest/orgs/members#list-organization-memberships-for-the-authenticated-user";
    let Some(token) = view.caller.token.as_ref() else {
        return Err(Answer::error(401, "Requires authentication", docs));
    };
    if !token.allows_any(&["read:org"]) {
        return Err(Answer::error(
            403,
            "You need at least read:org scope or user scope to list your organization memberships.",
            docs,
        ));
    }
    let is = |login: &String| same_account(login, &token.login);
    let all: Vec<&Account> = view
        .world
        .accounts
        .values()
        .filter(|one| one.kind == AccountKind::Organization && one.owners.iter().chain(&one.members).any(is))
        .collect();
    let window = Window::of(&asked);
    let shown = window.of_list(&all).iter().map(|one| {
        let role = if one.owners.iter().any(is) { "admin" } else { "member" };
        membership(view, one, role, &token.login)
    });
    let address = format!("{}/user/memberships/orgs", view.base);
    let link = window.link(&address, &asked, all.len());
    Ok(linked(Answer::ok(array(shown)), link))
}

fn membership(view: View<'_>, organization: &Account, role: &str, login: &str) -> String {
    let api = format!("{}/orgs/{}", view.base, organization.login);
    let shown = Object::new()
        .put("login", &organization.login)
        .put("id", &organization.id)
        .put("node_id", &organization.node_id())
        .plain("url", &[&api])
        .plain("repos_url", &[&api, "/repos"])
        .plain("events_url", &[&api, "/events"])
        .plain("hooks_url", &[&api, "/hooks"])
        .plain("issues_url", &[&api, "/issues"])
        .plain("members_url", &[&api, "/members{/member}"])
        .plain("public_members_url", &[&api, "/public_members{/member}"])
        .put("avatar_url", &organization.avatar_url())
        .put("description", "")
        .end();
    Object::new()
        .plain("url", &[&api, "/memberships/", login])
        .put("state", "active")
        .put("role", role)
        .plain("organization_url", &[&api])
        .raw("organization", &shown)
        .raw("user", &person(view, Some(login)))
        .end()
}
