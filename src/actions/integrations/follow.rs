//! `desk.follow_repositories`: repositories of an integration are followed, or are not any more.

use serde_json::{Value, json};

use crate::domain::RepoName;
use crate::github::Client;
use crate::store::integration_documents::IntegrationRow;
use crate::store::{Stamp, integration_repositories as repositories, tell as tell_touched};
use crate::sync::keep_repository;

use super::super::{ActionError, Call};
use super::written;

/// Repositories of one call.
const MOST: usize = 200;

/// Follows those that are named, or with `follow=0` leaves them; each on its own. What is mirrored stays.
pub(in crate::actions) async fn follow(call: &Call<'_>) -> Result<Value, ActionError> {
    let row = call.integration().await?;
    let names = call.arguments.texts("repositories")?;
    if names.is_empty() || names.len() > MOST {
        return Err(ActionError::invalid(format!("choose 1 to {MOST} repositories")));
    }
    let stamp = Stamp::now(call.site, call.caller.user.as_str()).await?;
    let follows = call.arguments.text("follow").is_none() || call.arguments.flag("follow");
    let (mut done, mut failures) = (Vec::new(), Vec::new());
    if follows {
        let client = call.services.github_of(call.site, &row.of_integration()).await?;
        for name in names {
            match one(call, &row, &client, (&stamp, &name)).await {
                Ok(full_name) => done.push(full_name),
                Err(error @ (ActionError::Db(_) | ActionError::NotReady(_))) => return Err(error),
                Err(error) => failures.push(json!({"repository": name, "reason": error.to_string()})),
            }
        }
    } else {
        for name in names {
            if repositories::unfollow(call.site.db(), &stamp, &row.name, &name).await? {
                done.push(name);
            } else {
                let reason = format!("it is not followed by {}", row.name);
                failures.push(json!({"repository": name, "reason": reason}));
            }
        }
    }
    written(call.site, &stamp.user, "Repository", &done).await;
    Ok(json!({"success": failures.is_empty(), "repositories": done, "failures": failures}))
}

/// Follows one, of which a document is made where there is none; its name as GitHub writes it.
async fn one(
    call: &Call<'_>,
    row: &IntegrationRow,
    client: &Client,
    (stamp, name): (&Stamp, &str),
) -> Result<String, ActionError> {
    let parsed: RepoName = name
        .parse()
        .map_err(|error: crate::domain::InvalidRepoName| ActionError::invalid(error.to_string()))?;
    let repository = client.repository(&parsed).await?.value;
    let (db, account) = (call.site.db(), &row.account_login);
    if !account.is_empty() && !repository.owner.login.eq_ignore_ascii_case(account) {
        return Err(ActionError::invalid(format!(
            "it belongs to {}, not to {account}",
            repository.owner.login
        )));
    }
    if let Some(other) = repositories::integration_of(db, repository.id)
        .await?
        .filter(|other| *other != row.name)
    {
        return Err(ActionError::invalid(format!(
            "it belongs to the GitHub Integration {other}: change that on the Repository"
        )));
    }
    let applied = keep_repository(call.site, call.services.owner(), stamp, &repository, &|| true).await?;
    tell_touched(call.site, &stamp.user, &applied.touched).await;
    repositories::follow(db, stamp, &row.name, repository.id).await?;
    Ok(repository.name.to_string())
}
