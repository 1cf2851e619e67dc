//! The manifest from which GitHub makes an App in two clicks: with the right permissions, events and addresses.

use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::config::paths::{INTEGRATIONS, WEBHOOK};
use crate::domain::{Feature, Grants, Level};

/// GitHub's longest name of an App, in characters.
const LONGEST_NAME: usize = 34;
/// What stands on the App's page.
const DESCRIPTION: &str =
    "Keeps the projects and tasks of an ERPNext in step with its repositories, issues and pull requests on GitHub.";

/// An event that an App can subscribe to, with the permission that it takes. What GitHub tells every App (`installation`,
/// `installation_repositories`, `github_app_authorization`) cannot be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscribedEvent {
    /// GitHub's name.
    pub event: &'static str,
    /// Permission that the App needs for it, at any level.
    pub permission: &'static str,
}

/// By GitHub's page "Webhook events and payloads".
const EVENTS: [SubscribedEvent; 22] = [
    of("branch_protection_rule", "administration"),
    of("create", "contents"),
    of("delete", "contents"),
    of("deployment", "deployments"),
    of("deployment_status", "deployments"),
    // Of the account itself: GitHub shows it in no list of an App's events, and takes any permission for it.
    of("installation_target", "metadata"),
    of("issue_comment", "issues"),
    of("issues", "issues"),
    of("label", "metadata"),
    of("member", "members"),
    of("membership", "members"),
    of("milestone", "issues"),
    of("organization", "members"),
    of("public", "metadata"),
    of("pull_request", "pull_requests"),
    of("pull_request_review", "pull_requests"),
    of("push", "contents"),
    of("release", "contents"),
    of("repository", "metadata"),
    of("star", "metadata"),
    of("team", "members"),
    of("team_add", "members"),
];

const fn of(event: &'static str, permission: &'static str) -> SubscribedEvent {
    SubscribedEvent { event, permission }
}

/// What is sent to GitHub as the form field `manifest`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manifest {
    name: String,
    url: String,
    description: &'static str,
    public: bool,
    hook_attributes: Value,
    redirect_url: String,
    callback_urls: [String; 1],
    setup_url: String,
    setup_on_update: bool,
    request_oauth_on_install: bool,
    default_permissions: Grants,
    default_events: Vec<&'static str>,
}

/// The events that an App with these permissions can be told of, of those that mean something here.
pub fn events_for(permissions: &Grants) -> impl Iterator<Item = &'static str> {
    let allowed = |one: &&SubscribedEvent| permissions.allows(one.permission, Level::Read);
    EVENTS.iter().filter(allowed).map(|one| one.event)
}

/// The manifest of an App called `name` for the ERPNext whose public address is `site`, for `features`. GitHub wants names to be its alone, so
/// that whoever agrees may change it there.
///
/// The App belongs to whoever makes it, or to an organization of his. One that is not `public` can be installed in that account, and nowhere else; a public
/// one by anybody who finds it. GitHub sends people back to
/// `/integrations/github/app-created` with a code, and to `/integrations/github/setup` after an installation or a change of it.
#[must_use]
pub fn manifest(site: &Url, name: &str, public: bool, features: impl IntoIterator<Item = Feature>) -> Manifest {
    let at = |path: &str| {
        let mut url = site.clone();
        url.set_path(path);
        url.set_query(None);
        url.set_fragment(None);
        String::from(url)
    };
    let page = |page: &str| at(&format!("{INTEGRATIONS}{page}"));
    let default_permissions = Grants::for_features(features);
    Manifest {
        name: shortened(name),
        url: at("/"),
        description: DESCRIPTION,
        public,
        hook_attributes: json!({ "url": at(WEBHOOK), "active": true }),
        redirect_url: page("app-created"),
        callback_urls: [page("callback")],
        setup_url: page("setup"),
        setup_on_update: true,
        request_oauth_on_install: false,
        default_events: events_for(&default_permissions).collect(),
        default_permissions,
    }
}

impl Manifest {
    /// The text of the form field.
    #[must_use]
    pub fn text(&self) -> String {
        json!(self).to_string()
    }
}

fn shortened(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let name: String = words.join(" ").chars().take(LONGEST_NAME).collect();
    name.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(site: &str, name: &str) -> Value {
        let site = Url::parse(site).expect("an address");
        serde_json::from_str(&manifest(&site, name, false, Feature::of_an_app()).text()).expect("JSON")
    }

    #[test]
    fn the_manifest_has_the_addresses_of_the_site() {
        let made = made("https://erp.example.com:8443/app?x=1#y", "ERPNext of Acme");
        assert_eq!(made["name"], "ERPNext of Acme");
        assert_eq!(made["url"], "https://erp.example.com:8443/");
        assert_eq!(
            made["hook_attributes"],
            json!({
                "url": "https://erp.example.com:8443/api/method/erpnext_github_integration.webhooks.github_webhook",
                "active": true,
            })
        );
        assert_eq!(
            made["redirect_url"],
            "https://erp.example.com:8443/integrations/github/app-created"
        );
        assert_eq!(
            made["callback_urls"],
            json!(["https://erp.example.com:8443/integrations/github/callback"])
        );
        assert_eq!(made["setup_url"], "https://erp.example.com:8443/integrations/github/setup");
        assert_eq!((&made["public"], &made["setup_on_update"]), (&json!(false), &json!(true)));
    }

    #[test]
    fn it_asks_for_what_the_features_need_and_for_events_that_it_may_have() {
        let made = made("https://erp.example.com", "x");
        assert_eq!(made["default_permissions"]["issues"], "write");
        assert_eq!(made["default_permissions"]["metadata"], "read");
        assert_eq!(made["default_permissions"].get("repository_hooks"), None);
        assert_eq!(made["default_events"].as_array().map(Vec::len), Some(EVENTS.len()));
        let site = Url::parse("https://erp.example.com").expect("an address");
        let little = manifest(&site, "x", true, [Feature::Code]);
        assert_eq!(
            little.default_events,
            [
                "create",
                "delete",
                "installation_target",
                "label",
                "public",
                "push",
                "release",
                "repository",
                "star"
            ]
        );
    }

    #[test]
    fn a_name_is_no_longer_than_github_takes() {
        let made = made(
            "https://erp.example.com",
            "  A company\twith a very long name   and a branch in Ulm ",
        );
        let name = made["name"].as_str().expect("a name");
        assert_eq!(name, "A company with a very long name an");
        assert_eq!(name.chars().count(), LONGEST_NAME);
    }
}
