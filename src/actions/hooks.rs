//! `create_repository_webhook`: one hook of ours a repository, whichever way it came to be (F-41).

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use crate::config::paths::WEBHOOK;
use crate::domain::RepoName;
use crate::frappe::{encryption_key, secrets, singles};
use crate::github::{Client, NewHook, Write};
use crate::store::repositories;
use crate::store::settings::DOCTYPE;
use crate::webhook::events::handled;

use super::writing::{self, Press};
use super::{ActionError, Arguments, Call, issues, lists};

/// `create_repository_webhook(repo_full_name, webhook_url=None, events=None)`. A hook with that address which is there already is answered,
/// `existing: true`, and made right where it is not.
pub(super) async fn create(call: &Call<'_>) -> Result<Value, ActionError> {
    let repository = lists::repository(call).await?;
    let hook = NewHook {
        url: address(call).await?,
        events: events(call, &repository).await?,
        secret: Some(secret(call).await?),
    };
    let writing = writing::writing(call, repository.clone()).await?;
    let press = |write| Press { write, task: None };
    let Some(held) = held(&writing.client, &repository, &hook.url).await? else {
        return Ok(issues::raw(
            writing::press(call, writing, press(Write::CreateWebhook(hook))).await?,
        ));
    };
    let mut answer = match held["id"].as_u64() {
        Some(id) if !is_right(&held, &hook) => {
            let write = Write::UpdateWebhook { id, hook };
            let outcome = writing::press(call, writing, press(write)).await?;
            issues::raw(outcome)
        }
        _ => held,
    };
    answer["existing"] = true.into();
    Ok(answer)
}

/// The hook with that address, if there is one.
async fn held(client: &Client, repository: &RepoName, url: &str) -> Result<Option<Value>, ActionError> {
    let mut pages = client.hooks_as_is(repository);
    while let Some(page) = pages.next().await? {
        let found = page.items.into_iter().find(|hook| hook["config"]["url"] == url);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// True where nothing needs to be changed: it is active, signs what it delivers, sends JSON and listens to what is wanted.
fn is_right(held: &Value, wanted: &NewHook) -> bool {
    let listens = |event: &String| {
        let mut events = held["events"].as_array().into_iter().flatten();
        events.any(|one| one == event.as_str() || one == "*")
    };
    held["active"] == true
        && held["config"]["content_type"] == "json"
        && held["config"]["secret"].is_string()
        && held["events"].as_array().map_or(0, Vec::len) <= wanted.events.len()
        && wanted.events.iter().all(listens)
}

/// Where deliveries go: as the call says, else the site's own address.
async fn address(call: &Call<'_>) -> Result<String, ActionError> {
    if let Some(given) = call.arguments.text("webhook_url") {
        return checked(&given, "`webhook_url`").map(String::from);
    }
    let setting = singles::read_field(call.site.db(), DOCTYPE, "public_url").await?;
    let setting = setting.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
    let base = match setting {
        Some(url) => checked(&url, "`public_url` in GitHub Settings")?,
        None => match call.site.config().text("host_name") {
            Some(host) if host.contains("://") => checked(&host, "the `host_name` of the site")?,
            Some(host) => checked(&format!("https://{host}"), "the `host_name` of the site")?,
            None => {
                return Err(ActionError::invalid(
                    "nobody knows under which address GitHub reaches this site: enter it as Public URL in GitHub Settings",
                ));
            }
        },
    };
    Ok(format!("{}{WEBHOOK}", base.as_str().trim_end_matches('/')))
}

/// An address that GitHub can reach, without anything that would be told to it.
fn checked(text: &str, what: &str) -> Result<Url, ActionError> {
    let refuse = |why: &str| {
        let shown: String = text.chars().take(200).collect();
        ActionError::invalid(format!(
            "{what}, {shown}, {why}: GitHub delivers over https to public addresses; enter such an address as Public URL in GitHub Settings"
        ))
    };
    let url = Url::parse(text).map_err(|_| refuse("is no address"))?;
    if url.scheme() != "https" {
        return Err(refuse("is not https"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(refuse("holds more than an address"));
    }
    if is_local(&url) {
        return Err(refuse("is a local address"));
    }
    Ok(url)
}

/// True for what only this machine or its network knows.
fn is_local(url: &Url) -> bool {
    match url.host() {
        None => true,
        Some(url::Host::Ipv4(ip)) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified() || ip.is_broadcast()
        }
        Some(url::Host::Ipv6(ip)) => {
            let v4 = ip
                .to_ipv4_mapped()
                .is_some_and(|ip| ip.is_loopback() || ip.is_private() || ip.is_link_local());
            ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local() || v4
        }
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let ends = ["localhost", "local", "internal", "test", "lan", "invalid"];
            !name.contains('.') || ends.iter().any(|end| name.rsplit('.').next() == Some(end))
        }
    }
}

/// What the hook listens to: as the call says, else as the Repository or GitHub Settings say, else everything that is handled.
async fn events(call: &Call<'_>, repository: &RepoName) -> Result<Vec<String>, ActionError> {
    let db = call.site.db();
    let split = |text: String| {
        let list = json!({ "events": text });
        Arguments::new(list.as_object().cloned().unwrap_or_default()).texts("events")
    };
    let mut events = call.arguments.texts("events")?;
    if events.is_empty() {
        events = split(
            repositories::webhook_events(db, repository.as_str())
                .await?
                .unwrap_or_default(),
        )?;
    }
    if events.is_empty() {
        let setting = singles::read_field(db, DOCTYPE, "webhook_events").await?;
        events = split(setting.unwrap_or_default())?;
    }
    if events.is_empty() {
        events = handled().map(str::to_owned).collect();
    }
    let odd = |event: &&String| *event != "*" && !event.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if let Some(odd) = events.iter().find(odd) {
        let shown: String = odd.chars().take(60).collect();
        return Err(ActionError::invalid(format!(
            "`{shown}` is no event of GitHub: write events as on GitHub, for example issues, pull_request"
        )));
    }
    Ok(events)
}

/// What deliveries are signed with.
async fn secret(call: &Call<'_>) -> Result<SecretString, ActionError> {
    let not_ready = |error: String| ActionError::NotReady(error);
    let key = encryption_key::existing(call.site.config()).map_err(|error| not_ready(error.to_string()))?;
    let mut conn = call.site.db().conn().await?;
    let found = secrets::read_single(&mut conn, key.as_ref(), DOCTYPE, "webhook_secret")
        .await
        .map_err(|error| not_ready(error.to_string()))?;
    found
        .map(|found| found.secret)
        .filter(|secret| !secret.expose_secret().is_empty())
        .ok_or_else(|| not_ready("no webhook secret is stored: enter one as Webhook Secret in GitHub Settings".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f41_only_an_address_that_github_reaches_is_taken() {
        for good in ["https://erp.example.com", "https://erp.example.com:8443/x", "https://8.8.8.8"] {
            assert!(checked(good, "it").is_ok(), "{good}");
        }
        for (bad, why) in [
            ("http://erp.example.com", "not https"),
            ("https://localhost/x", "local"),
            ("https://erp", "local"),
            ("https://erp.local", "local"),
            ("https://site.test", "local"),
            ("https://127.0.0.1", "local"),
            ("https://10.1.2.3", "local"),
            ("https://192.168.0.4:8000", "local"),
            ("https://[::1]", "local"),
            ("https://[::ffff:10.0.0.1]", "local"),
            ("https://user:word@erp.example.com", "more than an address"),
            ("erp.example.com", "no address"),
        ] {
            let error = checked(bad, "it").expect_err(bad).to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }
}
