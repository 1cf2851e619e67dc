//! Any bytes at all, put through what reads deliveries. Each function is the body of a target in `fuzz/`; a property test drives all of
//! them in every run of the tests.

use secrecy::SecretString;
use serde_json::Value;

use crate::webhook::body::json;
use crate::webhook::events;
use crate::webhook::handlers::meaning;
use crate::webhook::lossy;
use crate::webhook::outline::outline;
use crate::webhook::signature::{sign, signer};

/// The header of the signature: only the right one fits, in either case of its letters, and only this very body.
///
/// # Panics
/// When that is not so.
pub fn signature_header(data: &[u8]) {
    let (length, rest) = data
        .split_first()
        .map_or((0, data), |(first, rest)| (usize::from(*first), rest));
    let (header, body) = rest.split_at(length.min(rest.len()));
    let header = String::from_utf8_lossy(header);
    let secrets = ["another", "the secret"].map(SecretString::from);
    let right = sign(&secrets[1], body);
    let fits = signer(&secrets[1..], body, &header).is_some();
    assert!(!fits || header.trim().eq_ignore_ascii_case(&right), "{header}");
    assert_eq!(signer(&secrets, body, &right), Some(1));
    assert_eq!(signer(&secrets, &[body, b"."].concat(), &right), None);
}

/// A payload, as each of the events: whatever it is, it is read or refused, and the same each time.
///
/// # Panics
/// When that is not so.
pub fn event(data: &[u8]) {
    let Some((first, payload)) = data.split_first() else { return };
    let known: Vec<&str> = events::handled().collect();
    let name = known
        .get(usize::from(*first) % known.len().max(1))
        .copied()
        .unwrap_or("unknown");
    let told = outline(payload).ok();
    if let Ok(value) = lossy::read::<Value>(payload) {
        let action = told.as_ref().and_then(|told| told.action.as_deref());
        let once = meaning(name, action, &value).ok();
        assert_eq!(once, meaning(name, action, &value).ok(), "{name}");
    }
}

/// A form: what it holds is read as JSON, or it is refused.
pub fn form(data: &[u8]) {
    for kind in ["application/x-www-form-urlencoded", "application/json; charset=utf-8"] {
        if let Ok(payload) = json(kind, data) {
            let _whatever = outline(&payload);
        }
    }
}
