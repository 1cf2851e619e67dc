//! An installation of the App as the lists of what one person can see tell of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Owner;

/// An installation that a person can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleInstallation {
    /// GitHub's number.
    pub id: u64,
    /// Whose App it is an installation of, by the name in addresses.
    pub app_slug: String,
    /// Where it is installed; none for an enterprise.
    pub account: Option<Owner>,
    /// The page on which its repositories are chosen.
    pub url: String,
    /// All repositories of the account, not some that were chosen.
    pub has_all_repositories: bool,
    /// What it may do: GitHub's words, such as `issues` and `write`.
    pub permissions: BTreeMap<String, String>,
    /// What it is told of.
    pub events: Vec<String>,
    /// When it was suspended, if it is.
    pub suspended_at: Option<DateTime<Utc>>,
}
