//! Who calls: the `sid` session with its CSRF token, an API key, or what a hook of the site knows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use super::refusal::Refusal;
use super::request::Incoming;
use super::server::Shared;
use crate::frappe::encryption_key;
use crate::frappe::permissions::Roles;
use crate::sim::mariadb::sql_text;

/// Finds out who calls, and holds a write by session to its token.
pub(super) async fn of(shared: &Shared, incoming: &Incoming) -> Result<String, Refusal> {
    if let Some(header) = &incoming.authorization
        && let [scheme, value] = header.split(' ').collect::<Vec<_>>().as_slice()
    {
        let user = match scheme.to_ascii_lowercase().as_str() {
            "token" => by_key(shared, value).await?,
            "basic" => {
                let decoded = STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                by_key(shared, &decoded.unwrap_or_default()).await?
            }
            _ => shared.hooked(header),
        };
        return user.ok_or_else(|| Refusal::new(401, "AuthenticationError", "Invalid credentials"));
    }
    let Some(sid) = incoming.sid.as_deref().filter(|sid| *sid != "Guest") else {
        return Ok("Guest".to_owned());
    };
    let sql = format!(
        "SELECT s.user, s.sessiondata FROM tabSessions s JOIN tabUser u ON u.name = s.user AND u.enabled = 1 WHERE s.sid = BINARY {}",
        sql_text(sid)
    );
    let row = shared.site.query(&sql).await?.into_iter().next();
    let Some([user, data]) = row.and_then(|row| <[Option<String>; 2]>::try_from(row).ok()) else {
        return Err(Refusal::permission("User <b>Guest</b> is disabled or not logged in").expired());
    };
    let wanted = token_in(&data.unwrap_or_default());
    if incoming.verb != "GET" && !wanted.is_empty() && incoming.csrf_token.as_deref() != Some(wanted.as_str()) {
        return Err(Refusal::new(400, "CSRFTokenError", "Invalid Request"));
    }
    Ok(user.unwrap_or_default())
}

/// The roles of somebody, as the site's tables have them.
pub(super) async fn roles(shared: &Shared, user: &str) -> Result<Roles, Refusal> {
    let kind = shared
        .value(&format!("SELECT user_type FROM tabUser WHERE name = {}", sql_text(user)))
        .await?;
    let desk = kind == "System User" || user == "Administrator";
    let roles = Roles::read(shared.program.db(), user, desk).await;
    roles.map_err(|error| Refusal::new(500, "OperationalError", error.to_string()))
}

/// The token in a session's data, in Python's form or in JSON.
fn token_in(data: &str) -> String {
    let Some((_, rest)) = data.split_once("csrf_token") else {
        return String::new();
    };
    let quoted = rest.get(1..).unwrap_or_default().trim_start_matches([':', ' ']);
    let quote = quoted.chars().next().unwrap_or('\'');
    quoted
        .trim_start_matches(quote)
        .split(quote)
        .next()
        .unwrap_or_default()
        .to_owned()
}

async fn by_key(shared: &Shared, pair: &str) -> Result<Option<String>, Refusal> {
    let Some((key, secret)) = pair.split_once(':') else {
        return Ok(None);
    };
    let sql = format!(
        "SELECT u.name, a.password FROM tabUser u JOIN `__Auth` a ON a.doctype = 'User' AND a.name = u.name \
         AND a.fieldname = 'api_secret' WHERE u.enabled = 1 AND u.api_key = BINARY {}",
        sql_text(key)
    );
    let row = shared.site.query(&sql).await?.into_iter().next();
    let Some([Some(user), Some(token)]) = row.and_then(|row| <[Option<String>; 2]>::try_from(row).ok()) else {
        return Ok(None);
    };
    let stored: Option<SecretString> = encryption_key::existing(shared.program.config())
        .ok()
        .flatten()
        .and_then(|key| key.decrypt(&token));
    Ok(stored.filter(|stored| stored.expose_secret() == secret).map(|_| user))
}

#[cfg(test)]
mod tests {
    use super::token_in;

    #[test]
    fn the_token_is_found_in_both_forms() {
        assert_eq!(token_in("{'user': 'a', 'csrf_token': 'abc'}"), "abc");
        assert_eq!(token_in(r#"{"user":"a","csrf_token":"abc"}"#), "abc");
        assert_eq!(token_in("{'user': 'a'}"), "");
    }
}
