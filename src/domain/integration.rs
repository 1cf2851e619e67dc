//! What an integration is: how it proves itself, and whether it works.

use super::OwnerKind;

/// How an integration proves itself to GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthType {
    /// The GitHub App, as it is installed in an account.
    App,
    /// The connection of a person.
    OAuth,
    /// A token.
    Token,
}

impl AuthType {
    const ALL: [Self; 3] = [Self::App, Self::OAuth, Self::Token];

    /// The Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "GitHub App",
            Self::OAuth => "OAuth",
            Self::Token => "Personal Access Token",
        }
    }

    /// Reads the option; none for any other text.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// Whether an integration works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthState {
    /// It does.
    Ok,
    /// It does, and something is missing.
    Attention,
    /// It does not.
    Failing,
}

impl HealthState {
    /// The Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Attention => "attention",
            Self::Failing => "failing",
        }
    }
}

/// How an integration is, and what mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Whether it works.
    pub state: HealthState,
    /// Why not, in a sentence that says what to do; empty for nothing.
    pub reason: String,
    /// Page of GitHub on which that is mended; empty for none.
    pub link: String,
}

impl Health {
    /// Nothing is wrong.
    #[must_use]
    pub fn good() -> Self {
        Self {
            state: HealthState::Ok,
            reason: String::new(),
            link: String::new(),
        }
    }

    /// It works, and something is missing.
    #[must_use]
    pub fn attention(reason: impl Into<String>, link: impl Into<String>) -> Self {
        Self {
            state: HealthState::Attention,
            reason: reason.into(),
            link: link.into(),
        }
    }

    /// It does not work.
    #[must_use]
    pub fn failing(reason: impl Into<String>, link: impl Into<String>) -> Self {
        Self {
            state: HealthState::Failing,
            reason: reason.into(),
            link: link.into(),
        }
    }
}

/// Where a person stands in an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Login of the organisation.
    pub login: String,
    /// GitHub's number of it.
    pub id: u64,
    /// Address of its picture.
    pub avatar_url: String,
    /// He owns it; else he is a member.
    pub is_owner: bool,
    /// He was invited and has not accepted.
    pub is_pending: bool,
}

/// An account that an integration can be made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectableAccount {
    /// Login.
    pub login: String,
    /// GitHub's number.
    pub id: u64,
    /// Person or organisation.
    pub kind: OwnerKind,
    /// Address of its picture.
    pub avatar_url: String,
    /// Number of the App's installation in it.
    pub installation: Option<u64>,
    /// Whoever asks owns it; none where GitHub does not tell.
    pub is_owner: Option<bool>,
    /// Why it cannot be connected, with the page that mends it where there is one.
    pub hindrance: Option<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g1_1_there_are_three_ways_to_authenticate_and_each_has_a_word() {
        for one in AuthType::ALL {
            assert_eq!(AuthType::of(one.as_str()), Some(one));
        }
        assert_eq!(AuthType::of("OAuth App"), None, "that is the site's own");
    }
}
