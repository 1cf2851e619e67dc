//! The `Authorization` header: an API key with its secret, or an OAuth bearer token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mysql_async::prelude::FromRow;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq as _;

use crate::frappe::encryption_key;
use crate::frappe::secrets;
use crate::frappe::site::Site;
use crate::frappe::zone::parse_frappe_text;

use super::AuthError;

/// What an `Authorization` header claims.
#[derive(Debug)]
pub(super) enum Claim {
    /// `token key:secret`, or the same as Basic.
    Key {
        /// Public half.
        key: String,
        /// Secret half.
        secret: SecretString,
    },
    /// `Bearer token`.
    Bearer(SecretString),
    /// Another scheme: only Python's `auth_hooks` might know it.
    Other,
    /// Not two words: Frappe passes over it.
    None,
}

/// Reads the header.
pub(super) fn claim(header: &str) -> Claim {
    let words: Vec<&str> = header.split(' ').collect();
    let &[scheme, value] = words.as_slice() else {
        return Claim::None;
    };
    let pair = |text: &str| {
        let (key, secret) = text.split_once(':')?;
        Some(Claim::Key {
            key: key.to_owned(),
            secret: SecretString::from(secret),
        })
    };
    match scheme.to_ascii_lowercase().as_str() {
        "token" => pair(value).unwrap_or(Claim::Other),
        "basic" => STANDARD
            .decode(value)
            .ok()
            .and_then(|bytes| pair(std::str::from_utf8(&bytes).ok()?))
            .unwrap_or(Claim::Other),
        "bearer" => Claim::Bearer(SecretString::from(value)),
        _ => Claim::Other,
    }
}

/// The user whose key it is; none where key and secret do not belong together.
///
/// # Errors
/// When the database or the site's key cannot be read.
pub(super) async fn user_of_key(site: &Site, key: &str, secret: &SecretString) -> Result<Option<String>, AuthError> {
    const WHAT: &str = "looking up an API key";
    let row = site
        .db()
        .row(
            WHAT,
            "SELECT name FROM `tabUser` WHERE api_key = BINARY ? AND api_key <> '' LIMIT 1",
            (key,),
        )
        .await?;
    let Some((user,)) = row.map(<(String,)>::from_row) else {
        return Ok(None);
    };
    let encryption_key = encryption_key::existing(site.config())?;
    let mut conn = site.db().conn().await?;
    let stored = secrets::read(&mut conn, encryption_key.as_ref(), "User", &user, "api_secret").await?;
    let same =
        stored.is_some_and(|stored| bool::from(stored.expose_secret().as_bytes().ct_eq(secret.expose_secret().as_bytes())));
    Ok(same.then_some(user))
}

/// User, status, scopes, end, and the scopes of its client.
type TokenFields = (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>);

/// The user whose bearer token it is; none where it is unknown, revoked, over, or has more scopes than its client.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn user_of_bearer(site: &Site, token: &SecretString) -> Result<Option<String>, AuthError> {
    const WHAT: &str = "looking up a bearer token";
    let row = site
        .db()
        .row(
            WHAT,
            "SELECT t.user, t.status, t.scopes, CAST(t.expiration_time AS CHAR), c.scopes FROM `tabOAuth Bearer Token` t \
             LEFT JOIN `tabOAuth Client` c ON c.name = t.client WHERE t.name = BINARY ? LIMIT 1",
            (token.expose_secret(),),
        )
        .await?;
    let Some((Some(user), status, scopes, ends, granted)) = row.map(TokenFields::from_row) else {
        return Ok(None);
    };
    let Some(ends) = ends.as_deref().and_then(parse_frappe_text) else {
        return Ok(None);
    };
    let granted = granted.unwrap_or_default();
    let within = scopes
        .unwrap_or_default()
        .split_whitespace()
        .all(|scope| granted.split_whitespace().any(|one| one == scope));
    let ends = site.zone().await?.to_utc(ends);
    let good = status.as_deref() != Some("Revoked") && site.clock().now() < ends && within;
    Ok(good.then_some(user))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_told_apart() {
        assert!(matches!(claim("token k:s:t"), Claim::Key { key, secret } if key == "k" && secret.expose_secret() == "s:t"));
        assert!(matches!(claim("Basic azpz"), Claim::Key { key, secret } if key == "k" && secret.expose_secret() == "s"));
        assert!(matches!(claim("Bearer abc"), Claim::Bearer(token) if token.expose_secret() == "abc"));
        for other in ["token nocolon", "Basic ///", "Digest x"] {
            assert!(matches!(claim(other), Claim::Other), "{other}");
        }
        for none in ["", "token", "a b c"] {
            assert!(matches!(claim(none), Claim::None), "{none}");
        }
    }
}
