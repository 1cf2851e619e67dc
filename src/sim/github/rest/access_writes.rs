//! Giving and taking access: collaborators and teams.

use super::super::answer::Answer;
use super::super::body::Members;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::json::Object;
use super::super::view::{View, stamp};
use super::super::world::{AccountKind, Affiliation, Collaborator, Invitation, Permission, Repository, Team, ids, same_account};
use super::accounts::{account, person};
use super::lists::organization;
use super::permit::{permit, signed_in};
use super::repositories::{Shape, repository};

/// `PUT /repos/{owner}/{repo}/collaborators/{username}`: an invitation for somebody new, else the change itself.
pub(super) fn add(view: View<'_>, incoming: &Incoming, home: &Repository, login: &str) -> Result<Change, Answer> {
    let inviter = permit(view, home, Permission::Admin)?.login.clone();
    let permission = permission(&incoming.members(&["permission"])?)?.unwrap_or(Permission::Push);
    let account = account(view, login)?;
    if account.kind != AccountKind::User {
        return Err(Answer::not_found());
    }
    let login = account.login.clone();
    if same_account(&home.owner, &login) {
        return Err(Answer::refused("Repository", "Repository owner cannot be a collaborator"));
    }
    let owner = view.world.account(&home.owner);
    let owner = owner.filter(|owner| owner.kind == AccountKind::Organization);
    // A repository of a person knows one kind of collaborator.
    let permission = if owner.is_some() { permission } else { Permission::Push };
    if view.world.assignable(home, &login).is_none() {
        let apply = move |home: &mut Repository| home.invite(&login, &inviter, permission);
        return Ok(Change::within(home, apply, invited));
    }
    let belongs = owner.is_some_and(|owner| owner.owners.iter().chain(&owner.members).any(|one| same_account(one, &login)));
    let held = home.collaborators.iter().find(|one| same_account(&one.login, &login));
    let affiliation = match held.map(|held| held.affiliation) {
        Some(affiliation) if affiliation != Affiliation::Organization => affiliation,
        _ if belongs || owner.is_none() => Affiliation::Direct,
        _ => Affiliation::Outside,
    };
    let collaborator = Collaborator {
        affiliation,
        ..Collaborator::new(&login, permission)
    };
    let apply = move |home: &mut Repository| {
        home.with_member(collaborator);
    };
    Ok(Change::within(home, apply, |_, _, ()| Answer::no_content()))
}

/// `DELETE /repos/{owner}/{repo}/collaborators/{username}`; everybody may leave.
pub(super) fn remove(view: View<'_>, incoming: &Incoming, home: &Repository, login: &str) -> Result<Change, Answer> {
    incoming.members(&[])?;
    let account = account(view, login)?;
    let leaves = same_account(&signed_in(view)?.login, &account.login);
    permit(view, home, if leaves { Permission::Pull } else { Permission::Admin })?;
    let login = account.login.clone();
    Ok(Change::within(
        home,
        move |home| home.expel(&login),
        |_, _, ()| Answer::no_content(),
    ))
}

fn invited(view: View<'_>, home: &Repository, id: u64) -> Answer {
    let Some(invitation) = home.invitations.iter().find(|one| one.id == id) else {
        return Answer::not_found();
    };
    let address = format!("{}/user/repository_invitations/{id}", view.base);
    Answer::created(invitation_of(view, home, invitation), &address)
}

/// An invitation as it is shown.
pub(super) fn invitation_of(view: View<'_>, home: &Repository, invitation: &Invitation) -> String {
    let address = format!("{}/user/repository_invitations/{}", view.base, invitation.id);
    let id = invitation.id;
    Object::new()
        .put("id", &id)
        .put("node_id", &ids::node("RI", id))
        .raw("repository", &repository(view, home, Shape::Minimal))
        .raw("invitee", &person(view, Some(&invitation.invitee)))
        .raw("inviter", &person(view, Some(&invitation.inviter)))
        .put("permissions", invitation.permission.role_name())
        .put("created_at", &stamp(invitation.created_at))
        .put("expired", &false)
        .plain("url", &[&address])
        .plain("html_url", &[view.web(), "/", &home.full_name(), "/invitations"])
        .end()
}

fn permission(sent: &Members) -> Result<Option<Permission>, Answer> {
    let read = |word: String| Permission::parse(&word).ok_or_else(|| Answer::invalid("Repository", "permission"));
    sent.text("permission")?.map(read).transpose()
}

/// `PUT /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}`.
pub(super) fn add_team(view: View<'_>, incoming: &Incoming, path: TeamPath<'_>) -> Result<Change, Answer> {
    let (team, home) = path.find(view)?;
    // What a team may do when nothing is said is told with the team.
    let permission = permission(&incoming.members(&["permission"])?)?.unwrap_or(Permission::Pull);
    if !same_account(&home.owner, path.organization) {
        let docs = "rest/teams/teams#add-or-update-team-repository-permissions";
        return Err(Answer::error(422, "Validation Failed", docs));
    }
    let (team, home) = (team.id, home.id);
    Ok(Change::silent(move |world| {
        for one in world.teams.iter_mut().filter(|one| one.id == team) {
            one.repositories.insert(home, permission);
        }
    }))
}

/// `DELETE /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}`.
pub(super) fn remove_team(view: View<'_>, incoming: &Incoming, path: TeamPath<'_>) -> Result<Change, Answer> {
    incoming.members(&[])?;
    let (team, home) = path.find(view)?;
    let (team, home) = (team.id, home.id);
    Ok(Change::silent(move |world| {
        for one in world.teams.iter_mut().filter(|one| one.id == team) {
            one.repositories.remove(&home);
        }
    }))
}

/// What a path of a team's repository names.
#[derive(Debug, Clone, Copy)]
pub(super) struct TeamPath<'p> {
    /// Login of the organisation.
    pub(super) organization: &'p str,
    /// Slug of the team.
    pub(super) team: &'p str,
    /// `OWNER/NAME`.
    pub(super) repository: &'p str,
}

impl TeamPath<'_> {
    /// The team and the repository, for those who belong to the organisation and administer the repository.
    fn find<'w>(&self, view: View<'w>) -> Result<(&'w Team, &'w Repository), Answer> {
        let token = signed_in(view)?;
        let organization = organization(view, self.organization)?;
        let mut people = organization.owners.iter().chain(&organization.members);
        let belongs = people.any(|one| same_account(one, &token.login)) || token.is_installed_in(self.organization);
        let team = view.world.teams.iter().find(|team| team.is(self.organization, self.team));
        let home = view
            .world
            .find(self.repository)
            .filter(|home| view.permission(home).is_some());
        let (Some(team), Some(home), true) = (team, home, belongs) else {
            return Err(Answer::not_found());
        };
        permit(view, home, Permission::Admin)?;
        Ok((team, home))
    }
}
