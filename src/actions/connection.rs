//! `test_connection`, `get_github_username_by_email`: is the token good, and who is behind an address.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::domain::scope_needs;
use crate::github::{Acting, Client, ErrorKind, GithubError};

use super::candidates::{self, is_address};
use super::{ActionError, Call};

/// Whose token it is, and what it can be used for. What is wrong with it is an answer, not an error: the button shows the sentence.
pub(super) async fn test(call: &Call<'_>) -> Result<Value, ActionError> {
    let tested = match call.github().await {
        Ok(client) => tested(&client).await,
        Err(error) => Err(error),
    };
    answer(tested)
}

/// What came of a test, whatever it was, as an answer.
pub(super) fn answer(tested: Result<Value, ActionError>) -> Result<Value, ActionError> {
    match tested {
        Err(error @ (ActionError::Github(_) | ActionError::NotReady(_))) => {
            let mut answer = unanswered(&error.to_string());
            if let ActionError::Github(error) = &error
                && let ErrorKind::SsoRequired { url } = error.kind()
            {
                answer["sso_url"] = json!(url);
            }
            Ok(answer)
        }
        tested => tested,
    }
}

/// Whose credential it is, and what it can be used for.
pub(super) async fn tested(client: &Client) -> Result<Value, ActionError> {
    let viewer = client.viewer().await?;
    let (kind, needs) = match (client.acting(), &viewer.scopes) {
        (Acting::Person, Some(scopes)) => ("classic", scope_needs(scopes)),
        (Acting::Person, None) => ("fine-grained", Vec::new()),
        (Acting::App | Acting::Installation { .. }, _) => ("app", Vec::new()),
    };
    let services: Vec<Value> = needs
        .iter()
        .map(|need| json!({"service": need.service, "scope": need.scope, "ok": need.is_there}))
        .collect();
    let missing = needs.iter().filter(|need| !need.is_there);
    let mut notes: Vec<String> = missing
        .map(|need| {
            format!(
                "the scope {} is missing: {} cannot be used with this token",
                need.scope, need.service
            )
        })
        .collect();
    match kind {
        "fine-grained" => notes
            .push("GitHub does not tell what a fine-grained token may do: what it lacks is said where it is refused".to_owned()),
        "classic" => notes.extend(left_out(client).await?),
        _ => {}
    }
    Ok(json!({
        "success": true,
        "message": format!("Successfully connected via {}", viewer.login),
        "user": viewer.login,
        "kind": kind,
        "scopes": viewer.scopes,
        "services": services,
        "expires_at": viewer.expires_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        "notes": notes,
    }))
}

/// What GitHub leaves out of the lists, because single sign-on wants the token authorised.
async fn left_out(client: &Client) -> Result<Vec<String>, GithubError> {
    let page = client.repositories_reached().next().await?;
    let odd = page.map(|page| page.odd).unwrap_or_default();
    let settings = client
        .hosts()
        .web
        .join("settings/tokens")
        .map(String::from)
        .unwrap_or_default();
    let left_out = odd.iter().filter(|odd| odd.reason.contains("single sign-on"));
    Ok(left_out
        .map(|odd| format!("{odd}; authorise the token with Configure SSO at {settings}, again each time it was made anew"))
        .collect())
}

/// Who shows this address in his profile. One is answered; where it is nobody, or several, all hits are offered (F-42).
pub(super) async fn username_by_email(call: &Call<'_>) -> Result<Value, ActionError> {
    let email = call.arguments.required(&["email"])?;
    if !is_address(&email) {
        return Ok(unanswered(&format!("`{email}` is not an e-mail address")));
    }
    let found = match candidates::of_address(&call.github().await?, &email).await {
        Err(ActionError::Github(error)) => return Ok(unanswered(&error.to_string())),
        found => found?,
    };
    let total = found.total;
    if let Some(person) = found.one() {
        return Ok(json!({"success": true, "github_username": person.login, "total_results": total}));
    }
    let error = match (found.logins.as_slice(), found.exact.len()) {
        ([], _) => {
            let error = format!("No GitHub user found with email: {email}");
            let mut answer = unanswered(&error);
            answer["total_results"] = total.into();
            return Ok(answer);
        }
        (_, 0) => format!("{total} GitHub users have a similar address, and none shows just this one; choose one"),
        (_, several) => format!("{several} GitHub users show this address; choose one"),
    };
    Ok(json!({"success": false, "error": error, "total_results": total, "candidates": found.logins}))
}

/// A failure as the Python app tells it here: in the answer (F-43).
fn unanswered(error: &str) -> Value {
    json!({"success": false, "error": error})
}
