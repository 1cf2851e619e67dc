//! What people ask for: from the dialog Manage Webhooks, and from the command line.

use serde_json::{Value, json};

use crate::domain::{Login, RepoName};
use crate::frappe::site::Site;
use crate::github::{Client, HookHome, HookRef, Write};
use crate::store::hooks::{self, Given, Home};
use crate::store::{Stamp, Touched, repositories, tell};
use crate::sync::SyncContext;
use crate::webhook::hooks::{Ensured, Ensuring, Hand, Held, Ours, Target, Waits, listed};

use super::super::{ActionError, Call, answer, lists};
use super::hand::{OfCall, OfContext};

/// Name under which the methods take a hook.
const HOOK: [&str; 2] = ["hook_id", "id"];
/// Name under which the methods take a delivery.
const DELIVERY: [&str; 2] = ["delivery_id", "delivery"];

/// A repository or an organisation whose hook somebody manages.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// A repository that is mirrored.
    Repository(RepoName),
    /// An organisation of which some repository is mirrored.
    Organization(Login),
}

impl Chosen {
    /// Where its hooks are.
    #[must_use]
    pub fn at(&self) -> HookHome {
        match self {
            Self::Repository(name) => HookHome::Repository(name.clone()),
            Self::Organization(login) => HookHome::Organization(login.clone()),
        }
    }
}

/// `create_repository_webhook(repo_full_name, webhook_url=None, events=None)`. The one that is there already is answered, `existing: true`, and
/// made right where it is not. From now on it is kept right.
pub(in crate::actions) async fn create(call: &Call<'_>) -> Result<Value, ActionError> {
    let repository = lists::repository(call).await?;
    let given = Given {
        address: call.arguments.text("webhook_url"),
        events: Some(call.arguments.texts("events")?.join(",")).filter(|events| !events.is_empty()),
    };
    let client = call.github_for(&repository).await?;
    let target = target_of_repository(call.site, &repository).await?;
    let hand = OfCall {
        call,
        repository: repository.clone(),
    };
    let switched = switch(call.site, &call.caller.user, &repository, true).await?;
    let ensured = of_call(call, &client).ensure(&target, Some(&given), &hand).await;
    if ensured.is_err() && switched {
        switch(call.site, &call.caller.user, &repository, false).await?;
    }
    Ok(told(ensured?))
}

/// `desk.webhooks(repo_full_name)`: all of them, which are ours, and how ours does.
pub(in crate::actions) async fn list(call: &Call<'_>) -> Result<Value, ActionError> {
    let repository = lists::repository(call).await?;
    let client = call.github_for(&repository).await?;
    let (site, at) = (call.site, HookHome::Repository(repository.clone()));
    let home = home_of(site, &repository).await?;
    let row = match &home {
        Some(home) => hooks::find(site.db(), home).await?,
        None => None,
    };
    let covering = hooks::organization_of(site.db(), repository.owner()).await?;
    let (all, address) = listed(site, &client, &at, row.as_ref()).await?;
    let shown: Vec<Value> = all.iter().map(|(held, whose)| shown(held, *whose)).collect();
    answer(json!({
        "repository": repository.as_str(),
        "address": address.as_ref().ok(),
        "address_problem": address.as_ref().err().map(ToString::to_string),
        "organization": covering.map(|row| row.name),
        "problem": row.and_then(|row| row.problem),
        "webhooks": shown,
    }))
}

/// `desk.ping_webhook(repo_full_name, hook_id)`.
pub(in crate::actions) async fn ping(call: &Call<'_>) -> Result<Value, ActionError> {
    let (repository, id) = named(call).await?;
    let write = Write::PingWebhook(HookRef { organization: None, id });
    OfCall { call, repository }.write(write).await?;
    Ok(json!({ "pinged": id }))
}

/// `desk.webhook_deliveries(repo_full_name, hook_id)`: the latest hundred.
pub(in crate::actions) async fn deliveries(call: &Call<'_>) -> Result<Value, ActionError> {
    let (repository, id) = named(call).await?;
    let client = call.github_for(&repository).await?;
    let page = client.deliveries(&HookHome::Repository(repository), id).next().await?;
    answer(page.map(|page| page.items).unwrap_or_default())
}

