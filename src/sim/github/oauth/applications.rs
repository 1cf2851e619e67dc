//! `/applications/{client_id}/token` and `/grant`: what an App may ask and end of its own tokens, by its id and secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::super::answer::Answer;
use super::super::caller::names_its_version;
use super::super::change::{Change, Outcome};
use super::super::incoming::Incoming;
use super::super::json::Object;
use super::super::rest;
use super::super::view::{View, stamp};
use super::super::world::{OAuthClient, Pair};

/// Answers, or says what ends.
pub(super) fn react(view: View<'_>, incoming: &Incoming, what: (&str, &str, &str)) -> Outcome {
    let (method, client_id, what) = what;
    if let Err(refusal) = names_its_version(incoming) {
        return Outcome::Shown(refusal);
    }
    let Some(app) = proven(view, incoming).filter(|app| app.client_id == client_id) else {
        return Outcome::Shown(Answer::error(401, "Bad credentials", "rest"));
    };
    let members = incoming.members(&["access_token"]);
    let access = match members.and_then(|members| members.needed("access_token")) {
        Ok(access) => access,
        Err(refusal) => return Outcome::Shown(refusal),
    };
    let pair = view.world.pair_of(&access).filter(|pair| pair.client_id == client_id);
    match (method, what, pair) {
        ("POST", "token", Some(pair)) => Outcome::Shown(Answer::ok(authorization(view, app, pair))),
        ("DELETE", "token", Some(_)) => Outcome::Changes(Change::silent(move |world| world.end_token(&access))),
        ("DELETE", "grant", Some(pair)) => {
            let (client_id, login) = (client_id.to_owned(), pair.login.clone());
            Outcome::Changes(Change::silent(move |world| world.revoke_authorization(&client_id, &login)))
        }
        ("POST", "token", None) | ("DELETE", "token" | "grant", None) => Outcome::Shown(Answer::not_found()),
        _ => Outcome::Shown(Answer::unexpected(&format!(
            "The fake GitHub has no route for {method} {}",
            incoming.path
        ))),
    }
}

/// The App whose id and secret were sent.
fn proven<'w>(view: View<'w>, incoming: &Incoming) -> Option<&'w OAuthClient> {
    let (scheme, text) = incoming.header("authorization")?.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let app = view.world.oauth_client(id)?;
    (scheme.eq_ignore_ascii_case("basic") && app.client_secret == secret).then_some(app)
}

fn authorization(view: View<'_>, app: &OAuthClient, pair: &Pair) -> String {
    let web = view.web();
    let eight = pair.access.len().saturating_sub(8);
    let named = json!({ "client_id": app.client_id, "name": app.name, "url": format!("{web}/apps/erp") });
    Object::new()
        .put("id", &1)
        .plain("url", &[view.base, "/authorizations/1"])
        .put("scopes", &pair.scopes)
        .put("token", &pair.access)
        .put("token_last_eight", &pair.access[eight..])
        .put("hashed_token", &None::<&str>)
        .put("app", &named)
        .put("note", &None::<&str>)
        .put("note_url", &None::<&str>)
        .put("updated_at", &stamp(pair.made_at))
        .put("created_at", &stamp(pair.made_at))
        .put("fingerprint", &None::<&str>)
        .put("expires_at", &pair.access_ends_at.map(stamp))
        .raw("user", &rest::person(view, Some(&pair.login)))
        .end()
}
