//! Installations of the App, as `GET /user/installations` lists them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Account, Moment};
use crate::domain;

/// An installation.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct VisibleInstallation {
    id: u64,
    app_slug: Option<String>,
    account: Option<AnyAccount>,
    html_url: Option<String>,
    repository_selection: Option<String>,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
    #[serde(default)]
    events: Vec<String>,
    suspended_at: Option<Moment>,
}

/// A repository of it, as far as somebody's right to install Apps for it goes.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct ManagedRepository {
    id: u64,
    permissions: Option<Held>,
}

#[derive(Debug, Deserialize)]
struct Held {
    #[serde(default)]
    admin: bool,
}

impl From<ManagedRepository> for (u64, bool) {
    fn from(wire: ManagedRepository) -> Self {
        (wire.id, wire.permissions.is_some_and(|held| held.admin))
    }
}

/// Where it is installed. An enterprise has no login, and no repositories.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum AnyAccount {
    Account(Account),
    Other(serde::de::IgnoredAny),
}

impl From<VisibleInstallation> for domain::VisibleInstallation {
    fn from(wire: VisibleInstallation) -> Self {
        Self {
            id: wire.id,
            app_slug: wire.app_slug.unwrap_or_default(),
            account: wire.account.and_then(|account| match account {
                AnyAccount::Account(account) => account.into_owner(),
                AnyAccount::Other(_) => None,
            }),
            url: wire.html_url.unwrap_or_default(),
            has_all_repositories: wire.repository_selection.as_deref() == Some("all"),
            permissions: wire.permissions,
            events: wire.events,
            suspended_at: wire.suspended_at.map(|moment| moment.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::github::decode::wire;

    #[test]
    fn an_installation_says_where_it_is_and_what_it_may() {
        let all = json!({
            "id": 7, "app_slug": "erp", "html_url": "https://github.com/organizations/acme/settings/installations/7",
            "account": {"login": "acme", "id": 3, "type": "Organization", "avatar_url": "https://a.test/3"},
            "repository_selection": "selected", "permissions": {"issues": "write", "metadata": "read"},
            "events": ["issues"], "suspended_at": "2026-03-01T12:00:00Z",
        });
        let read: domain::VisibleInstallation = wire::<VisibleInstallation>((&all).into()).expect("decodes").into();
        assert_eq!(read.account.map(|owner| owner.login).as_deref(), Some("acme"));
        assert!(!read.has_all_repositories && read.suspended_at.is_some());
        assert_eq!(read.permissions["issues"], "write");
    }

    #[test]
    fn an_enterprise_is_no_owner() {
        let all = json!({"id": 8, "account": {"slug": "big", "id": 1}, "repository_selection": "all"});
        let read: domain::VisibleInstallation = wire::<VisibleInstallation>((&all).into()).expect("decodes").into();
        assert!(read.account.is_none() && read.has_all_repositories);
    }
}
