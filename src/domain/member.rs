//! Who has access to a repository.

use super::Person;

/// The two values that the `role` field has had since the Python app; GitHub's own word is kept beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberRole {
    /// Everybody who is not a maintainer.
    Member,
    /// Admin or maintain permission.
    Maintainer,
}

impl MemberRole {
    /// The Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Maintainer => "maintainer",
        }
    }
}

/// A collaborator of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub person: Person,
    /// GitHub's role name: `admin`, `maintain`, `write`, `triage`, `read`, or the name of a custom role.
    pub permission: String,
    /// May push: a custom role's name does not tell.
    pub can_push: bool,
}

impl Member {
    /// The coarse role: who may administer or maintain is a maintainer.
    #[must_use]
    pub fn role(&self) -> MemberRole {
        match self.permission.as_str() {
            "admin" | "maintain" => MemberRole::Maintainer,
            _ => MemberRole::Member,
        }
    }
}
