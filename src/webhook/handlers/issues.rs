//! `issues` and `issue_comment`.

use serde_json::Value;

use crate::domain::{Absence, Change, Item};
use crate::github::{DecodeError, FeedItem, payload};
use crate::store::refresh::{Mark, Part};

use super::Meaning;

/// Actions that change how many open and closed issues a milestone has; its version does not tell.
const COUNTED: [&str; 7] = [
    "closed",
    "deleted",
    "demilestoned",
    "milestoned",
    "opened",
    "reopened",
    "transferred",
];

/// Any action of `issues`: the payload has the issue as it is after it.
pub(super) fn changed(action: &str, delivery: &Value) -> Result<Meaning, DecodeError> {
    // The signature does not cover the header that says which event it is: a deleted comment must not take its issue along.
    if delivery["comment"].is_object() {
        return Ok(Meaning::Unhandled(
            "the delivery says that it is of an issue, and what it holds is of a comment",
        ));
    }
    let item = payload::item(&delivery["issue"])?;
    let mut marks = of_milestone(action, delivery, &delivery["issue"]);
    let number = item.item().number;
    let gone = |absence| vec![Change::IssuesGone(vec![(number, absence)])];
    let changes = match (action, item) {
        ("deleted", _) => gone(Absence::Deleted),
        // Where it went, an `opened` tells of it.
        ("transferred", _) => gone(Absence::Moved),
        (_, item) => {
            marks.extend(brought_along(delivery, item.item()));
            let mentions = Change::Mentions(vec![payload::mention(&delivery["issue"])?]);
            let change = match item {
                FeedItem::Issue(issue) => Change::Issues(vec![issue]),
                FeedItem::PullRequest(pull) => Change::PullRequests(vec![pull]),
            };
            vec![change, mentions]
        }
    };
    Ok(Meaning::Work(changes, marks))
}

/// The milestone is read whose counts change.
pub(super) fn of_milestone(action: &str, delivery: &Value, item: &Value) -> Vec<Mark> {
    let has_one = item["milestone"].is_object() || delivery["milestone"].is_object();
    if has_one && COUNTED.contains(&action) {
        vec![Mark::now(Part::Milestones)]
    } else {
        Vec::new()
    }
}

/// An issue that comes from another repository brings its comments along, of which nothing is delivered.
fn brought_along(delivery: &Value, item: &Item) -> Option<Mark> {
    delivery["changes"]["old_issue"]
        .is_object()
        .then(|| Mark::since(Part::Comments, item.created_at.timestamp()))
}

/// A comment is stored at once. Its issue is read: how many comments there are the payload tells as it was before, or after.
pub(super) fn commented(action: &str, delivery: &Value) -> Result<Meaning, DecodeError> {
    let item = payload::item(&delivery["issue"])?;
    let comment = payload::comment(&delivery["comment"])?;
    let change = match action {
        "deleted" => Change::CommentsGone(vec![comment.id]),
        _ => Change::Comments(vec![comment]),
    };
    let mark = Mark::items_since(item.item().updated_at.timestamp());
    Ok(Meaning::Work(vec![change], vec![mark]))
}
