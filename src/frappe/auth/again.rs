//! Somebody whose write had to wait: what lets us speak for him now. Nothing that he showed then was kept.

use mysql_async::prelude::FromRow;
use secrecy::{ExposeSecret, SecretString};

use super::{AuthError, Caller, Means, account, session};
use crate::frappe::encryption_key;
use crate::frappe::secrets;
use crate::frappe::site::Site;

/// Sessions that are looked at, the latest first: a user has a few.
const SESSIONS: u32 = 20;

/// The user, as he could call just now: by a session of his that is alive, or with `by_key` by his API key first. None where he is
/// disabled or has neither any more.
///
/// # Errors
/// When the records cannot be read.
pub async fn again(site: &Site, user: &str, by_key: bool) -> Result<Option<Caller>, AuthError> {
    let Some(account) = account::enabled(site.db(), user).await? else {
        return Ok(None);
    };
    let caller = |means, address| Caller {
        user: account.user.clone(),
        desk: account.desk,
        means,
        address,
        session_expired: false,
    };
    if by_key && let Some(header) = key_of(site, user).await? {
        return Ok(Some(caller(Means::Authorization { header, source: None }, None)));
    }
    for (sid, address) in sessions_of(site, user).await? {
        let live = match session::look_up(site, &sid).await {
            // One that only the bench can read is not for us.
            Err(AuthError::NotUnderstood) => None,
            other => other?,
        };
        if let Some(live) = live {
            let csrf_token = live.csrf_token;
            return Ok(Some(caller(Means::Session { sid, csrf_token }, address.parse().ok())));
        }
    }
    Ok(None)
}

/// Ids and addresses of his sessions, the latest first.
async fn sessions_of(site: &Site, user: &str) -> Result<Vec<(SecretString, String)>, AuthError> {
    let sql = format!(
        "SELECT sid, IFNULL(ipaddress, '') FROM `tabSessions` WHERE user = ? AND IFNULL(sid, '') <> '' ORDER BY lastupdate DESC LIMIT {SESSIONS}"
    );
    let rows = site.db().rows("reading a user's sessions", &sql, (user,)).await?;
    Ok(rows
        .into_iter()
        .map(<(String, String)>::from_row)
        .map(|(sid, address)| (SecretString::from(sid), address))
        .collect())
}

/// His API key with its secret, as the header that shows them.
async fn key_of(site: &Site, user: &str) -> Result<Option<SecretString>, AuthError> {
    let row = site
        .db()
        .row(
            "reading an API key",
            "SELECT IFNULL(api_key, '') FROM `tabUser` WHERE name = ?",
            (user,),
        )
        .await?;
    let Some((key,)) = row.map(<(String,)>::from_row).filter(|(key,)| !key.is_empty()) else {
        return Ok(None);
    };
    let encryption_key = encryption_key::existing(site.config())?;
    let mut conn = site.db().conn().await?;
    let secret = secrets::read(&mut conn, encryption_key.as_ref(), "User", user, "api_secret").await?;
    Ok(secret.map(|secret| SecretString::from(format!("token {key}:{}", secret.expose_secret()))))
}