/// `desk.redeliver_webhook(repo_full_name, hook_id, delivery_id)`.
pub(in crate::actions) async fn redeliver(call: &Call<'_>) -> Result<Value, ActionError> {
    let (repository, id) = named(call).await?;
    let delivery = number(call, &DELIVERY)?;
    let hook = HookRef { organization: None, id };
    let write = Write::RedeliverWebhook { hook, delivery };
    OfCall { call, repository }.write(write).await?;
    Ok(json!({ "redelivered": delivery }))
}

/// `desk.delete_webhook(repo_full_name, hook_id)`: one of this site's, which is then not made again.
pub(in crate::actions) async fn delete(call: &Call<'_>) -> Result<Value, ActionError> {
    let (repository, id) = named(call).await?;
    let client = call.github_for(&repository).await?;
    let target = target_of_repository(call.site, &repository).await?;
    let row = hooks::find(call.site.db(), &target.home).await?;
    let made = row.as_ref().is_some_and(|row| row.hook_id == Some(id));
    let hand = OfCall {
        call,
        repository: repository.clone(),
    };
    if !made {
        let (all, _address) = listed(call.site, &client, &target.at, row.as_ref()).await?;
        let found = all.iter().find(|(held, _)| held.id() == id);
        match found {
            Some((_, Ours::Ours)) => {}
            Some(_) => {
                return Err(ActionError::invalid(format!(
                    "webhook {id} of {repository} does not deliver to this site: delete it on GitHub"
                )));
            }
            None => {
                return Err(ActionError::invalid(format!(
                    "there is no webhook {id} of {repository} (any more)"
                )));
            }
        }
        let hook = HookRef { organization: None, id };
        hand.write(Write::DeleteWebhook(hook)).await?;
    }
    switch(call.site, &call.caller.user, &repository, false).await?;
    of_call(call, &client).remove(&target, &hand).await?;
    Ok(json!({ "deleted": id }))
}

async fn named(call: &Call<'_>) -> Result<(RepoName, u64), ActionError> {
    Ok((lists::repository(call).await?, number(call, &HOOK)?))
}

/// A number of GitHub's; those of deliveries are far larger than those of issues.
fn number(call: &Call<'_>, names: &[&str]) -> Result<u64, ActionError> {
    let text = call.arguments.required(names)?;
    let odd = || {
        ActionError::invalid(format!(
            "`{}` must be a number, as the list shows it",
            names.first().copied().unwrap_or_default()
        ))
    };
    text.parse().map_err(|_| odd())
}

fn of_call<'a>(call: &'a Call<'_>, client: &'a Client) -> Ensuring<'a> {
    Ensuring {
        site: call.site,
        client,
        owner: call.services.owner(),
        resolver: call.services.resolver(),
        waits: Waits::Yes,
    }
}

/// The hook as GitHub writes it, and whether it was there before.
fn told(ensured: Ensured) -> Value {
    match ensured {
        Ensured::Created(hook) => hook,
        Ensured::Right(mut hook) | Ensured::Repaired(mut hook) => {
            hook["existing"] = true.into();
            hook
        }
        Ensured::Covered(organization) => json!({ "existing": true, "organization": organization }),
        Ensured::Removed => Value::Null,
    }
}

fn shown(held: &Held, whose: Ours) -> Value {
    let hook = &held.0;
    json!({
        "id": held.id(),
        "url": held.address(),
        "events": hook["events"],
        "active": hook["active"],
        "whose": whose.as_str(),
        "last_status": held.last_status(),
        "last_response": hook["last_response"]["message"],
    })
}

async fn home_of(site: &Site, repository: &RepoName) -> Result<Option<Home>, ActionError> {
    let stored = repositories::find(site.db(), repository.as_str()).await?;
    Ok(stored.and_then(|stored| stored.github_id).map(Home::Repository))
}

