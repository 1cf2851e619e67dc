//! Invitations to a repository.

use chrono::{DateTime, Utc};

use super::{Affiliation, Collaborator, Permission, Repository, ids, same_account};

/// Somebody was asked to become a collaborator and has not answered yet.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Database id.
    pub id: u64,
    /// Login of the invited.
    pub invitee: String,
    /// Login of who invited.
    pub inviter: String,
    /// What the invited will be allowed to do.
    pub permission: Permission,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}

impl Repository {
    /// Invites somebody, or changes what an invitation that waits already will allow; gives its id.
    pub fn invite(&mut self, login: &str, by: &str, permission: Permission) -> u64 {
        let same = |one: &&mut Invitation| same_account(&one.invitee, login);
        if let Some(waiting) = self.invitations.iter_mut().find(same) {
            waiting.permission = permission;
            return waiting.id;
        }
        self.invitations_sent += 1;
        let id = ids::invitation(self.id, self.invitations_sent);
        self.invitations.push(Invitation {
            id,
            invitee: login.to_owned(),
            inviter: by.to_owned(),
            permission,
            created_at: self.now(),
        });
        id
    }

    /// Lets the invited accept: a collaborator from outside from now on. Does nothing without an invitation.
    pub fn accept_invitation(&mut self, login: &str) -> &mut Self {
        let place = self.invitations.iter().position(|one| same_account(&one.invitee, login));
        if let Some(place) = place {
            let accepted = self.invitations.remove(place);
            let collaborator = Collaborator::new(&accepted.invitee, accepted.permission);
            self.with_member(Collaborator {
                affiliation: Affiliation::Outside,
                ..collaborator
            });
        }
        self
    }

    /// Takes away the access that somebody was given on the repository itself, with what hung on it: assignments, and the
    /// invitations that this person sent. What an organisation or team gives stays.
    pub(crate) fn expel(&mut self, login: &str) {
        let is = |other: &String| same_account(other, login);
        self.collaborators
            .retain(|one| !is(&one.login) || one.affiliation == Affiliation::Organization);
        self.invitations.retain(|one| !is(&one.inviter));
        let assigned: Vec<u64> = self
            .items
            .values()
            .filter(|item| item.assignees.iter().any(is))
            .map(|item| item.number)
            .collect();
        for number in assigned {
            self.edit(number).assignees.retain(|one| !is(one));
        }
    }
}
