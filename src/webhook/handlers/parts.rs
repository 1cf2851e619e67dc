//! `label`, `milestone`, `release`, `deployment` and `deployment_status`.

use serde_json::Value;

use crate::domain::Change;
use crate::github::{DecodeError, payload};
use crate::store::refresh::{Mark, Part};

use super::Meaning;

/// GitHub tells no version of a label, so that the list is read: of two deliveries nobody can say which is the later one. What is deleted
/// stays so.
pub(super) fn label(action: &str, delivery: &Value) -> Result<Meaning, DecodeError> {
    let label = payload::label(&delivery["label"])?;
    let changes = match action {
        "deleted" => vec![Change::LabelsGone(vec![label.id])],
        _ => Vec::new(),
    };
    Ok(Meaning::Work(changes, vec![Mark::now(Part::Labels)]))
}

/// Any action of `milestone`: the payload has it as it is after it.
pub(super) fn milestone(action: &str, delivery: &Value) -> Result<Meaning, DecodeError> {
    let milestone = payload::milestone(&delivery["milestone"])?;
    Ok(Meaning::change(match action {
        "deleted" => Change::MilestonesGone(vec![milestone.id]),
        _ => Change::Milestones(vec![milestone]),
    }))
}

/// Any action of `release`. Files that are added later are not delivered, and older servers tell no version, so that the list is read.
pub(super) fn release(action: &str, delivery: &Value) -> Result<Meaning, DecodeError> {
    let release = payload::release(&delivery["release"])?;
    let change = match action {
        "deleted" => Change::ReleasesGone(vec![release.id]),
        _ => Change::Releases(vec![release]),
    };
    Ok(Meaning::Work(vec![change], vec![Mark::now(Part::Releases)]))
}

/// What became of a deployment: where its commit can be seen at work.
pub(super) fn deployed(delivery: &Value) -> Result<Meaning, DecodeError> {
    Ok(Meaning::change(Change::Deployed(vec![payload::deployed(delivery)?])))
}
