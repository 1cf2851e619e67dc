//! A repository and the account that owns it.

use chrono::{DateTime, Utc};

use super::RepoName;

/// Who may see a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody.
    Public,
    /// People with access.
    Private,
    /// Members of the enterprise.
    Internal,
}

impl Visibility {
    /// The Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "Public",
            Self::Private => "Private",
            Self::Internal => "Internal",
        }
    }
}

/// Kind of an owning account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerKind {
    /// A person.
    User,
    /// An organisation.
    Organization,
}

impl OwnerKind {
    /// GitHub's word, which is also the Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Organization => "Organization",
        }
    }
}

/// The account that a repository belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Numeric id.
    pub id: u64,
    /// Login.
    pub login: String,
    /// Address of its picture.
    pub avatar_url: String,
    /// Person or organisation.
    pub kind: OwnerKind,
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Numeric id: the identity that survives renames and transfers.
    pub id: u64,
    /// Global node id.
    pub node_id: String,
    /// Present `owner/name`.
    pub name: RepoName,
    /// Owning account.
    pub owner: Owner,
    /// Name of the default branch.
    pub default_branch: String,
    /// Address of the page that people open.
    pub url: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Line under the name.
    pub description: String,
    /// Read-only on GitHub.
    pub archived: bool,
    /// A fork of another repository.
    pub fork: bool,
    /// Issues are switched on; when off, GitHub answers 410 for them.
    pub has_issues: bool,
    /// Number of stars; bookkeeping, never a reason for a new `modified`.
    pub stargazers_count: u64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When its settings changed last.
    pub updated_at: DateTime<Utc>,
    /// When somebody pushed last.
    pub pushed_at: Option<DateTime<Utc>>,
}
