//! What GitHub sent, as it is kept, read again.

use serde_json::Value;

use crate::store::inbox::Verdict;

use super::{LARGEST, compression, lossy};

/// The payload; or how a delivery ends whose payload cannot be read.
pub(super) fn read(stored: &[u8]) -> Result<Value, Verdict> {
    let payload = compression::decompress(stored, LARGEST).map_err(|error| odd(&error))?;
    lossy::read(&payload).map_err(|error| odd(&error))
}

/// How a delivery ends whose payload is not what GitHub's description says.
pub(super) fn odd(reason: &impl ToString) -> Verdict {
    Verdict::Errored(format!("the payload is not understood: {}", reason.to_string()))
}
