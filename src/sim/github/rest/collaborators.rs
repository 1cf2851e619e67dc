//! Who has access, in REST.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::array;
use super::super::view::View;
use super::super::world::{Affiliation, Collaborator, Permission, Repository};
use super::accounts::person_with;
use super::contents::linked;
use super::page::{PAGE, PER_PAGE, Window};
use super::repositories::permissions;

/// `GET /repos/{owner}/{repo}/collaborators`, for those who may push.
pub(super) fn list(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["affiliation", "permission", PER_PAGE, PAGE])?;
    let docs = "rest/collaborators/collaborators#list-repository-collaborators";
    if view.caller.token.is_none() {
        return Err(Answer::error(401, "Requires authentication", docs));
    }
    if view.permission(home) < Some(Permission::Push) {
        return Err(Answer::error(
            403,
            "Must have push access to view repository collaborators.",
            docs,
        ));
    }
    let affiliation = asked.one_of("Repository", "affiliation", &["all", "direct", "outside"])?;
    let wanted = asked.one_of(
        "Repository",
        "permission",
        &["", "pull", "triage", "push", "maintain", "admin"],
    )?;
    let fits = |one: &&Collaborator| {
        let held = Permission::ALL.iter().find(|(permission, _)| *permission == one.permission);
        let affiliated = match affiliation {
            "outside" => one.affiliation == Affiliation::Outside,
            "direct" => one.affiliation != Affiliation::Organization,
            _ => true,
        };
        affiliated && (wanted.is_empty() || held.is_some_and(|(_, word)| *word == wanted))
    };
    let people = view.world.people(home);
    let all: Vec<_> = people.iter().filter(fits).collect();
    let window = Window::of(&asked);
    let shown = window.of_list(&all).iter().filter_map(|one| {
        let account = view.world.account(&one.login)?;
        Some(person_with(view, account, |object| {
            permissions(object, Some(one.permission));
            object.put("role_name", &one.role_name);
        }))
    });
    let link = window.link(
        &format!("{}/repositories/{}/collaborators", view.base, home.id),
        &asked,
        all.len(),
    );
    Ok(linked(Answer::ok(array(shown)), link))
}
