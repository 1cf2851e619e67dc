//! Labels as they are listed and delivered; within an issue only their names are read.

use serde::Deserialize;

/// A label. Webhooks of older servers leave out the description.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Label {
    id: u64,
    node_id: String,
    name: String,
    color: Option<String>,
    description: Option<String>,
    default: Option<bool>,
}

impl From<Label> for crate::domain::Label {
    fn from(wire: Label) -> Self {
        Self {
            id: wire.id,
            node_id: wire.node_id,
            name: wire.name,
            color: wire.color.unwrap_or_default(),
            description: wire.description.unwrap_or_default(),
            is_default: wire.default.unwrap_or_default(),
        }
    }
}
