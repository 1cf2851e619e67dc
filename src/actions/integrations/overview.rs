//! `desk.integration_overview`: how an integration is, what it does, and its repositories.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use crate::domain::{AuthType, OwnerKind, Repository, Visibility};
use crate::github::Client;
use crate::store::integration_documents::{self as documents, IntegrationRow};
use crate::store::integration_repositories::{self as repositories, KnownRepository};

use super::super::{ActionError, Call};
use super::{Listed, MOST, all, check, webhooks};

/// What is known here; with `repositories` also what GitHub has, which takes a moment.
pub(in crate::actions) async fn overview(call: &Call<'_>) -> Result<Value, ActionError> {
    let row = call.integration().await?;
    let known = repositories::known(call.site.db(), &row.name, &row.account_login).await?;
    let asks = call.arguments.flag("repositories");
    let (mut client, mut listed, mut problem) = (None, None, None);
    if asks {
        match on_github(call, &row).await {
            Ok((asked, found)) => (client, listed) = (Some(asked), Some(found)),
            Err(error @ ActionError::Db(_)) => return Err(error),
            Err(error) => problem = Some(error.to_string()),
        }
    }
    let mine = |one: &&KnownRepository| one.is_followed && one.integration == row.name;
    let followed = known.iter().filter(mine).count();
    let webhooks = webhooks::hindrance(&row, client.as_ref(), followed).await.unwrap_or_default();
    Ok(json!({
        "name": row.name,
        "method": row.auth_type.as_str(),
        "account": row.account_login,
        "health": {
            "state": row.health,
            "reason": row.health_reason,
            "link": row.health_link,
            "checked": row.last_checked,
        },
        "services": services(call, &row, webhooks).await?,
        "followed": followed,
        "is_listed": listed.is_some(),
        "problem": problem,
        "belonging": known.iter().filter(|one| one.integration == row.name).count(),
        "cut": listed.as_ref().filter(|listed| listed.is_cut).map(|_| MOST),
        "repositories": shown(&row, &known, listed.as_ref()),
    }))
}

/// What GitHub shows of the account to the integration's credential.
async fn on_github(call: &Call<'_>, row: &IntegrationRow) -> Result<(Client, Listed<Repository>), ActionError> {
    let client = call.services.github_of(call.site, &row.of_integration()).await?;
    let pages = if row.account_login.is_empty() {
        client.repositories_reached()
    } else {
        client.repositories_of(&row.account_login)
    };
    let listed = all(pages).await?;
    Ok((client, listed))
}

async fn services(call: &Call<'_>, row: &IntegrationRow, webhooks: Option<String>) -> Result<Vec<Value>, ActionError> {
    let granted = match row.auth_type {
        AuthType::App => documents::granted(call.site.db(), &row.installation).await?,
        AuthType::OAuth | AuthType::Token => None,
    };
    let kind = if row.account_type == OwnerKind::User.as_str() {
        OwnerKind::User
    } else {
        OwnerKind::Organization
    };
    let url = granted.as_ref().map(|(_, url)| url.clone());
    let lacking: BTreeMap<&str, String> = granted
        .map(|(grants, _)| check::lacking(&grants, kind, crate::domain::Services::default()))
        .unwrap_or_default()
        .into_iter()
        .collect();
    let on = row.services;
    let of = [
        ("repositories", "Repositories", on.repositories),
        ("pull_requests", "Pull Requests", on.pull_requests),
        ("issues", "Issues", on.issues),
        ("webhooks", "Webhooks", on.webhooks),
    ];
    let one = |(key, label, is_on): (&str, &str, bool)| {
        let lacks = lacking.get(key).cloned();
        let link = url.clone().filter(|_| lacks.is_some());
        let reason = lacks.or_else(|| webhooks.clone().filter(|_| key == "webhooks" && is_on));
        json!({"key": key, "label": label, "on": is_on, "reason": reason, "link": link})
    };
    Ok(of.into_iter().map(one).collect())
}

/// Repositories that are here, and those that GitHub has besides.
fn shown(row: &IntegrationRow, known: &[KnownRepository], listed: Option<&Listed<Repository>>) -> Vec<Value> {
    // Of what lies beyond the end of a list that is cut, it says nothing.
    let whole = listed.filter(|listed| !listed.is_cut);
    let on_github: Option<HashSet<u64>> = whole.map(|listed| listed.items.iter().map(|one| one.id).collect());
    let here: HashSet<u64> = known.iter().filter_map(|one| one.id).collect();
    let mut all: Vec<Value> = known.iter().map(|one| of_known(row, one, on_github.as_ref())).collect();
    let others = listed.into_iter().flat_map(|listed| &listed.items);
    all.extend(others.filter(|one| !here.contains(&one.id)).map(|one| {
        json!({
            "full_name": one.name.as_str(),
            "url": one.url,
            "private": one.visibility != Visibility::Public,
            "followed": false,
            "selectable": true,
        })
    }));
    all.sort_by_cached_key(|one| one["full_name"].as_str().unwrap_or_default().to_lowercase());
    all
}

fn of_known(row: &IntegrationRow, one: &KnownRepository, on_github: Option<&HashSet<u64>>) -> Value {
    let is_private = one.visibility != Visibility::Public.as_str();
    let is_hidden = on_github.is_some_and(|all| one.id.is_none_or(|id| !all.contains(&id)));
    let is_other = !one.integration.is_empty() && one.integration != row.name;
    let reason = if one.is_gone {
        Some("GitHub has it no more".to_owned())
    } else if is_other {
        Some(format!("it belongs to {}", one.integration))
    } else if is_hidden && is_private {
        Some("it is private, and GitHub does not show it to this account".to_owned())
    } else if is_hidden {
        Some("GitHub does not show it to this account".to_owned())
    } else {
        None
    };
    let is_ours = one.integration == row.name;
    json!({
        "full_name": one.name,
        "document": one.name,
        "url": one.url,
        "private": is_private,
        "followed": one.is_followed && is_ours,
        "followed_otherwise": one.is_followed && one.integration.is_empty(),
        "last_synced": one.last_synced,
        "error": one.error,
        "reason": reason,
        // What belongs to it can be let go, followed or not, whatever GitHub shows.
        "selectable": reason.is_none() || is_ours,
        "belongs": is_ours,
    })
}
