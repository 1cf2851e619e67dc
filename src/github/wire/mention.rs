//! What an issue or pull request calls its labels and its milestone.

use serde::Deserialize;
use serde_json::Value;

use super::Moment;

/// The members of an issue or pull request that name others. GitHub's description lets a label be a bare text; that says nothing here.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Mention {
    labels: Option<Vec<Value>>,
    milestone: Option<Value>,
    updated_at: Moment,
}

impl From<Mention> for crate::domain::Mention {
    fn from(wire: Mention) -> Self {
        let named = |value: &Value, key: &str| Some((value["id"].as_u64()?, value[key].as_str()?.to_owned()));
        Self {
            labels: wire
                .labels
                .iter()
                .flatten()
                .filter_map(|label| named(label, "name"))
                .collect(),
            milestone: wire.milestone.as_ref().and_then(|milestone| named(milestone, "title")),
            updated_at: wire.updated_at.0,
        }
    }
}
