//! `desk.event_payload` and `desk.retry_event`: what GitHub delivered, for the form of a GitHub Event.

use serde_json::{Value, json};

use crate::store::Stamp;
use crate::store::inbox::{self, EventStatus};
use crate::webhook::{LARGEST, compression, lossy};

use super::{ActionError, Call};

/// The name of a delivery.
const DELIVERY: [&str; 2] = ["delivery", "name"];

/// What GitHub sent, as JSON; null where it is not kept. `can_retry` says whether to try it again does something.
pub(super) async fn payload(call: &Call<'_>) -> Result<Value, ActionError> {
    let id = call.arguments.required(&DELIVERY)?;
    let Some(stored) = inbox::read_payload(call.site.db(), &id).await? else {
        return Ok(json!({"delivery": id, "payload": null, "can_retry": false}));
    };
    let odd = |error: String| ActionError::NotReady(format!("what GitHub sent with {id} cannot be read any more ({error})"));
    let bytes = compression::decompress(&stored, LARGEST).map_err(|error| odd(error.to_string()))?;
    let payload: Value = lossy::read(&bytes).map_err(|error| odd(error.to_string()))?;
    let can_retry = inbox::find(call.site.db(), &id)
        .await?
        .and_then(|one| EventStatus::of(&one.status))
        .is_some_and(EventStatus::is_worth_a_retry);
    Ok(json!({"delivery": id, "payload": payload, "can_retry": can_retry}))
}

/// Has a delivery tried again, at once.
pub(super) async fn retry(call: &Call<'_>) -> Result<Value, ActionError> {
    let id = call.arguments.required(&DELIVERY)?;
    let stamp = Stamp::now(call.site, call.caller.user.as_str()).await?;
    if !inbox::retry(call.site.db(), &stamp, &id).await? {
        return Err(ActionError::invalid(format!(
            "{id} cannot be tried again: it waits already, or what GitHub sent is not kept; have GitHub deliver it again"
        )));
    }
    call.services.work_on_deliveries(call.site).await;
    let now = inbox::find(call.site.db(), &id).await?;
    let (status, reason) = now.map(|one| (one.status, one.reason)).unwrap_or_default();
    Ok(json!({"delivery": id, "status": status, "reason": reason}))
}
