//! What has to be known of a payload before it is stored: what happened, where, and by whom. The rest is passed over unread.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::lossy;

/// What a payload says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// What happened.
    pub action: Option<String>,
    /// Full name of the repository.
    pub repository: Option<String>,
    /// Its id.
    pub repository_id: Option<u64>,
    /// Login of the account that caused it.
    pub sender: Option<String>,
    /// Number of the App's installation.
    pub installation_id: Option<u64>,
    /// The event that the payload's keys mean, for deliveries without `X-GitHub-Event`; none where they mean none.
    pub inferred: Option<&'static str>,
}

/// Reads the outline of a payload.
///
/// # Errors
/// When it is no JSON object.
pub fn outline(payload: &[u8]) -> Result<Outline, serde_json::Error> {
    let wire: Wire = lossy::read(payload)?;
    Ok(Outline {
        inferred: wire.event(),
        action: wire.action,
        repository: wire.repository.as_ref().and_then(|one| one.full_name.clone()),
        repository_id: wire.repository.and_then(|one| one.id),
        sender: wire.sender.and_then(|one| one.login),
        installation_id: wire.installation.and_then(|one| one.id),
    })
}

/// The top of a payload. What is odd below counts as absent: a delivery must not be lost for it.
#[derive(Debug, Deserialize)]
struct Wire {
    #[serde(default, deserialize_with = "lenient")]
    action: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    repository: Option<Repository>,
    #[serde(default, deserialize_with = "lenient")]
    sender: Option<Sender>,
    #[serde(default, deserialize_with = "lenient")]
    installation: Option<Installation>,
    zen: Option<IgnoredAny>,
    issue: Option<IgnoredAny>,
    comment: Option<IgnoredAny>,
    pull_request: Option<IgnoredAny>,
    review: Option<IgnoredAny>,
    commits: Option<IgnoredAny>,
    #[serde(rename = "ref")]
    git_ref: Option<IgnoredAny>,
    before: Option<IgnoredAny>,
    after: Option<IgnoredAny>,
    ref_type: Option<IgnoredAny>,
    master_branch: Option<IgnoredAny>,
    member: Option<IgnoredAny>,
    release: Option<IgnoredAny>,
    deployment: Option<IgnoredAny>,
    deployment_status: Option<IgnoredAny>,
    milestone: Option<IgnoredAny>,
    label: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Repository {
    id: Option<u64>,
    full_name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Sender {
    login: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Installation {
    id: Option<u64>,
}

/// A value of that shape, or none for anything else.
fn lenient<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either<T> {
        Shaped(T),
        Odd(IgnoredAny),
    }
    Ok(match Either::deserialize(from)? {
        Either::Shaped(value) => Some(value),
        Either::Odd(_) => None,
    })
}

impl Wire {
    /// The event that the keys mean, the telling ones first: an issue with a comment is a comment (F-24 lists what came of guessing).
    fn event(&self) -> Option<&'static str> {
        let acted = self.action.is_some();
        Some(match self {
            one if one.zen.is_some() => "ping",
            one if one.deployment_status.is_some() => "deployment_status",
            one if one.deployment.is_some() => "deployment",
            one if one.comment.is_some() && one.issue.is_some() => "issue_comment",
            one if one.comment.is_some() && one.pull_request.is_some() => "pull_request_review_comment",
            one if one.review.is_some() && one.pull_request.is_some() => "pull_request_review",
            one if one.issue.is_some() && acted => "issues",
            one if one.pull_request.is_some() && acted => "pull_request",
            one if one.commits.is_some() && one.git_ref.is_some() && one.before.is_some() && one.after.is_some() => "push",
            one if one.ref_type.is_some() && one.master_branch.is_some() => "create",
            one if one.ref_type.is_some() => "delete",
            one if one.member.is_some() && acted => "member",
            one if one.release.is_some() && acted => "release",
            one if one.milestone.is_some() && acted => "milestone",
            one if one.label.is_some() && acted => "label",
            one if one.repository.is_some() && acted => "repository",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn of(value: &Value) -> Outline {
        outline(value.to_string().as_bytes()).expect("an object")
    }

    #[test]
    fn g2_6_the_event_is_inferred_from_the_keys() {
        let repository = json!({"id": 7, "full_name": "acme/web"});
        for (keys, event) in [
            (
                json!({"issue": {}, "comment": {}, "action": "created"}),
                Some("issue_comment"),
            ),
            (json!({"issue": {}, "label": {}, "action": "labeled"}), Some("issues")),
            (json!({"pull_request": {}, "action": "opened"}), Some("pull_request")),
            (
                json!({"pull_request": {}, "review": {}, "action": "submitted"}),
                Some("pull_request_review"),
            ),
            (
                json!({"ref": "refs/heads/x", "before": "0", "after": "1", "commits": []}),
                Some("push"),
            ),
            (
                json!({"ref": "x", "ref_type": "branch", "master_branch": "main"}),
                Some("create"),
            ),
            (json!({"ref": "x", "ref_type": "branch"}), Some("delete")),
            (json!({"member": {}, "action": "added"}), Some("member")),
            (json!({"release": {}, "action": "published"}), Some("release")),
            (json!({"action": "archived"}), Some("repository")),
            (json!({"zen": "x", "hook": {}}), Some("ping")),
            (json!({"state": "success"}), None),
        ] {
            let mut payload = keys.clone();
            payload["repository"] = repository.clone();
            let read = of(&payload);
            assert_eq!(read.inferred, event, "{keys}");
            assert_eq!((read.repository_id, read.repository.as_deref()), (Some(7), Some("acme/web")));
        }
    }

    #[test]
    fn what_is_odd_counts_as_absent() {
        let read = of(&json!({"action": 5, "repository": "x", "sender": {"login": 7}, "installation": null}));
        assert_eq!(read, Outline::default());
        for no_object in ["", "[]", "1", "{", "{\"a\":"] {
            assert!(outline(no_object.as_bytes()).is_err(), "{no_object}");
        }
        let deep = format!("{{\"a\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let _no_matter_how_deep = outline(deep.as_bytes());
    }

    proptest! {
        #[test]
        fn no_payload_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
            let _whatever = outline(&bytes);
        }
    }
}
