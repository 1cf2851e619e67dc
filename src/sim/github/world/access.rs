//! Who may do what on a repository.

use super::{Account, AccountKind, Repository, Team, Token, World, same_account};
use crate::domain::Visibility;

/// What an account may do, from least to most; a custom role has one of these as its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Read.
    Pull,
    /// Read and manage issues.
    Triage,
    /// Write.
    Push,
    /// Manage without access to what is sensitive or destructive.
    Maintain,
    /// Everything.
    Admin,
}

impl Permission {
    /// All of them, with the member of REST's `permissions` object that each one turns on.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Admin, "admin"),
        (Self::Maintain, "maintain"),
        (Self::Push, "push"),
        (Self::Triage, "triage"),
        (Self::Pull, "pull"),
    ];

    /// The one that REST calls so in what is sent to it: `pull`, `triage`, `push`, `maintain`, `admin`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == word)
            .map(|(permission, _)| *permission)
    }

    /// GitHub's standard `role_name` for it.
    #[must_use]
    pub fn role_name(self) -> &'static str {
        match self {
            Self::Pull => "read",
            Self::Triage => "triage",
            Self::Push => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }
}

/// How a collaborator came to have access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affiliation {
    /// Added to the repository, not a member of the organisation.
    Outside,
    /// Added to the repository, member of the organisation (or the owner of a personal one).
    Direct,
    /// Through the organisation or a team.
    Organization,
}

/// Somebody with access to a repository.
#[derive(Debug, Clone)]
pub struct Collaborator {
    /// Login.
    pub login: String,
    /// What the role allows.
    pub permission: Permission,
    /// `admin`, `maintain`, `write`, `triage`, `read`, or the name of a custom role.
    pub role_name: String,
    /// How access came.
    pub affiliation: Affiliation,
}

impl Collaborator {
    /// A collaborator with a standard role, added to the repository itself.
    #[must_use]
    pub fn new(login: &str, permission: Permission) -> Self {
        Self {
            login: login.to_owned(),
            permission,
            role_name: permission.role_name().to_owned(),
            affiliation: Affiliation::Direct,
        }
    }
}

impl World {
    /// What a token may do on `repository`: the lesser of what its account may and what it was given. None: it looks as if it were not there.
    #[must_use]
    pub fn permission(&self, repository: &Repository, token: Option<&Token>) -> Option<Permission> {
        let public = repository.visibility == Visibility::Public;
        if let Some(grant) = token.and_then(|token| token.grant.as_ref()) {
            // What an installation may do there is said by its permissions, request by request.
            let reached = self.reaches(grant, repository).then_some(Permission::Admin);
            return reached.max(public.then_some(Permission::Pull));
        }
        let granted = token.and_then(|token| self.account_permission(repository, &token.login));
        let held = match token {
            Some(token) if !public && !token.allows_any(&["repo"]) => None,
            Some(token) if !token.allows_any(&["public_repo"]) => granted.map(|_| Permission::Pull),
            _ => granted,
        };
        held.max(public.then_some(Permission::Pull))
    }

    /// What an account may do on `repository` by owning it, by belonging to its organisation, or as a collaborator.
    fn account_permission(&self, repository: &Repository, login: &str) -> Option<Permission> {
        let is = |other: &String| same_account(other, login);
        if is(&repository.owner) {
            return Some(Permission::Admin);
        }
        let from_role = repository
            .collaborators
            .iter()
            .filter(|one| is(&one.login))
            .map(|one| one.permission)
            .max();
        let owner = self.account(&repository.owner);
        let from_organization = owner.and_then(|owner| {
            if owner.owners.iter().any(is) {
                Some(Permission::Admin)
            } else if owner.members.iter().any(is) {
                Some(Permission::Pull)
            } else {
                None
            }
        });
        from_role.max(from_organization).max(self.team_permission(repository, login))
    }

    /// What the teams that an account belongs to may do on `repository`.
    fn team_permission(&self, repository: &Repository, login: &str) -> Option<Permission> {
        let all = self.teams_on(repository);
        all.filter(|(team, _)| team.members.iter().any(|member| same_account(member, login)))
            .map(|(_, permission)| permission)
            .max()
    }

    fn teams_on(&self, repository: &Repository) -> impl Iterator<Item = (&Team, Permission)> {
        let teams = self.teams.iter();
        let own = teams.filter(|team| same_account(&team.organization, &repository.owner));
        own.filter_map(|team| Some((team, *team.repositories.get(&repository.id)?)))
    }

    /// The person with a login, if issues of `repository` can be given to them: a collaborator, or one of its organisation or teams.
    #[must_use]
    pub fn assignable(&self, repository: &Repository, login: &str) -> Option<&Account> {
        let account = self.account(login).filter(|account| account.kind == AccountKind::User)?;
        self.account_permission(repository, login).map(|_| account)
    }

    /// Everybody in the list of collaborators: those of the repository, and the members of its teams.
    #[must_use]
    pub fn people(&self, repository: &Repository) -> Vec<Collaborator> {
        let mut all = repository.collaborators.clone();
        for (team, permission) in self.teams_on(repository) {
            for login in &team.members {
                match all.iter_mut().find(|held| same_account(&held.login, login)) {
                    Some(held) if held.permission >= permission => {}
                    Some(held) => {
                        held.permission = permission;
                        permission.role_name().clone_into(&mut held.role_name);
                    }
                    None => all.push(Collaborator {
                        affiliation: Affiliation::Organization,
                        ..Collaborator::new(login, permission)
                    }),
                }
            }
        }
        all
    }

    /// True when the organisation that owns `repository` wants single sign-on and `token` was not authorised for it.
    #[must_use]
    pub fn lacks_sso(&self, repository: &Repository, token: Option<&Token>) -> bool {
        let owner = &repository.owner;
        let required = self.account(owner).is_some_and(|owner| owner.requires_sso);
        required && token.is_some_and(|token| !token.sso.iter().any(|login| same_account(login, owner)))
    }
}
