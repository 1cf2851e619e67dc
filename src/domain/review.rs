//! Reviews of pull requests.

use chrono::{DateTime, Utc};

use super::Person;

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewState {
    /// Good.
    Approved,
    /// Not good yet.
    ChangesRequested,
    /// Neither.
    Commented,
    /// Taken back by somebody; a review never leaves this state.
    Dismissed,
    /// Not submitted: only its author sees it.
    Pending,
}

impl ReviewState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Approved,
        Self::ChangesRequested,
        Self::Commented,
        Self::Dismissed,
        Self::Pending,
    ];

    /// GitHub's word in lower case, which is also the Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::ChangesRequested => "changes_requested",
            Self::Commented => "commented",
            Self::Dismissed => "dismissed",
            Self::Pending => "pending",
        }
    }

    /// The state of GitHub's word, whatever its case: REST and GraphQL write capitals, webhooks do not.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str().eq_ignore_ascii_case(word))
    }
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Numeric id.
    pub id: u64,
    /// Global node id.
    pub node_id: String,
    /// Number of the pull request.
    pub number: u64,
    /// Who reviewed; none when the account is gone.
    pub reviewer: Option<Person>,
    /// What it says.
    pub state: ReviewState,
    /// Markdown text.
    pub body: String,
    /// Address of the page that people open.
    pub url: String,
    /// The commit that was reviewed; none when it is gone.
    pub commit_sha: Option<String>,
    /// When it was submitted; none while it is pending.
    pub submitted_at: Option<DateTime<Utc>>,
    /// GitHub's own version of it, in whole seconds. REST and older webhooks do not tell it, and then values alone are compared.
    pub updated_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_in_either_spelling() {
        assert_eq!(ReviewState::of_word("CHANGES_REQUESTED"), Some(ReviewState::ChangesRequested));
        assert_eq!(ReviewState::of_word("dismissed"), Some(ReviewState::Dismissed));
        assert_eq!(ReviewState::of_word("amazed"), None);
    }
}
