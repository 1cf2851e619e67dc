//! How the site's GitHub App stands, for `desk.settings_overview`: none, without a key, refused, or ready and where it is installed.

use futures_util::future::try_join;
use serde_json::{Value, json};
use url::Url;

use crate::actions::{ActionError, Call, tested};
use crate::domain::{GithubApp, Installation, OwnerKind};
use crate::frappe::singles;
use crate::github::{Client, ErrorKind, GithubError};
use crate::store::settings::DOCTYPE;

/// Installations that are shown; so many nobody looks through.
const MOST: usize = 200;

/// Its state. GitHub is asked where `may_ask`; what it does not answer in time is left out with the reason.
pub(super) async fn of(call: &Call<'_>, may_ask: bool) -> Result<Value, ActionError> {
    let field = async |name| {
        singles::read_field(call.site.db(), DOCTYPE, name)
            .await
            .map(Option::unwrap_or_default)
    };
    let fingerprint = field("app_key_fingerprint").await?;
    let has_id = !field("app_id").await?.trim().is_empty() || !field("app_client_id").await?.trim().is_empty();
    let state = |state: &str, reason: Option<String>| json!({"state": state, "reason": reason, "fingerprint": fingerprint});
    match (has_id, fingerprint.is_empty()) {
        (false, true) => return Ok(state("none", None)),
        (false, false) => return Ok(state("no_id", None)),
        (true, true) => return Ok(state("no_key", None)),
        (true, false) => {}
    }
    if !may_ask {
        return Ok(state("not_asked", None));
    }
    let client = match call.services.as_app(call.site).await {
        Ok(Some(client)) => client,
        Ok(None) => return Ok(state("no_key", None)),
        Err(ActionError::NotReady(reason)) => return Ok(state("unusable", Some(reason))),
        Err(error) => return Err(error),
    };
    let asked = tokio::time::timeout(super::settings::PATIENCE, try_join(client.github_app(), installed(&client)));
    let (app, installations) = match asked.await {
        Ok(Ok((app, installations))) => (app.value, installations),
        Ok(Err(error)) => {
            let is_refused = matches!(error.kind(), ErrorKind::AppRefused | ErrorKind::NotFound(_));
            let word = if is_refused { "refused" } else { "not_asked" };
            return Ok(state(word, Some(error.to_string())));
        }
        Err(_) => {
            return Ok(state(
                "not_asked",
                Some("GitHub did not answer in time; try again".to_owned()),
            ));
        }
    };
    let web = Url::parse(&call.services.web_url(call.site)?).ok();
    Ok(ready(&app, &installations, web.as_ref(), &fingerprint))
}

async fn installed(client: &Client) -> Result<Vec<Installation>, GithubError> {
    let (mut pages, mut all) = (client.installations(), Vec::new());
    while let Some(page) = pages.next().await? {
        all.extend(page.items);
        if all.len() >= MOST {
            break;
        }
    }
    Ok(all)
}

fn ready(app: &GithubApp, installations: &[Installation], web: Option<&Url>, fingerprint: &str) -> Value {
    let page = |path: Option<String>| Some(String::from(web?.join(&path?).ok()?));
    let settings = app.settings_path();
    json!({
        "state": "ready",
        "reason": null,
        "fingerprint": fingerprint,
        "name": app.name,
        "owner": app.owner,
        "html_url": app.html_url,
        "settings_url": page(settings.clone()),
        "permissions_url": page(settings.map(|path| format!("{path}/permissions"))),
        "install_url": page(app.slug.as_ref().map(|slug| format!("apps/{slug}/installations/new"))),
        "lacking": tested::lacking(&app.permissions, OwnerKind::Organization),
        "installations": installations.iter().map(|one| installation(one, app)).collect::<Vec<_>>(),
    })
}

/// One installation, with what it lacks of what the App asks for.
fn installation(one: &Installation, app: &GithubApp) -> Value {
    let kind = one.account.as_ref().map_or(OwnerKind::Organization, |account| account.kind);
    let of_app = tested::lacking(&app.permissions, kind);
    // What the App itself does not ask for no owner can grant.
    let lacking = tested::lacking(&one.permissions, kind);
    let lacking: Vec<String> = lacking.into_iter().filter(|reason| !of_app.contains(reason)).collect();
    json!({
        "account": one.account.as_ref().map(|account| account.login.clone()),
        "type": kind.as_str(),
        "selection": one.selection.as_str(),
        "suspended": one.suspended_at.is_some(),
        "pending": !one.pending(app).is_empty(),
        "lacking": lacking,
        "html_url": one.html_url,
    })
}
