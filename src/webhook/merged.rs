//! Changes of several deliveries that are applied together.

use crate::domain::Change;

/// All changes, those of one kind as one.
pub(super) fn merged<'a>(all: impl Iterator<Item = &'a Change>) -> Vec<Change> {
    let (mut issues, mut pulls, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for change in all {
        match change {
            Change::Issues(some) => issues.extend_from_slice(some),
            Change::PullRequests(some) => pulls.extend_from_slice(some),
            other => others.push(other.clone()),
        }
    }
    let mut merged = Vec::new();
    if !issues.is_empty() {
        merged.push(Change::Issues(issues));
    }
    if !pulls.is_empty() {
        merged.push(Change::PullRequests(pulls));
    }
    merged.extend(others);
    merged
}
