//! Deployments: where a commit can be seen at work.

use chrono::{DateTime, Utc};

/// What became of a deployment, as one of its statuses says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// Numeric id of the deployment.
    pub id: u64,
    /// The commit that was deployed.
    pub sha: String,
    /// What was asked for: a branch, a tag, or a commit.
    pub git_ref: String,
    /// Address of the environment; none where it is down, failed, or tells none.
    pub url: Option<String>,
    /// Numeric id of the status; a later one has a higher id.
    pub status_id: u64,
    /// When the status was made, in whole seconds.
    pub told_at: DateTime<Utc>,
}

impl Deployed {
    /// The tag or branch without `refs/`.
    #[must_use]
    pub fn short_ref(&self) -> &str {
        let text = self.git_ref.as_str();
        let tag = text.strip_prefix("refs/tags/").or_else(|| text.strip_prefix("refs/heads/"));
        tag.unwrap_or(text)
    }
}
