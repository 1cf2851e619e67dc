//! Reviews as REST and webhooks write them; GraphQL's spelling stands with its query, and both become one thing.

use serde::Deserialize;

use super::{Account, Moment, number_at_the_end};
use crate::domain::{Person, ReviewState};
use crate::github::decode::DecodeError;

/// A review.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Review {
    id: u64,
    node_id: String,
    pull_request_url: String,
    html_url: String,
    user: Option<Account>,
    state: String,
    body: Option<String>,
    commit_id: Option<String>,
    submitted_at: Option<Moment>,
    updated_at: Option<Moment>,
}

impl TryFrom<Review> for crate::domain::Review {
    type Error = DecodeError;

    fn try_from(wire: Review) -> Result<Self, DecodeError> {
        let number = number_at_the_end(&wire.pull_request_url)
            .ok_or_else(|| DecodeError::new("pull_request_url", "the address does not end in a number"))?;
        let state = ReviewState::of_word(&wire.state).ok_or_else(|| {
            DecodeError::new(
                "state",
                format!("`{}` is no state of a review that is known here", wire.state),
            )
        })?;
        Ok(Self {
            id: wire.id,
            node_id: wire.node_id,
            number,
            reviewer: wire.user.map(Person::from),
            state,
            body: wire.body.unwrap_or_default(),
            url: wire.html_url,
            commit_sha: wire.commit_id,
            submitted_at: wire.submitted_at.map(|moment| moment.0),
            updated_at: wire.updated_at.map(|moment| moment.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::domain::ReviewState;
    use crate::github::payload::review;

    #[test]
    fn a_review_is_read_in_either_spelling_of_its_state() {
        let mut value = json!({
            "id": 7, "node_id": "PRR_7", "pull_request_url": "https://api.github.com/repos/acme/web/pulls/12", "user": null, "body": null,
            "html_url": "https://github.com/acme/web/pull/12#pullrequestreview-7", "state": "CHANGES_REQUESTED", "commit_id": null,
            "submitted_at": null,
        });
        let read = review(&value).expect("decodes");
        assert_eq!((read.number, read.state), (12, ReviewState::ChangesRequested));
        assert_eq!((read.commit_sha, read.updated_at, read.body.as_str()), (None, None, ""));
        value["state"] = json!("approved");
        assert_eq!(review(&value).expect("decodes").state, ReviewState::Approved);
        value["state"] = json!("amazed");
        assert_eq!(review(&value).expect_err("unknown").at, "state");
        value["pull_request_url"] = Value::from("https://x/");
        assert_eq!(review(&value).expect_err("nowhere").at, "pull_request_url");
    }
}
