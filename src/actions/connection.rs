//! `test_connection`, `get_github_username_by_email`: is the token good, and who is behind an address.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::domain::{Login, scope_needs};
use crate::frappe::zone::{SiteZone, frappe_text};
use crate::github::{Acting, Client, ErrorKind, GithubError};
use crate::store::settings::Settings;

use super::candidates::{self, is_address};
use super::tested as rows;
use super::{ActionError, Call};

/// Whose token it is, and what it can be used for. What is wrong with it is an answer, not an error: the button shows the sentence.
pub(super) async fn test(call: &Call<'_>) -> Result<Value, ActionError> {
    let tested = match call.github().await {
        Ok(client) if client.acting() == Acting::Person => tested_person(call, &client).await,
        Ok(client) => tested_app(call, &client).await,
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

/// Whose credential it is, until when, also in the site's own time, and what it can be used for, where it is no App's.
pub(super) async fn tested(client: &Client, zone: SiteZone) -> Result<Value, ActionError> {
    let viewer = client.viewer().await?;
    let (mut notes, mut sso) = (Vec::new(), Vec::new());
    let (kind, services) = if let Some(scopes) = &viewer.scopes {
        let needs = scope_needs(scopes);
        let missing = needs.iter().filter(|need| !need.is_there);
        notes.extend(missing.map(|need| {
            format!(
                "the scope {} is missing: {} cannot be used with this token",
                need.scope, need.service
            )
        }));
        sso = left_out(client).await?;
        notes.extend(sso.iter().filter_map(|one| one["text"].as_str().map(str::to_owned)));
        ("classic", rows::by_scopes(scopes))
    } else {
        notes.push("GitHub does not tell what a fine-grained token may do: what it lacks is said where it is refused".to_owned());
        ("fine-grained", Vec::new())
    };
    Ok(json!({
        "success": true,
        "message": connected_via(&viewer.login),
        "user": viewer.login,
        "kind": kind,
        "scopes": viewer.scopes,
        "services": services,
        "permissions": if kind == "classic" { Vec::new() } else { rows::unknown() },
        "expires_at": viewer.expires_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        "ends": viewer.expires_at.map(|at| frappe_text(zone.to_local(at))),
        "sso": sso,
        "notes": notes,
    }))
}

/// The same of what the site works by, which is no App, and whether the organisation of the settings keeps it out.
async fn tested_person(call: &Call<'_>, client: &Client) -> Result<Value, ActionError> {
    let mut answer = tested(client, call.site.zone().await?).await?;
    let organization = Settings::read(call.site.db()).await?.default_organization;
    if !organization.is_empty()
        && let Err(error) = client.repositories_of(&organization).next().await
        && let ErrorKind::SsoRequired { url } = error.kind()
        && let Some(sso) = answer["sso"].as_array_mut()
    {
        sso.push(json!({"text": format!("{organization}: {error}"), "url": url}));
    }
    Ok(answer)
}

fn connected_via(who: &str) -> String {
    format!("Successfully connected via {who}")
}

/// The same of the site's GitHub App: itself, and the installation that the site works with, if it is known which.
async fn tested_app(call: &Call<'_>, client: &Client) -> Result<Value, ActionError> {
    let missing = || ActionError::NotReady("no GitHub App is set up: enter its id and its private key".to_owned());
    let app_itself = call.services.as_app(call.site).await?.ok_or_else(missing)?;
    let app = app_itself.github_app().await?.value;
    let installation = match client.acting() {
        Acting::Installation { account } => match account.parse::<Login>() {
            Ok(login) => app_itself.installation_in_account(&login).await?,
            Err(_) => None,
        },
        Acting::App | Acting::Person => None,
    };
    // A token is asked for: that the App is known does not say that it may work.
    let user = match &installation {
        Some(_) => client.viewer().await?.login,
        None => app.name.clone(),
    };
    let mut notes = Vec::new();
    match &installation {
        Some(installation) if !installation.pending(&app).is_empty() => {
            notes.push("the App asks for more than was granted: an owner of the account accepts it on GitHub".to_owned());
        }
        Some(_) => {}
        None => notes.push(
            "install the App in an organization, or enter the Default Organization in which it is installed: until then it reads nothing"
                .to_owned(),
        ),
    }
    Ok(json!({
        "success": true,
        "message": connected_via(&user),
        "user": user,
        "kind": "app",
        "app": app.name,
        "account": installation.as_ref().and_then(|one| one.account.as_ref()).map(|account| account.login.clone()),
        "manage_url": installation.as_ref().map(|one| one.html_url.as_str()),
        "scopes": null,
        "services": [],
        "permissions": installation.as_ref().map(rows::by_permissions).unwrap_or_default(),
        "expires_at": null,
        "sso": [],
        "notes": notes,
    }))
}

/// What GitHub leaves out of the lists, because single sign-on wants the token authorised; each with the page on which that is done.
async fn left_out(client: &Client) -> Result<Vec<Value>, GithubError> {
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
        .map(|odd| {
            let text = format!("{odd}; authorise the token with Configure SSO at {settings}, again each time it was made anew");
            json!({"text": text, "url": settings})
        })
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
