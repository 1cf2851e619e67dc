//! `issues` and `issue_comment`.

use serde_json::Value;

use crate::domain::{Absence, Change};
use crate::github::{DecodeError, FeedItem, payload};
use crate::store::refresh::Mark;

use super::Meaning;

/// Any action of `issues`: the payload has the issue as it is after it.
pub(super) fn changed(action: &str, delivery: &Value) -> Result<Meaning, DecodeError> {
    let item = payload::item(&delivery["issue"])?;
    let number = item.item().number;
    let gone = |absence| Meaning::change(Change::IssuesGone(vec![(number, absence)]));
    Ok(match (action, item) {
        ("deleted", _) => gone(Absence::Deleted),
        // Where it went, an `opened` tells of it.
        ("transferred", _) => gone(Absence::Moved),
        (_, FeedItem::Issue(issue)) => Meaning::change(Change::Issues(vec![issue])),
        (_, FeedItem::PullRequest(pull)) => Meaning::change(Change::PullRequests(vec![pull])),
    })
}

/// A comment changes its issue's number of comments, which the payload gives as it was before, or after: it is read.
pub(super) fn commented(action: &str, delivery: &Value) -> Result<Meaning, DecodeError> {
    let item = payload::item(&delivery["issue"])?;
    if action == "edited" {
        return Ok(Meaning::Work(Vec::new(), Vec::new()));
    }
    Ok(Meaning::read(Mark::items_since(item.item().updated_at.timestamp())))
}
