//! Whom an issue can be given to.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::array;
use super::super::view::View;
use super::super::world::Repository;
use super::accounts::person;
use super::contents::linked;
use super::page::{PAGE, PER_PAGE, Window};

/// `GET /repos/{owner}/{repo}/assignees`.
pub(super) fn assignees(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    let accounts = view.world.accounts.values();
    let logins = accounts.map(|account| account.login.as_str());
    let all: Vec<&str> = logins.filter(|login| view.world.assignable(home, login).is_some()).collect();
    let window = Window::of(&asked);
    let shown = window.of_list(&all).iter().map(|login| person(view, Some(login)));
    let address = format!("{}/repositories/{}/assignees", view.base, home.id);
    let link = window.link(&address, &asked, all.len());
    Ok(linked(Answer::ok(array(shown)), link))
}
