//! GitHub Apps and their installations.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::user::Account;
use super::{Moment, login_of};
use crate::domain::{GithubApp, Grants, Installation, Level, OwnerKind, RepositorySelection};

/// An App; GitHub's description calls it an integration.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct App {
    id: u64,
    slug: Option<String>,
    client_id: Option<String>,
    name: String,
    owner: Option<AppOwner>,
    #[serde(default)]
    html_url: String,
    #[serde(default)]
    permissions: Permissions,
    #[serde(default)]
    events: Vec<String>,
    installations_count: Option<u64>,
}

/// An account, or an enterprise, which has a slug where others have a login.
#[derive(Debug, Deserialize)]
struct AppOwner {
    login: Option<String>,
    slug: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Permissions as they are told; those of an unknown level are passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Permissions(BTreeMap<String, Option<String>>);

impl From<Permissions> for Grants {
    fn from(wire: Permissions) -> Self {
        let known = |(name, level): (String, Option<String>)| Some((name, Level::parse(&level?)?));
        wire.0.into_iter().filter_map(known).collect()
    }
}

impl From<App> for GithubApp {
    fn from(wire: App) -> Self {
        let is_person = |owner: &AppOwner| owner.kind.as_deref() == Some(OwnerKind::User.as_str());
        let of_person = wire.owner.as_ref().is_some_and(is_person);
        let owner = wire.owner.and_then(|owner| owner.login.or(owner.slug));
        Self {
            id: wire.id,
            slug: wire.slug,
            client_id: wire.client_id,
            name: wire.name,
            owner: owner.unwrap_or_default(),
            of_person,
            html_url: wire.html_url,
            permissions: wire.permissions.into(),
            events: wire.events,
            installations: wire.installations_count,
        }
    }
}

/// An installation, in answers and in deliveries.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct InstallationWire {
    id: u64,
    app_id: u64,
    #[serde(default)]
    app_slug: String,
    account: Option<serde_json::Value>,
    #[serde(default)]
    permissions: Permissions,
    #[serde(default)]
    events: Vec<String>,
    repository_selection: Option<String>,
    suspended_at: Option<Moment>,
    suspended_by: Option<serde_json::Value>,
    #[serde(default)]
    html_url: String,
    created_at: Moment,
    updated_at: Moment,
}

impl From<InstallationWire> for Installation {
    fn from(wire: InstallationWire) -> Self {
        // An enterprise is no account, and does not look like one.
        let account = wire
            .account
            .and_then(|account| serde_json::from_value::<Account>(account).ok());
        Self {
            id: wire.id,
            app_id: wire.app_id,
            app_slug: wire.app_slug,
            account: account.and_then(Account::into_owner),
            permissions: wire.permissions.into(),
            events: wire.events,
            selection: match wire.repository_selection.as_deref() {
                Some("all") => RepositorySelection::All,
                _ => RepositorySelection::Selected,
            },
            suspended_at: wire.suspended_at.map(|at| at.0),
            suspended_by: wire.suspended_by.as_ref().and_then(login_of),
            html_url: wire.html_url,
            created_at: wire.created_at.0,
            updated_at: wire.updated_at.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::OwnerKind;

    #[test]
    fn an_installation_is_read_whatever_it_is_installed_in() {
        let read = |account: serde_json::Value| {
            let json = json!({
                "id": 7, "app_id": 3, "app_slug": "erp", "account": account,
                "permissions": {"issues": "write", "contents": "read", "odd": "superuser", "gone": null},
                "events": ["issues"], "repository_selection": "selected", "suspended_at": "2026-03-02T09:00:00Z",
                "suspended_by": {"login": "mona", "id": 1}, "html_url": "https://github.com/organizations/acme/settings/installations/7",
                "created_at": 1_700_000_000, "updated_at": "2026-03-02T09:00:00Z",
            });
            Installation::from(serde_json::from_value::<InstallationWire>(json).expect("json"))
        };
        let acme = read(json!({"login": "acme", "id": 9, "type": "Organization", "avatar_url": "https://a/9"}));
        assert_eq!(acme.permissions.to_string(), "contents=read, issues=write");
        assert_eq!(acme.suspended_by.as_deref(), Some("mona"));
        let account = acme.account.expect("an account");
        assert_eq!((account.login.as_str(), account.kind), ("acme", OwnerKind::Organization));
        assert_eq!(read(json!({"slug": "octo-business", "id": 42, "name": "Octo"})).account, None);
        assert_eq!(read(serde_json::Value::Null).account, None);
    }
}
