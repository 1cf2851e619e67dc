//! `desk.settings_overview`, `desk.rights`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::SiteWay;
use crate::domain::budget::{Cost, Purpose};
use crate::frappe::zone::frappe_text;
use crate::store::settings::Settings;
use crate::store::site_way::{self, Proof};
use crate::store::{budgets, overview};

use crate::actions::rights::Rights;
use crate::actions::{ActionError, Call};

/// A form that is being opened waits so long for GitHub.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The state of the integration on the site, and the steps of its first run.
pub(in crate::actions) async fn of_settings(call: &Call<'_>) -> Result<Value, ActionError> {
    let db = call.site.db();
    let enabled = Settings::read(db).await?.enabled;
    let passive = call.services.passive(call.site).await?;
    let proof = site_way::proof(call.site).await?;
    let progress = overview::progress(db, &proof).await?;
    let mut answer = json!({
        "enabled": enabled,
        "passive": passive,
        "version": env!("CARGO_PKG_VERSION"),
        "credential": credential(&proof),
        "token": {"login": null, "scopes": null, "error": null},
        "budget": null,
        "spent": spent(call).await?,
        "last_runs": overview::recent_runs(db).await?,
        "steps": null,
        "app": null,
    });
    // Neither a copy nor a site that is switched off speaks to GitHub.
    let may_ask = enabled && passive.is_none();
    answer["app"] = super::app::of(call, may_ask).await?;
    let has_app = matches!(
        answer["app"]["state"].as_str(),
        Some("ready" | "not_asked" | "unusable" | "refused")
    );
    answer["steps"] = steps(progress, has_app, &proof);
    if may_ask && proof.is_stored {
        let (token, budget) = token(call).await?;
        answer["token"] = token;
        answer["budget"] = budget;
    }
    Ok(answer)
}

/// Whose token it is, and what is left of its budget.
async fn token(call: &Call<'_>) -> Result<(Value, Value), ActionError> {
    let asked = async { Ok::<_, ActionError>(call.github().await?.viewer().await?) };
    let refused = |error: String| (json!({"login": null, "scopes": null, "error": error}), Value::Null);
    let viewer = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(viewer)) => viewer,
        Ok(Err(error @ (ActionError::Github(_) | ActionError::NotReady(_)))) => return Ok(refused(error.to_string())),
        Ok(Err(error)) => return Err(error),
        Err(_) => {
            return Ok(refused(format!(
                "GitHub did not answer within {} s; try again",
                PATIENCE.as_secs()
            )));
        }
    };
    let zone = call.site.zone().await?;
    let budget = viewer.budget.map(|budget| {
        json!({
            "remaining": budget.remaining,
            "limit": budget.limit,
            "reset": frappe_text(zone.to_local(budget.reset)),
        })
    });
    let token = json!({"login": viewer.login, "scopes": viewer.scopes, "error": null});
    Ok((token, json!(budget)))
}

/// What was spent at GitHub within a day, by kind of work.
async fn spent(call: &Call<'_>) -> Result<Value, ActionError> {
    let spent = budgets::spent(call.site.db()).await?;
    let line = |(purpose, cost): (&Purpose, &Cost)| {
        let cost = json!({"requests": cost.requests, "points": cost.points});
        (purpose.as_str().to_owned(), cost)
    };
    Ok(spent.iter().map(line).collect::<serde_json::Map<_, _>>().into())
}

/// By what the site itself proves itself: the way, whether it is there, and a sentence.
fn credential(proof: &Proof) -> Value {
    let (way, text) = match &proof.way {
        SiteWay::Token => ("token", "the token of GitHub Settings".to_owned()),
        SiteWay::App => ("app", "the GitHub App".to_owned()),
        SiteWay::Environment(name) => (
            "environment",
            format!("the token in {name} of the environment, which site_config.json names"),
        ),
    };
    let text = match (proof.is_stored, proof.integrations) {
        (true, _) => text,
        (false, 0) => format!("{text}, which is not stored yet"),
        (false, many) => format!("{text}, which is not stored; {many} GitHub Integrations have credentials of their own"),
    };
    json!({"way": way, "stored": proof.is_stored, "text": text})
}

/// What a new site does, in order.
fn steps(progress: overview::Progress, has_app: bool, proof: &Proof) -> Value {
    let first = match proof.way {
        SiteWay::App => "Create or enter the GitHub App",
        SiteWay::Token | SiteWay::Environment(_) => "Store a token of GitHub, or set up a GitHub App",
    };
    let step = |key: &str, done: bool, text: &str| json!({"key": key, "done": done, "text": text});
    json!([
        step("token", progress.credential || has_app, first),
        step("secret", progress.secret, "Store a secret for webhooks"),
        step("repositories", progress.repositories, "Fetch the repositories"),
        step("webhook", progress.webhook, "Make the webhook of a repository"),
        step("first_sync", progress.first_sync, "Sync for the first time"),
    ])
}

/// What the caller may do at all, and who he is on GitHub.
pub(in crate::actions) async fn of_caller(rights: &Rights<'_>) -> Result<Value, ActionError> {
    let db = rights.site.db();
    Ok(json!({
        "admin": rights.is_admin(),
        "enabled": Settings::read(db).await?.enabled,
        "user_login": overview::login_of(db, rights.roles.user()).await?,
    }))
}
