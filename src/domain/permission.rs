//! What somebody may be allowed to do in a repository.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// GitHub's five permissions, the smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Read.
    Pull,
    /// Read, and manage issues and pull requests.
    Triage,
    /// Write.
    Push,
    /// Manage the repository but for what is dangerous.
    Maintain,
    /// Everything.
    Admin,
}

/// Why a text is no permission; the sentence is meant for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no permission of GitHub: choose pull, triage, push, maintain or admin")]
pub struct InvalidPermission(String);

impl Permission {
    /// GitHub's word when it is given.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Triage => "triage",
            Self::Push => "push",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Permission {
    type Err = InvalidPermission;

    /// GitHub says `read` and `write` where it tells of roles.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "pull" | "read" => Self::Pull,
            "triage" => Self::Triage,
            "push" | "write" => Self::Push,
            "maintain" => Self::Maintain,
            "admin" => Self::Admin,
            _ => return Err(InvalidPermission(text.chars().take(100).collect())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_of_githubs_words_are_understood() {
        for (text, permission) in [
            ("pull", Permission::Pull),
            ("read", Permission::Pull),
            ("Write", Permission::Push),
            ("push", Permission::Push),
            ("admin", Permission::Admin),
        ] {
            assert_eq!(text.parse(), Ok(permission));
        }
        assert!("owner".parse::<Permission>().is_err());
        assert!(Permission::Pull < Permission::Admin);
    }
}
