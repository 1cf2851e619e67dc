//! What a person's own token sees of an App: its installations, and their repositories.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::View;
use super::super::world::{Installation, Repository, same_account};
use super::apps::installation;
use super::page::{PAGE, PER_PAGE, Window};
use super::repositories::{Shape, repository};

/// `GET /user/installations`.
pub(super) fn installations(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    let person = of_an_app(view)?;
    let seen: Vec<&Installation> = person.sees(view).collect();
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
    let found = of_an_app(view)?.sees(view).find(|one| one.id.to_string() == id);
    let found = found.ok_or_else(Answer::not_found)?;
    let seen: Vec<&Repository> = view.visible().filter(|one| found.reaches(one)).collect();
    let window = Window::of(&asked);
    let shown = window.of_list(&seen).iter().map(|one| repository(view, one, Shape::Plain));
    let answer = Answer::ok(
        Object::new()
            .put("total_count", &seen.len())
            .put("repository_selection", found.selection())
            .raw("repositories", &array(shown))
            .end(),
    );
    let address = format!("{}/user/installations/{id}/repositories", view.base);
    Ok(match window.link(&address, &asked, seen.len()) {
        Some(link) => answer.header("Link", &link),
        None => answer,
    })
}

/// A person, and the App that he authorised.
struct Person<'w> {
    login: &'w str,
    client_id: &'w str,
}

/// Whose token it is, if a GitHub App was given it.
fn of_an_app(view: View<'_>) -> Result<Person<'_>, Answer> {
    let token = view.caller.token.as_ref();
    let pair = token.and_then(|token| view.world.pair_of(&token.secret));
    let is_app = |id: &str| view.world.oauth_client(id).is_some_and(|app| app.is_github_app);
    match pair.filter(|pair| is_app(&pair.client_id)) {
        Some(pair) => Ok(Person {
            login: &pair.login,
            client_id: &pair.client_id,
        }),
        None => Err(Answer::error(
            403,
            "You must authenticate with an access token authorized to a GitHub App in order to list installations",
            "rest/apps/installations#list-app-installations-accessible-to-the-user-access-token",
        )),
    }
}

impl<'w> Person<'w> {
    /// Installations of the App in his own account, in organisations of his, and where he sees a repository that not everybody sees.
    fn sees(self, view: View<'w>) -> impl Iterator<Item = &'w Installation> {
        let of_app = move |one: &&Installation| view.world.app_of(one).is_some_and(|app| app.client_id == self.client_id);
        let login = self.login;
        let all = view.world.installations.values().filter(of_app);
        all.filter(move |one| is_his(view, one, login) || shows_him_some(view, one))
    }
}

fn is_his(view: View<'_>, installation: &Installation, login: &str) -> bool {
    let account = view.world.account(&installation.account);
    let is = |other: &String| same_account(other, login);
    account.is_some_and(|account| same_account(&account.login, login) || account.owners.iter().any(is))
}

fn shows_him_some(view: View<'_>, installation: &Installation) -> bool {
    let mut all = view.world.repositories.values();
    all.any(|one| {
        installation.reaches(one) && one.visibility != crate::domain::Visibility::Public && view.permission(one).is_some()
    })
}
