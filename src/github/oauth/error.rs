//! What can go wrong while GitHub is asked for tokens. It tells refusals by a word in an answer of success.

use std::fmt;

use crate::github::error::{GithubError, tidy};

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// GitHub says no, and did nothing.
    #[error("{0}")]
    Refused(Refused),
    /// GitHub was not reached, or refused to look at it: nothing was done.
    #[error("{0}")]
    NotDone(GithubError),
    /// Nobody can tell whether it was done: the answer was lost, cannot be read, or a gateway gave up waiting.
    #[error("{0}")]
    Unknown(GithubError),
}

impl OAuthError {
    /// What GitHub refused, if it did.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refused) => Some(refused.refusal),
            _ => None,
        }
    }
}

/// GitHub's words for what it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The code is wrong, was used, has ended (after ten minutes), or belongs to another verifier.
    BadVerificationCode,
    /// Id and secret of the App do not belong together.
    IncorrectClientCredentials,
    /// The address to come back to is not one of the App's.
    RedirectUriMismatch,
    /// The refresh token is wrong, was used, has ended, or was taken back.
    BadRefreshToken,
    /// The person has no e-mail address that GitHub has verified.
    UnverifiedUserEmail,
    /// The person said no.
    AccessDenied,
    /// The App was suspended by GitHub.
    ApplicationSuspended,
    /// Anything else.
    Other,
}

impl Refusal {
    /// Reads GitHub's word, of an answer or of the address with which somebody comes back.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "bad_verification_code" => Self::BadVerificationCode,
            "incorrect_client_credentials" => Self::IncorrectClientCredentials,
            "redirect_uri_mismatch" => Self::RedirectUriMismatch,
            "bad_refresh_token" => Self::BadRefreshToken,
            "unverified_user_email" => Self::UnverifiedUserEmail,
            "access_denied" => Self::AccessDenied,
            "application_suspended" => Self::ApplicationSuspended,
            _ => Self::Other,
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::BadVerificationCode => {
                "GitHub does not accept the code: it was used, is older than ten minutes, or was not given to this browser"
            }
            Self::IncorrectClientCredentials => "GitHub does not accept the App's client id and client secret",
            Self::RedirectUriMismatch => "GitHub does not send people back to this site's address for this App",
            Self::BadRefreshToken => "GitHub does not accept the stored connection any more",
            Self::UnverifiedUserEmail => "the account has no verified e-mail address on GitHub",
            Self::AccessDenied => "access was denied on GitHub",
            Self::ApplicationSuspended => "GitHub has suspended the App",
            Self::Other => "GitHub refuses to connect the account",
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::BadVerificationCode | Self::BadRefreshToken => "connect GitHub again",
            Self::IncorrectClientCredentials => {
                "an administrator enters both in GitHub Settings, as the App's page on GitHub shows them"
            }
            Self::RedirectUriMismatch => "an administrator adds the address to the callback URLs of the App on GitHub",
            Self::UnverifiedUserEmail => "verify it in GitHub's settings, then connect GitHub again",
            Self::AccessDenied => "connect GitHub again if that was not meant",
            Self::ApplicationSuspended => "ask its owner",
            Self::Other => "try again, and tell an administrator if it stays",
        }
    }
}

/// A refusal with GitHub's own word for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What it means.
    pub refusal: Refusal,
    /// GitHub's word, cut.
    word: String,
}

impl Refused {
    /// The refusal that GitHub calls `word`.
    #[must_use]
    pub fn new(word: &str) -> Self {
        Self {
            refusal: Refusal::of(word),
            word: tidy(word).map(|word| word.chars().take(60).collect()).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { refusal, word } = self;
        write!(f, "{} ({word}); {}", refusal.what(), refusal.action())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_is_one_sentence_with_an_action() {
        for word in [
            "bad_verification_code",
            "incorrect_client_credentials",
            "redirect_uri_mismatch",
            "bad_refresh_token",
            "unverified_user_email",
            "access_denied",
            "application_suspended",
            "something_new",
        ] {
            let refused = Refused::new(word);
            let sentence = refused.to_string();
            assert_eq!(sentence.matches("; ").count(), 1, "{sentence}");
            assert!(sentence.contains(&format!("({word})")), "{sentence}");
            assert_eq!(refused.refusal == Refusal::Other, word == "something_new");
        }
        let long = Refused::new(&"x".repeat(500)).to_string();
        assert!(long.len() < 200, "{long}");
    }
}
