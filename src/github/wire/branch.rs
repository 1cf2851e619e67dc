//! Branches as `GET /repos/{owner}/{repo}/branches` lists them.

use serde::Deserialize;

use crate::domain::Branch;

/// A branch of a list; when its head was committed is asked for elsewhere.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct ShortBranch {
    name: String,
    commit: Head,
    protected: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Head {
    sha: String,
}

impl From<ShortBranch> for Branch {
    fn from(wire: ShortBranch) -> Self {
        Self {
            name: wire.name,
            head_sha: wire.commit.sha,
            committed_at: None,
            protected: wire.protected.unwrap_or_default(),
        }
    }
}
