//! `POST /login/oauth/access_token`: a code or a refresh token in, tokens out. What is wrong is told in an answer of success.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::view::View;
use super::super::world::{Exchanged, Pair};
use super::{Form, free, unchanged};

/// What may be sent.
const KNOWN: [&str; 7] = [
    "client_id",
    "client_secret",
    "code",
    "redirect_uri",
    "code_verifier",
    "grant_type",
    "refresh_token",
];

/// Makes tokens.
pub(super) fn asked(view: View<'_>, incoming: &Incoming) -> Result<Change, Answer> {
    let form = fields(incoming);
    form.knows(&KNOWN, incoming)?;
    if !incoming.header("accept").unwrap_or_default().contains("json") {
        return Err(Answer::unexpected("The fake GitHub gives tokens as JSON alone"));
    }
    let text = |key: &str| form.get(key).map(str::to_owned);
    let app = form.get("client_id").and_then(|id| view.world.oauth_client(id));
    let Some(app) = app else {
        return Err(free(404, json!({ "error": "Not Found" }).to_string()));
    };
    if form.get("client_secret") != Some(app.client_secret.as_str()) {
        return Ok(unchanged(refused("incorrect_client_credentials")));
    }
    let client_id = app.client_id.clone();
    match form.get("grant_type") {
        Some("refresh_token") => {
            let refresh = text("refresh_token").unwrap_or_default();
            Ok(Change::of_world(move |world| world.rotate(&client_id, &refresh), told))
        }
        Some("authorization_code") | None => {
            let exchanged = Exchanged {
                code: text("code").unwrap_or_default(),
                redirect_uri: text("redirect_uri"),
                verifier: text("code_verifier"),
            };
            Ok(Change::of_world(move |world| world.exchange(&client_id, &exchanged), told))
        }
        Some(_) => Ok(unchanged(refused("unsupported_grant_type"))),
    }
}

/// A form or JSON: GitHub takes either.
fn fields(incoming: &Incoming) -> Form {
    match serde_json::from_str::<serde_json::Map<String, Value>>(&incoming.body) {
        Ok(members) => Form(
            members
                .into_iter()
                .map(|(key, value)| (key, value.as_str().unwrap_or_default().to_owned()))
                .collect(),
        ),
        Err(_) => Form::of(&incoming.body),
    }
}

fn told(view: View<'_>, made: Result<Pair, &'static str>) -> Answer {
    let pair = match made {
        Ok(pair) => pair,
        Err(word) => return refused(word),
    };
    let mut body = json!({ "access_token": pair.access, "scope": pair.scopes.join(","), "token_type": "bearer" });
    let seconds = |at: chrono::DateTime<chrono::Utc>| (at - view.world.now()).num_seconds();
    if let (Some(at), Some(refresh)) = (pair.access_ends_at, &pair.refresh) {
        body["expires_in"] = json!(seconds(at));
        body["refresh_token"] = json!(refresh);
        body["refresh_token_expires_in"] = json!(15_897_600);
    }
    free(200, body.to_string())
}

fn refused(word: &str) -> Answer {
    let description = match word {
        "bad_verification_code" => "The code passed is incorrect or expired.",
        "incorrect_client_credentials" => "The client_id and/or client_secret passed are incorrect.",
        "redirect_uri_mismatch" => "The redirect_uri MUST match the registered callback URL for this application.",
        "bad_refresh_token" => "The refresh token passed is incorrect or expired.",
        _ => "The request is not understood.",
    };
    let body = json!({
        "error": word,
        "error_description": description,
        "error_uri": "https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/",
    });
    free(200, body.to_string())
}
