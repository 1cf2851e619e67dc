//! Who was invited, and which teams have access; for those who may know.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::array;
use super::super::view::View;
use super::super::world::{Permission, Repository};
use super::access_writes::invitation_of;
use super::contents::linked;
use super::page::{PAGE, PER_PAGE, Window};
use super::permit::permit;
use super::teams::team_with;

/// `GET /repos/{owner}/{repo}/invitations`.
pub(super) fn invitations(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    permit(view, home, Permission::Admin)?;
    let window = Window::of(&asked);
    let shown = window
        .of_list(&home.invitations)
        .iter()
        .map(|one| invitation_of(view, home, one));
    let address = format!("{}/repositories/{}/invitations", view.base, home.id);
    let link = window.link(&address, &asked, home.invitations.len());
    Ok(linked(Answer::ok(array(shown)), link))
}

/// `GET /repos/{owner}/{repo}/teams`.
pub(super) fn teams(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    permit(view, home, Permission::Pull)?;
    let held = view.world.teams.iter();
    let all: Vec<_> = held
        .filter_map(|team| Some((team, *team.repositories.get(&home.id)?)))
        .collect();
    let window = Window::of(&asked);
    let shown = window
        .of_list(&all)
        .iter()
        .map(|(team, permission)| team_with(view, team, true, *permission));
    let address = format!("{}/repositories/{}/teams", view.base, home.id);
    let link = window.link(&address, &asked, all.len());
    Ok(linked(Answer::ok(array(shown)), link))
}