/// The hook of a repository that is mirrored, and followed.
async fn target_of_repository(site: &Site, repository: &RepoName) -> Result<Target, ActionError> {
    let stored = repositories::find(site.db(), repository.as_str()).await?;
    let Some(stored) = stored else {
        return Err(ActionError::Missing(format!(
            "there is no Repository {repository}: sync it first"
        )));
    };
    if !stored.enabled {
        return Err(ActionError::invalid(format!(
            "{repository} is switched off: tick Enabled in the Repository, so that what its webhook tells is taken"
        )));
    }
    let id = stored.github_id.ok_or_else(|| {
        ActionError::invalid(format!(
            "{repository} was never synced: sync it first, so that it is known which one it is"
        ))
    })?;
    Ok(Target {
        home: Home::Repository(id),
        at: HookHome::Repository(repository.clone()),
    })
}

/// Switches `manage_webhook`, and tells open forms; true where it was the other way.
async fn switch(site: &Site, user: &str, repository: &RepoName, on: bool) -> Result<bool, ActionError> {
    let stamp = Stamp::now(site, user).await?;
    let switched = hooks::switch(site.db(), &stamp, repository.as_str(), on).await?;
    if switched {
        let touched = Touched {
            doctype: "Repository",
            name: repository.to_string(),
            modified: stamp.local_now(),
        };
        tell(site, user, &[touched]).await;
    }
    Ok(switched)
}

/// Makes the hook of `chosen` be there once and right, from now on; for the command line.
///
/// # Errors
/// When it cannot be.
pub async fn ensure(context: &SyncContext, chosen: &Chosen, given: &Given) -> Result<Value, ActionError> {
    let (target, hand) = for_context(context, chosen).await?;
    let switched = match chosen {
        Chosen::Repository(name) => switch(&context.site, &context.user, name, true).await?,
        Chosen::Organization(_) => false,
    };
    let ensured = of_context(context).ensure(&target, Some(given), &hand).await;
    if let (Err(_), true, Chosen::Repository(name)) = (&ensured, switched, chosen) {
        switch(&context.site, &context.user, name, false).await?;
    }
    Ok(told(ensured?))
}

/// Removes the hook of `chosen`, which is then not made again; for the command line.
///
/// # Errors
/// When it cannot be.
pub async fn forget(context: &SyncContext, chosen: &Chosen) -> Result<(), ActionError> {
    let (target, hand) = for_context(context, chosen).await?;
    if let Chosen::Repository(name) = chosen {
        switch(&context.site, &context.user, name, false).await?;
    }
    of_context(context).remove(&target, &hand).await.map(drop)
}

/// Pings or redelivers; for the command line.
///
/// # Errors
/// When it cannot be.
pub async fn send(context: &SyncContext, chosen: &Chosen, write: Write) -> Result<(), ActionError> {
    let (_target, hand) = for_context(context, chosen).await?;
    hand.write(write).await.map(drop)
}

async fn for_context<'c>(context: &'c SyncContext, chosen: &Chosen) -> Result<(Target, OfContext<'c>), ActionError> {
    let (target, repository, repository_id) = match chosen {
        Chosen::Repository(name) => {
            let target = target_of_repository(&context.site, name).await?;
            let id = target.home.repository_id();
            (target, name.clone(), id)
        }
        Chosen::Organization(login) => {
            let some = hooks::repository_of_owner(context.site.db(), login.as_str()).await?;
            let some = some.and_then(|(name, id)| Some((name.parse::<RepoName>().ok()?, id)));
            let (name, id) = some.ok_or_else(|| {
                ActionError::invalid(format!("no repository of {login} is mirrored here: sync one of them first"))
            })?;
            let target = Target {
                home: Home::organization(login.as_str()),
                at: chosen.at(),
            };
            (target, name, id)
        }
    };
    let hand = OfContext {
        context,
        repository,
        repository_id: Some(repository_id),
    };
    Ok((target, hand))
}

fn of_context(context: &SyncContext) -> Ensuring<'_> {
    Ensuring {
        site: &context.site,
        client: &context.client,
        owner: &context.owner,
        resolver: &context.resolver,
        waits: Waits::Yes,
    }
}
