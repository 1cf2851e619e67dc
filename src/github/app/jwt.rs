//! The JSON Web Token by which a GitHub App proves itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::key::AppKey;

/// So far in the past it begins: clocks are never quite the same, and GitHub takes nothing from the future.
const BEFORE: TimeDelta = TimeDelta::seconds(60);
/// So far in the future it ends. GitHub takes ten minutes at most, by its own clock.
const AFTER: TimeDelta = TimeDelta::minutes(9);
/// So long before its end it is made anew.
const EARLY: TimeDelta = TimeDelta::minutes(1);

/// A token with its end.
pub(super) struct Jwt {
    pub(super) secret: SecretString,
    /// It is good from then on, as we know GitHub's clock.
    made_at: DateTime<Utc>,
}

impl Jwt {
    /// One for the App that `issuer` names (its client id, or its id), made at `github`, GitHub's time.
    ///
    /// # Errors
    /// Says in words why nothing can be signed.
    pub(super) fn sign(issuer: &str, key: &AppKey, github: DateTime<Utc>) -> Result<Self, &'static str> {
        let claims = json!({
            "iat": (github - BEFORE).timestamp(),
            "exp": (github + AFTER).timestamp(),
            "iss": issuer,
        });
        let part = |value: &str| URL_SAFE_NO_PAD.encode(value);
        let message = format!("{}.{}", part(r#"{"alg":"RS256","typ":"JWT"}"#), part(&claims.to_string()));
        let signature = key.sign(message.as_bytes()).ok_or("the system gives no random numbers")?;
        Ok(Self {
            secret: SecretString::from(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))),
            made_at: github,
        })
    }

    /// True where it can be used at `github`, also for a while to come. A clock that was set back makes it useless, too.
    pub(super) fn is_fresh(&self, github: DateTime<Utc>) -> bool {
        let age = github - self.made_at;
        -BEFORE <= age && age < AFTER - EARLY
    }
}
