//! Why GitHub gives an installation no token, or not for this: with the page that mends it.

use super::narrowing::Narrowing;
use crate::domain::Grants;
use crate::github::error::{ErrorKind, GithubError};

/// The pages that mend what is wrong with an installation.
#[derive(Debug, Clone, Default)]
pub(super) struct Links {
    /// Where an owner of the account manages the installation.
    pub(super) manage: Option<String>,
    /// Where the App is installed.
    pub(super) install: Option<String>,
}

/// True where GitHub refuses the installation itself, whatever the token is for: it was removed, or is suspended.
pub(super) fn is_of_installation(error: &GithubError) -> bool {
    match error.status() {
        Some(404) => matches!(error.kind(), ErrorKind::NotFound(_)),
        Some(403) => error.message().is_some_and(|message| message.contains("suspended")),
        _ => false,
    }
}

/// True where GitHub says that something was not granted that a token was asked for.
pub(super) fn is_of_permissions(error: &GithubError) -> bool {
    error.status() == Some(422) && error.message().is_some_and(|message| message.contains("permissions"))
}

impl Links {
    /// Why no token is asked for: `lacks` is needed, and was not granted to the installation of that number.
    pub(super) fn lacking(&self, installation: u64, lacks: &Grants) -> GithubError {
        let kind = ErrorKind::NotGranted {
            permissions: lacks.to_string(),
            url: self.manage.clone(),
        };
        GithubError::not_asked(format!("/app/installations/{installation}/access_tokens"), kind)
    }

    /// What a refused request for a token means.
    pub(super) fn explained(&self, error: GithubError, asked: &Narrowing) -> GithubError {
        let says = |words: &str| error.message().is_some_and(|message| message.contains(words));
        let manage = self.manage.clone();
        let kind = match error.status() {
            // An App that GitHub does not know is refused with its own words.
            Some(404) if is_of_installation(&error) => ErrorKind::NotInstalled {
                url: self.install.clone(),
            },
            Some(403) if is_of_installation(&error) => ErrorKind::Suspended { url: manage },
            Some(422) if says("repository") || says("repositories") => ErrorKind::NotSelected { url: manage },
            _ if is_of_permissions(&error) => ErrorKind::NotGranted {
                permissions: asked.permissions().map_or_else(String::new, Grants::to_string),
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
