//! The page on which somebody lets an App act for him, or does not.

use std::fmt::Write as _;

use url::Url;

use super::super::answer::Answer;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::view::View;
use super::super::world::Asked;
use super::{Form, free};

/// What the page is asked with.
const KNOWN: [&str; 9] = [
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
    "allow_signup",
    "scope",
    "login",
    "prompt",
];

/// `GET /login/oauth/authorize`.
pub(super) fn shown(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    let form = Form::of(&incoming.query);
    form.knows(&KNOWN, incoming)?;
    let (asked, app) = asked(view, &form)?;
    let mut hidden = String::new();
    for (key, value) in &form.0 {
        let _ = write!(hidden, "<input type=\"hidden\" name=\"{key}\" value=\"{}\">", escaped(value));
    }
    let (app, login) = (escaped(&app), escaped(&asked.login));
    Ok(html(
        200,
        &format!(
            "<h1>Authorize {app}</h1><p>Signed in as <strong id=\"login\">{login}</strong>.</p>\
             <form method=\"post\" action=\"/login/oauth/authorize\">{hidden}\
             <button name=\"authorize\" value=\"0\">Cancel</button> <button name=\"authorize\" value=\"1\">Authorize {app}</button></form>"
        ),
    ))
}

/// `POST` of the page's form: somebody pressed a button.
pub(super) fn pressed(view: View<'_>, incoming: &Incoming) -> Result<Change, Answer> {
    let form = Form::of(&incoming.body);
    let known: Vec<&str> = KNOWN.into_iter().chain(["authorize"]).collect();
    form.knows(&known, incoming)?;
    let (asked, _) = asked(view, &form)?;
    let state = form.get("state").map(str::to_owned);
    let is_yes = form.get("authorize") == Some("1");
    let back = asked.redirect_uri.clone();
    Ok(Change::of_world(
        move |world| is_yes.then(|| world.authorize(asked)),
        move |_, code| {
            let mut pairs = match code {
                Some(code) => vec![("code", code)],
                None => vec![
                    ("error", "access_denied".to_owned()),
                    (
                        "error_description",
                        "The user has denied your application access.".to_owned(),
                    ),
                    (
                        "error_uri",
                        "https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors/#access-denied".to_owned(),
                    ),
                ],
            };
            pairs.extend(state.map(|state| ("state", state)));
            sent_back(&back, &pairs)
        },
    ))
}

fn sent_back(address: &str, pairs: &[(&str, String)]) -> Answer {
    // It was read before.
    let Ok(mut url) = Url::parse(address) else {
        return Answer::not_found();
    };
    url.query_pairs_mut().extend_pairs(pairs);
    html(302, "").header("Location", url.as_str())
}

/// What is asked for, and the name of the App; GitHub's page for what is wrong. Nobody is sent to an address that is not registered.
fn asked(view: View<'_>, form: &Form) -> Result<(Asked, String), Answer> {
    let app = form.get("client_id").and_then(|id| view.world.oauth_client(id));
    let Some(app) = app else {
        return Err(html(404, "<h1>Not Found</h1>"));
    };
    let first = app.callbacks.first().map(String::as_str);
    let redirect_uri = form.get("redirect_uri").or(first).unwrap_or_default();
    if !app.allows(redirect_uri) {
        let text = "<h1>Be careful!</h1><p>The <code>redirect_uri</code> is not associated with this application.</p>";
        return Err(html(400, text));
    }
    let challenge = form.get("code_challenge").map(str::to_owned);
    if challenge.is_some() && form.get("code_challenge_method") != Some("S256") {
        return Err(html(400, "<h1>The code challenge method must be S256.</h1>"));
    }
    let scopes = form.get("scope").unwrap_or_default();
    let asked = Asked {
        client_id: app.client_id.clone(),
        login: view.world.signed_in().to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        challenge,
        // A GitHub App has permissions instead.
        scopes: scopes
            .split([' ', ','])
            .filter(|scope| !scope.is_empty() && !app.is_github_app)
            .map(str::to_owned)
            .collect(),
    };
    Ok((asked, app.name.clone()))
}

fn html(status: u16, body: &str) -> Answer {
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><link rel=\"icon\" href=\"data:,\"><title>GitHub</title></head><body>{body}</body></html>"
    );
    free(status, page).header("Content-Type", "text/html; charset=utf-8")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
