//! Pushes; they come in webhook payloads alone.

use serde::Deserialize;

use crate::domain::Push as Domain;

/// A push.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Push {
    #[serde(rename = "ref")]
    git_ref: String,
    before: String,
    after: String,
    created: Option<bool>,
    deleted: Option<bool>,
}

impl From<Push> for Domain {
    fn from(wire: Push) -> Self {
        Self {
            git_ref: wire.git_ref,
            before: wire.before,
            after: wire.after,
            created: wire.created.unwrap_or_default(),
            deleted: wire.deleted.unwrap_or_default(),
        }
    }
}
