//! A GitHub App, and where it is installed.

use chrono::{DateTime, Utc};

use super::{Grants, Owner, OwnerKind};

/// A GitHub App as GitHub describes it to itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubApp {
    /// Numeric id.
    pub id: u64,
    /// Name in addresses; older servers leave it out.
    pub slug: Option<String>,
    /// What its tokens name it by; older servers leave it out.
    pub client_id: Option<String>,
    /// Name that people read.
    pub name: String,
    /// Login (or slug, of an enterprise) of the account that it belongs to.
    pub owner: String,
    /// That account is a person's.
    pub of_person: bool,
    /// Its page.
    pub html_url: String,
    /// What it may be granted.
    pub permissions: Grants,
    /// What it wants to be told of.
    pub events: Vec<String>,
    /// In how many accounts it is installed; told to itself alone.
    pub installations: Option<u64>,
}

impl GithubApp {
    /// Where its owner keeps it, below the address of GitHub's pages; none where GitHub does not tell what it is called.
    #[must_use]
    pub fn settings_path(&self) -> Option<String> {
        let slug = self.slug.as_deref()?;
        Some(if self.of_person || self.owner.is_empty() {
            format!("settings/apps/{slug}")
        } else {
            format!("organizations/{}/settings/apps/{slug}", self.owner)
        })
    }
}

/// Which repositories an installation reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepositorySelection {
    /// All of the account, later ones included.
    All,
    /// Those that somebody picked.
    Selected,
}

impl RepositorySelection {
    /// GitHub's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Selected => "selected",
        }
    }
}

/// An App in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Numeric id.
    pub id: u64,
    /// Numeric id of the App.
    pub app_id: u64,
    /// The App's name in addresses.
    pub app_slug: String,
    /// The account: a person or an organisation. None for an enterprise, which has no repositories, and for an account that is gone.
    pub account: Option<Owner>,
    /// What was granted, which may be less than what the App wants by now.
    pub permissions: Grants,
    /// What GitHub tells of it.
    pub events: Vec<String>,
    /// Which repositories it reaches.
    pub selection: RepositorySelection,
    /// Since when it may do nothing.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Login of who suspended it.
    pub suspended_by: Option<String>,
    /// Where an owner of the account manages it.
    pub html_url: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed.
    pub updated_at: DateTime<Utc>,
}

impl Installation {
    /// What `app` asks for by now and an owner of the account has not accepted yet.
    #[must_use]
    pub fn pending(&self, app: &GithubApp) -> Grants {
        let lacking = app.permissions.beyond(&self.permissions);
        // An account of a person has no permissions of organisations to accept.
        let is_person = self.account.as_ref().is_some_and(|account| account.kind == OwnerKind::User);
        let applies = |name: &str| !is_person || !(name == "members" || name.starts_with("organization_"));
        lacking.iter().filter(|(name, _)| applies(name)).collect()
    }
}
