//! What a person's own token sees of an App: its installations, and their repositories.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::{View, stamp};
use super::super::world::{AccountKind, Repository, SeenInstallation, same_account};
use super::accounts::person;
use super::page::{PAGE, PER_PAGE, Window};
use super::repositories::{Shape, repository};

/// `GET /user/installations`.
pub(super) fn installations(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    let login = of_an_app(view)?;
    let all = view.world.oauth.installations.iter();
    let seen: Vec<&SeenInstallation> = all.filter(|one| sees(view, one, login)).collect();
    let window = Window::of(&asked);
    let shown = window.of_list(&seen).iter().map(|one| installation(view, one));
    let answer = Answer::ok(
        Object::new()
            .put("total_count", &seen.len())
            .raw("installations", &array(shown))
            .end(),
    );
    let address = format!("{}/user/installations", view.base);
    Ok(match window.link(&address, &asked, seen.len()) {
        Some(link) => answer.header("Link", &link),
        None => answer,
    })
}

/// `GET /user/installations/{installation_id}/repositories`.
pub(super) fn repositories(view: View<'_>, incoming: &Incoming, id: &str) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    let login = of_an_app(view)?;
    let mut all = view.world.oauth.installations.iter();
    let found = all.find(|one| one.id.to_string() == id && sees(view, one, login));
    let found = found.ok_or_else(Answer::not_found)?;
    let seen: Vec<&Repository> = view.visible().filter(|one| has(found, one)).collect();
    let window = Window::of(&asked);
    let shown = window.of_list(&seen).iter().map(|one| repository(view, one, Shape::Plain));
    let answer = Answer::ok(
        Object::new()
            .put("total_count", &seen.len())
            .put("repository_selection", selection(found))
            .raw("repositories", &array(shown))
            .end(),
    );
    let address = format!("{}/user/installations/{id}/repositories", view.base);
    Ok(match window.link(&address, &asked, seen.len()) {
        Some(link) => answer.header("Link", &link),
        None => answer,
    })
}

/// Whose token it is, if an App was given it.
fn of_an_app(view: View<'_>) -> Result<&str, Answer> {
    let token = view.caller.token.as_ref();
    let pair = token.and_then(|token| view.world.pair_of(&token.secret));
    let is_app = |id: &str| view.world.oauth_client(id).is_some_and(|app| app.is_github_app);
    match pair.filter(|pair| is_app(&pair.client_id)) {
        Some(pair) => Ok(&pair.login),
        None => Err(Answer::error(
            403,
            "You must authenticate with an access token authorized to a GitHub App in order to list installations",
            "rest/apps/installations#list-app-installations-accessible-to-the-user-access-token",
        )),
    }
}

/// It is his own, or that of an organisation of his, or he sees one of its repositories.
fn sees(view: View<'_>, installation: &SeenInstallation, login: &str) -> bool {
    let account = view.world.account(&installation.account);
    let is = |other: &String| same_account(other, login);
    account.is_some_and(|account| same_account(&account.login, login) || account.owners.iter().any(is))
        || view
            .world
            .repositories
            .values()
            .filter(|one| has(installation, one) && one.visibility != crate::domain::Visibility::Public)
            .any(|one| view.permission(one).is_some())
}

fn has(installation: &SeenInstallation, repository: &Repository) -> bool {
    let full_name = repository.full_name();
    match &installation.repositories {
        None => same_account(&repository.owner, &installation.account),
        Some(names) => names.iter().any(|name| name.eq_ignore_ascii_case(&full_name)),
    }
}

fn selection(installation: &SeenInstallation) -> &'static str {
    if installation.repositories.is_some() {
        "selected"
    } else {
        "all"
    }
}

fn installation(view: View<'_>, one: &SeenInstallation) -> String {
    let account = view.world.account(&one.account);
    let (id, kind) = account.map_or((0, AccountKind::Organization), |account| (account.id, account.kind));
    let number = one.id.to_string();
    let made = stamp(view.world.now());
    Object::new()
        .put("id", &one.id)
        .raw("account", &person(view, Some(&one.account)))
        .put("repository_selection", selection(one))
        .plain(
            "access_tokens_url",
            &[view.base, "/app/installations/", &number, "/access_tokens"],
        )
        .plain("repositories_url", &[view.base, "/installation/repositories"])
        .plain(
            "html_url",
            &[
                view.web(),
                "/organizations/",
                &one.account,
                "/settings/installations/",
                &number,
            ],
        )
        .put("app_id", &1)
        .put("app_slug", "erp")
        .put("target_id", &id)
        .put("target_type", kind.as_str())
        .raw(
            "permissions",
            r#"{"issues":"write","metadata":"read","pull_requests":"write"}"#,
        )
        .put("events", &["issues", "pull_request"])
        .put("created_at", &made)
        .put("updated_at", &made)
        .put("single_file_name", &None::<&str>)
        .raw("suspended_by", "null")
        .put("suspended_at", &one.suspended_at.map(stamp))
        .end()
}
