//! `desk.lend_connection`, `desk.take_back_connection`: whoever calls lends his own connection to an integration, which then reads by it, or ends that.

use serde_json::{Value, json};

use crate::domain::AuthType;
use crate::store::{Stamp, integration_documents as documents, lent};

use super::super::{ActionError, Call};
use super::{check, written_integration};

/// `lend_connection(integration)`: nobody can do this for another.
pub(in crate::actions) async fn lend(call: &Call<'_>) -> Result<Value, ActionError> {
    let row = call.integration().await?;
    if row.auth_type != AuthType::OAuth {
        return Err(ActionError::invalid(format!(
            "{} does not use a connection of somebody's: choose OAuth as its Auth Type and save it first",
            row.name
        )));
    }
    let user = call.user_id()?;
    if call.services.github_as(call.site, &user).await?.is_none() {
        return Err(ActionError::ConnectGithub(
            "connect your GitHub account first: the integration reads what you can see there".to_owned(),
        ));
    }
    let stamp = Stamp::now(call.site, user.as_str()).await?;
    if !lent::lend(call.site.db(), &stamp, &row.name).await? {
        return Err(ActionError::invalid(format!(
            "there is no GitHub Integration {} any more",
            row.name
        )));
    }
    written_integration(call.site, &stamp.user, &row.name).await;
    let row = call.integration().await?;
    let health = check::look(call.services, call.site, &row, &stamp).await?;
    Ok(json!({"connected_user": stamp.user, "state": health.state.as_str(), "reason": health.reason}))
}

/// `take_back_connection(integration)`: what the caller lent to it is his alone again. It takes no role: he may have lost the one that he lent with.
pub(in crate::actions) async fn take_back(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = call.arguments.required(&["integration"])?;
    let stamp = Stamp::now(call.site, call.user_id()?.as_str()).await?;
    if !lent::take_back_from(call.site.db(), &stamp, &name).await? {
        return Err(ActionError::invalid(format!(
            "you have lent nothing to the GitHub Integration {name}"
        )));
    }
    written_integration(call.site, &stamp.user, &name).await;
    if let Some(row) = documents::named(call.site.db(), &name).await? {
        check::look(call.services, call.site, &row, &stamp).await?;
    }
    Ok(json!({"success": true, "integration": name}))
}
