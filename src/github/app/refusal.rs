//! Why GitHub gives an installation no token, or not for this: with the page that mends it.

use super::narrowing::Narrowing;
use crate::github::error::{ErrorKind, GithubError};

/// The pages that mend what is wrong with an installation.
#[derive(Debug, Clone, Default)]
pub(super) struct Links {
    /// Where an owner of the account manages the installation.
    pub(super) manage: Option<String>,
    /// Where the App is installed.
    pub(super) install: Option<String>,
}

impl Links {
    /// What a refused request for a token means.
    pub(super) fn explained(&self, error: GithubError, asked: &Narrowing) -> GithubError {
        let says = |words: &str| error.message().is_some_and(|message| message.contains(words));
        let manage = self.manage.clone();
        let kind = match error.status() {
            // An App that GitHub does not know is refused with its own words.
            Some(404) if matches!(error.kind(), ErrorKind::NotFound(_)) => ErrorKind::NotInstalled {
                url: self.install.clone(),
            },
            Some(403) if says("suspended") => ErrorKind::Suspended { url: manage },
            Some(422) if says("repository") || says("repositories") => ErrorKind::NotSelected { url: manage },
            Some(422) if says("permissions") => ErrorKind::NotGranted {
                permissions: asked.permissions().to_string(),
                url: manage,
            },
            _ => return error,
        };
        error.told_as(kind)
    }

    /// What the refusal of a request means that was made with a token.
    pub(super) fn of_request(&self, error: GithubError) -> GithubError {
        let kind = match error.kind() {
            ErrorKind::Suspended { url: None } => ErrorKind::Suspended {
                url: self.manage.clone(),
            },
            ErrorKind::Unauthorized => ErrorKind::RenewedInVain,
            _ => return error,
        };
        error.told_as(kind)
    }
}
