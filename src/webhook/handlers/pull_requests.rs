//! `pull_request` and `pull_request_review`.

use serde_json::Value;

use crate::domain::Change;
use crate::github::{DecodeError, payload};
use crate::store::refresh::Mark;

use super::{Meaning, issues};

/// Actions that change neither what is to be merged nor who has to say so. All others change the state of reviews and merging, which no
/// payload carries.
const ABOUT_THE_TALK: [&str; 8] = [
    "assigned",
    "demilestoned",
    "labeled",
    "locked",
    "milestoned",
    "unassigned",
    "unlabeled",
    "unlocked",
];

/// Any action of `pull_request`: the payload has the pull request as it is after it, but for how reviews and merging stand.
pub(super) fn changed(action: &str, delivery: &Value) -> Result<Meaning, DecodeError> {
    let member = &delivery["pull_request"];
    let (pull, mention) = (payload::pull_request(member)?, payload::mention(member)?);
    let mut marks = issues::of_milestone(action, delivery, member);
    if !ABOUT_THE_TALK.contains(&action) {
        marks.push(Mark::items_since(pull.item.updated_at.timestamp()));
    }
    let changes = vec![Change::PullRequests(vec![pull]), Change::Mentions(vec![mention])];
    Ok(Meaning::Work(changes, marks))
}

/// Any action of `pull_request_review`: the review is stored at once. The payload has a short form of its pull request, which is read with
/// all its reviews; that settles the order of two words of one review, too, which older servers give no version.
pub(super) fn reviewed(delivery: &Value) -> Result<Meaning, DecodeError> {
    let pull = payload::pull_request(&delivery["pull_request"])?;
    let review = payload::review(&delivery["review"])?;
    let mark = Mark::items_since(pull.item.updated_at.timestamp());
    Ok(Meaning::Work(vec![Change::Reviews(vec![review])], vec![mark]))
}
