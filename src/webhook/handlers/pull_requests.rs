//! `pull_request` and `pull_request_review`.

use serde_json::Value;

use crate::domain::Change;
use crate::github::{DecodeError, payload};
use crate::store::refresh::Mark;

use super::Meaning;

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
    let pull = payload::pull_request(&delivery["pull_request"])?;
    let mark = Mark::items_since(pull.item.updated_at.timestamp());
    let marks = if ABOUT_THE_TALK.contains(&action) {
        vec![]
    } else {
        vec![mark]
    };
    Ok(Meaning::Work(vec![Change::PullRequests(vec![pull])], marks))
}

/// Any action of `pull_request_review`: the payload has a short form, so that the pull request is read.
pub(super) fn reviewed(delivery: &Value) -> Result<Meaning, DecodeError> {
    let pull = payload::pull_request(&delivery["pull_request"])?;
    Ok(Meaning::read(Mark::items_since(pull.item.updated_at.timestamp())))
}
