//! Accounts in REST: embedded, whole, and organisations.

use std::sync::Arc;

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::Object;
use super::super::view::{View, stamp};
use super::super::world::{Account, AccountKind};

/// Writes what every account has; the caller ends the object.
fn members(view: View<'_>, account: &Account) -> Object {
    let login = account.rest_login();
    let encoded = login.replace('[', "%5B").replace(']', "%5D");
    let api = format!("{}/users/{encoded}", view.base);
    let page = match account.kind {
        AccountKind::Bot => format!("{}/apps/{}", view.web(), account.login),
        _ => format!("{}/{login}", view.web()),
    };
    let mut object = Object::new();
    object
        .put("login", &login)
        .put("id", &account.id)
        .put("node_id", &account.node_id())
        .put("avatar_url", &account.avatar_url())
        .put("gravatar_id", "")
        .plain("url", &[&api])
        .plain("html_url", &[&page])
        .plain("followers_url", &[&api, "/followers"])
        .plain("following_url", &[&api, "/following{/other_user}"])
        .plain("gists_url", &[&api, "/gists{/gist_id}"])
        .plain("starred_url", &[&api, "/starred{/owner}{/repo}"])
        .plain("subscriptions_url", &[&api, "/subscriptions"])
        .plain("organizations_url", &[&api, "/orgs"])
        .plain("repos_url", &[&api, "/repos"])
        .plain("events_url", &[&api, "/events{/privacy}"])
        .plain("received_events_url", &[&api, "/received_events"])
        .put("type", account.kind.as_str());
    object
}

/// An account as other objects embed it; `null` for nobody.
pub(in crate::sim::github) fn person(view: View<'_>, login: Option<&str>) -> Arc<str> {
    match login.and_then(|login| view.world.account(login)) {
        None => "null".into(),
        Some(account) => view.fragment(format!("person {}", account.id), || {
            members(view, account)
                .put("user_view_type", "public")
                .put("site_admin", &false)
                .end()
        }),
    }
}

/// An account with further members, for lists of collaborators.
pub(super) fn person_with(view: View<'_>, account: &Account, further: impl FnOnce(&mut Object)) -> String {
    let mut object = members(view, account);
    object.put("user_view_type", "public").put("site_admin", &false);
    further(&mut object);
    object.end()
}

/// `GET /user`.
pub(super) fn viewer(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    let login = view.caller.token.as_ref().map(|token| token.login.as_str());
    match login.and_then(|login| view.world.account(login)) {
        Some(account) => Ok(Answer::ok(whole(view, account, true))),
        None => Err(Answer::error(
            401,
            "Requires authentication",
            "rest/users/users#get-the-authenticated-user",
        )),
    }
}

/// `GET /users/{username}`.
pub(super) fn user(view: View<'_>, incoming: &Incoming, login: &str) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    let account = account(view, login)?;
    Ok(Answer::ok(whole(view, account, false)))
}

/// `GET /orgs/{org}`.
pub(super) fn organization(view: View<'_>, incoming: &Incoming, login: &str) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    let account = account(view, login)?;
    if account.kind == AccountKind::Organization {
        Ok(Answer::ok(whole_organization(view, account)))
    } else {
        Err(Answer::not_found())
    }
}

/// An account by the login that REST gives it: a bot only with `[bot]`.
pub(super) fn account<'w>(view: View<'w>, login: &str) -> Result<&'w Account, Answer> {
    let found = view.world.account(login);
    found
        .filter(|account| account.rest_login().eq_ignore_ascii_case(login))
        .ok_or_else(Answer::not_found)
}

fn public_repositories(view: View<'_>, account: &Account) -> usize {
    let owned = |login: &str| login.eq_ignore_ascii_case(&account.login);
    let public = crate::domain::Visibility::Public;
    let all = view.world.repositories.values();
    all.filter(|one| owned(&one.owner) && one.visibility == public).count()
}

fn whole(view: View<'_>, account: &Account, own: bool) -> String {
    let mut object = members(view, account);
    object
        .put("user_view_type", if own { "private" } else { "public" })
        .put("site_admin", &false)
        .put("name", &account.name)
        .put("company", &account.company)
        .put("blog", "")
        .put("location", &account.location)
        .put("email", &account.email)
        .put("hireable", &None::<bool>)
        .put("bio", &account.bio)
        .put("twitter_username", &None::<&str>)
        .put("public_repos", &public_repositories(view, account))
        .put("public_gists", &0)
        .put("followers", &0)
        .put("following", &0)
        .put("created_at", &stamp(account.created_at))
        .put("updated_at", &stamp(account.updated_at));
    if own {
        object
            .put("notification_email", &account.email)
            .put("private_gists", &0)
            .put("total_private_repos", &0)
            .put("owned_private_repos", &0)
            .put("disk_usage", &0)
            .put("collaborators", &0)
            .put("two_factor_authentication", &true)
            .raw(
                "plan",
                r#"{"name":"pro","space":976562499,"collaborators":0,"private_repos":9999}"#,
            );
    }
    object.end()
}

fn whole_organization(view: View<'_>, account: &Account) -> String {
    let login = &account.login;
    let api = format!("{}/orgs/{login}", view.base);
    let mut object = Object::new();
    object
        .put("login", login)
        .put("id", &account.id)
        .put("node_id", &account.node_id())
        .plain("url", &[&api])
        .plain("repos_url", &[&api, "/repos"])
        .plain("events_url", &[&api, "/events"])
        .plain("hooks_url", &[&api, "/hooks"])
        .plain("issues_url", &[&api, "/issues"])
        .plain("members_url", &[&api, "/members{/member}"])
        .plain("public_members_url", &[&api, "/public_members{/member}"])
        .put("avatar_url", &account.avatar_url())
        .put("description", &account.company);
    // The description has these as strings, so GitHub's null for an empty one is left out here.
    if let Some(name) = &account.name {
        object.put("name", name);
    }
    if let Some(email) = &account.email {
        object.put("email", email);
    }
    object
        .put("is_verified", &false)
        .put("has_organization_projects", &true)
        .put("has_repository_projects", &true)
        .put("public_repos", &public_repositories(view, account))
        .put("public_gists", &0)
        .put("followers", &0)
        .put("following", &0)
        .plain("html_url", &[view.web(), "/", login])
        .put("created_at", &stamp(account.created_at))
        .put("updated_at", &stamp(account.updated_at))
        .put("archived_at", &None::<&str>)
        .put("type", "Organization");
    object.end()
}
