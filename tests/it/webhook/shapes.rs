//! What the fake GitHub delivers has the shape that GitHub describes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::converge;
use crate::github_contract::wrong_delivery;

#[tokio::test]
async fn deliveries_of_the_fake_are_what_github_describes() {
    let mut wrong = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    for delivery in converge::deliveries(1).await {
        let payload: Value = serde_json::from_str(&delivery.payload).expect("JSON");
        kinds.insert((delivery.event, payload["action"].as_str().unwrap_or_default().to_owned()));
        wrong.extend(wrong_delivery(delivery.event, &payload));
    }
    assert!(kinds.len() > 50, "only {kinds:?}");
    assert!(
        wrong.is_empty(),
        "{}",
        wrong.into_iter().take(80).collect::<Vec<_>>().join("\n")
    );
}
