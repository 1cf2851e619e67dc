//! What issues and pull requests call labels and milestones.

use chrono::{DateTime, Utc};

/// What one issue or pull request said when it was told. GitHub gives it no new version when a label or milestone is renamed or deleted,
/// so that an old word of it looks like a new one; the ids tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Id and name of its labels.
    pub labels: Vec<(u64, String)>,
    /// Id and title of its milestone.
    pub milestone: Option<(u64, String)>,
    /// GitHub's version of what said it.
    pub updated_at: DateTime<Utc>,
}
