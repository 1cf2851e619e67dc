//! `fetch_all_repositories`: the documents of the repositories that there are.

use serde_json::{Value, json};

use crate::domain::Login;
use crate::store::settings::Settings;
use crate::sync::{FetchedRepositories, fetch_repositories};

use super::progress::DeskProgress;
use super::{ActionError, Call, lists, long_work};

/// Of an organisation (or a user); where none is named of the default organisation of the settings; where there is none of everybody
/// whose repositories the token reaches.
pub(super) async fn all(call: &Call<'_>) -> Result<Value, ActionError> {
    let owner = match call.arguments.text("organization") {
        Some(organization) => organization,
        None => Settings::read(call.site.db()).await?.default_organization,
    };
    let owner = match owner.as_str() {
        "" => None,
        owner => Some(lists::login(owner)?),
    };
    let what = format!("fetch {}", owner.as_ref().map_or("", Login::as_str).to_lowercase());
    let progress = DeskProgress::of(call, "GitHub: repositories", false);
    progress.counts_rows_as(["created", "updated", "unchanged"]);
    let user = &call.caller.user;
    let mut context = call.services.sync_context(call.site, user, progress.clone()).await?;
    // Somebody waits: where a limit is reached he is told until when.
    context.client = call.github().await?;
    let work = async move {
        let fetched = fetch_repositories(&context, owner.as_ref().map(Login::as_str)).await?;
        Ok(answer(&fetched))
    };
    long_work::answer_once(call, &progress, what, work).await
}

/// In the shape of the Python app, which answers a list that broke off with `success: false` and a sentence.
fn answer(fetched: &FetchedRepositories) -> Value {
    let stored = fetched.stored;
    let (total, failed) = (fetched.total(), fetched.failures.len());
    let not_stored = if failed > 0 {
        format!(", Failed: {failed}")
    } else {
        String::new()
    };
    let counted = format!("Created: {}, Updated: {}{not_stored}", stored.created, stored.updated);
    let message = match &fetched.broken {
        Some(error) if total == 0 => format!("Error: {error}"),
        Some(error) => format!("Error: {error}. Before that: {counted}"),
        None if total == 0 => "No repositories found".to_owned(),
        None => format!("Successfully fetched {total} repositories. {counted}"),
    };
    let failures: Vec<Value> = fetched
        .failures
        .iter()
        .map(|(repository, reason)| json!({"repository": repository, "reason": reason}))
        .collect();
    json!({
        "success": fetched.broken.is_none() && total > 0,
        "message": message,
        "total": total,
        "created": stored.created,
        "updated": stored.updated,
        "unchanged": stored.unchanged,
        "failures": failures,
    })
}
