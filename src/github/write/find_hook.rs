//! What became of a write about webhooks whose answer was lost.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::find::{Trace, same_set};
use super::order::{HookRef, NewHook, Write};
use crate::domain::RepoName;
use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::read::{HookDelivery, HookHome};

/// Where the hooks of that organisation are, or the repository's own.
fn home(name: &RepoName, organization: Option<&crate::domain::Login>) -> HookHome {
    match organization {
        Some(organization) => HookHome::Organization(organization.clone()),
        None => HookHome::Repository(name.clone()),
    }
}

impl Client {
    /// What a write about hooks made or changed; null for what has no form. Of a ping and of a redelivery the deliveries tell.
    pub(super) async fn look_for_hook_write(
        &self,
        name: &RepoName,
        write: &Write,
        trace: &Trace,
    ) -> Result<Option<Value>, GithubError> {
        match write {
            Write::CreateWebhook(hook) => self.look_for_hook(name, hook).await,
            Write::UpdateWebhook { id, hook } => {
                let held = self.look_for_hook(name, hook).await?;
                Ok(held.filter(|held| held["id"] == *id && held["active"] == true && has_events(held, hook)))
            }
            Write::DeleteWebhook(hook) => {
                let held = self.hook(&home(name, hook.organization.as_ref()), hook.id).await?;
                Ok(held.is_none().then_some(Value::Null))
            }
            Write::PingWebhook(hook) => {
                let found = self.late_delivery(name, hook, trace.sent(), |one| one.event == "ping");
                Ok(found.await?.then_some(Value::Null))
            }
            Write::RedeliverWebhook { hook, .. } => {
                // Which one it was does not matter much: to ask once more for what came already costs nobody anything.
                let found = self.late_delivery(name, hook, trace.sent(), |one| one.redelivery);
                Ok(found.await?.then_some(Value::Null))
            }
            _ => Ok(None),
        }
    }

    async fn look_for_hook(&self, name: &RepoName, wanted: &NewHook) -> Result<Option<Value>, GithubError> {
        let mut pages = self.hooks(&home(name, wanted.organization.as_ref()));
        while let Some(page) = pages.next().await? {
            let mut items = page.items.into_iter();
            let found = items.find(|hook| hook["config"]["url"] == wanted.url.as_str());
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// True where the newest deliveries have one like that since a moment.
    async fn late_delivery(
        &self,
        name: &RepoName,
        hook: &HookRef,
        since: DateTime<Utc>,
        is_it: impl Fn(&HookDelivery) -> bool,
    ) -> Result<bool, GithubError> {
        let home = home(name, hook.organization.as_ref());
        let page = self.deliveries(&home, hook.id).next().await?;
        let mut newest = page.into_iter().flat_map(|page| page.items);
        Ok(newest.any(|one| one.delivered_at >= since && is_it(&one)))
    }
}

fn has_events(held: &Value, wanted: &NewHook) -> bool {
    let held = held["events"].as_array().into_iter().flatten();
    let held: Vec<&str> = held.filter_map(Value::as_str).collect();
    let wanted: Vec<&str> = wanted.events.iter().map(String::as_str).collect();
    same_set(&held, &wanted)
}
