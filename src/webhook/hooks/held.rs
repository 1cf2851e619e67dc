//! The hooks that are there, and which of them are ours.

use serde_json::Value;

use crate::frappe::site::Site;
use crate::github::{Client, GithubError, HookHome};
use crate::store::hooks::HookRow;

use super::address::{self, is_our_path, is_same_place};
use super::{HookError, Wanted, events};

/// Whose a hook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ours {
    /// This site's: the one that we made, or one that delivers where ours does.
    Ours,
    /// Of another site with the same software: the path is ours, the host is not. It is left alone: it may be the production of this copy.
    AnotherSite,
    /// Somebody else's.
    Other,
}

impl Ours {
    /// Its name in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::AnotherSite => "another site",
            Self::Other => "other",
        }
    }
}

/// A hook as GitHub shows it.
#[derive(Debug, Clone)]
pub struct Held(pub Value);

impl Held {
    /// GitHub's number of it.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.0["id"].as_u64().unwrap_or_default()
    }

    /// Where it delivers to.
    #[must_use]
    pub fn address(&self) -> &str {
        self.0["config"]["url"].as_str().unwrap_or_default()
    }

    /// How its last delivery was answered, as far as GitHub tells.
    #[must_use]
    pub fn last_status(&self) -> Option<u16> {
        let code = self.0["last_response"]["code"].as_u64();
        code.and_then(|code| u16::try_from(code).ok())
    }

    /// Whose it is: `row` says which one we made, `address` where ours delivers to.
    #[must_use]
    pub fn whose(&self, row: Option<&HookRow>, address: Option<&str>) -> Ours {
        let made = row.is_some_and(|row| row.hook_id == Some(self.id()));
        let before = row.map(|row| row.address.as_str());
        let mut places = address.into_iter().chain(before);
        if made || places.any(|place| is_same_place(place, self.address())) {
            Ours::Ours
        } else if is_our_path(self.address()) {
            Ours::AnotherSite
        } else {
            Ours::Other
        }
    }

    /// True where nothing needs to be changed, as far as GitHub shows it and the row remembers the secret.
    #[must_use]
    pub fn is_right(&self, row: &HookRow, wanted: &Wanted) -> bool {
        let hook = &self.0;
        let config = &hook["config"];
        let held = hook["events"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let checks_certificates = ["0", ""].contains(&config["insecure_ssl"].as_str().unwrap_or_default())
            && config["insecure_ssl"].as_u64().unwrap_or_default() == 0;
        hook["active"] == true
            && config["content_type"] == "json"
            && config["secret"].is_string()
            && checks_certificates
            && self.address() == wanted.address
            && row.hook_id == Some(self.id())
            && row.secret_mark == wanted.mark
            && events::same(held, wanted.events.iter().map(String::as_str))
    }
}

/// All hooks there.
pub(super) async fn all(client: &Client, home: &HookHome) -> Result<Vec<Held>, GithubError> {
    let (mut pages, mut all) = (client.hooks(home), Vec::new());
    while let Some(page) = pages.next().await? {
        all.extend(page.items.into_iter().map(Held));
    }
    Ok(all)
}

/// Hooks with whose they are, and where ours delivers to, or why that is not known.
type Listed = (Vec<(Held, Ours)>, Result<String, HookError>);

/// All hooks there with whose they are; `row` says which one we made.
///
/// # Errors
/// When GitHub or the database cannot be read.
pub async fn listed(site: &Site, client: &Client, home: &HookHome, row: Option<&HookRow>) -> Result<Listed, HookError> {
    let given = row.and_then(|row| row.given_address.as_deref());
    let address = match address::of_site(site, given).await {
        Err(error @ HookError::Db(_)) => return Err(error),
        other => other,
    };
    let all = all(client, home).await?;
    let known = address.as_deref().ok();
    let marked = all.into_iter().map(|held| {
        let whose = held.whose(row, known);
        (held, whose)
    });
    Ok((marked.collect(), address))
}
