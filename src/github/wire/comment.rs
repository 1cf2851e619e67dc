//! Comments on issues and pull requests.

use serde::Deserialize;

use super::{Account, Moment, number_at_the_end};
use crate::domain::Person;
use crate::github::decode::DecodeError;

/// A comment. What it belongs to it says in its addresses alone.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Comment {
    id: u64,
    node_id: String,
    issue_url: String,
    html_url: String,
    user: Option<Account>,
    body: Option<String>,
    created_at: Moment,
    updated_at: Moment,
}

impl TryFrom<Comment> for crate::domain::Comment {
    type Error = DecodeError;

    fn try_from(wire: Comment) -> Result<Self, DecodeError> {
        let number = number_at_the_end(&wire.issue_url)
            .ok_or_else(|| DecodeError::new("issue_url", "the address does not end in a number"))?;
        Ok(Self {
            id: wire.id,
            node_id: wire.node_id,
            number,
            // GitHub's pages are `/owner/name/pull/7#issuecomment-1`; no repository's name holds a slash.
            on_pull_request: wire.html_url.contains(&format!("/pull/{number}#")),
            body: wire.body.unwrap_or_default(),
            author: wire.user.map(Person::from),
            url: wire.html_url,
            created_at: wire.created_at.0,
            updated_at: wire.updated_at.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::github::payload::comment;

    fn plain(page: &str) -> Value {
        json!({
            "id": 7, "node_id": "IC_7", "issue_url": "https://api.github.com/repos/acme/pull/issues/12", "user": null,
            "html_url": format!("https://github.com/acme/pull/{page}/12#issuecomment-7"), "body": "Yes",
            "created_at": "2024-01-02T03:04:05Z", "updated_at": "2024-01-02T03:04:06Z",
        })
    }

    #[test]
    fn what_a_comment_belongs_to_stands_in_its_addresses() {
        for (page, on_pull_request) in [("issues", false), ("pull", true)] {
            let read = comment(&plain(page)).expect("decodes");
            assert_eq!((read.number, read.on_pull_request, read.author), (12, on_pull_request, None));
        }
        let mut odd = plain("issues");
        odd["issue_url"] = json!("https://api.github.com/repos/acme/web/issues");
        assert_eq!(comment(&odd).expect_err("nowhere").at, "issue_url");
    }
}
