//! What keeps an organization from the list of those that can be connected, and the page that mends it: what is known first, then what else it may be.

use serde_json::{Value, json};

use crate::domain::{AuthType, OwnerKind, Stage};
use crate::store::installations;

use super::super::my_github::is_github_app;
use super::super::{ActionError, Call};
use super::connectable::Found;
use super::page;

/// By what GitHub shows organizations to somebody, which decides what keeps one from him.
enum ShownBy {
    /// The App: what it is installed for.
    App {
        /// Page on which it is installed.
        install: String,
    },
    /// An OAuth App that he authorised.
    OAuth {
        /// Page on which he sees and requests what it reaches.
        granted: String,
    },
    /// A token.
    Token,
}

impl ShownBy {
    async fn of(call: &Call<'_>, way: AuthType, web: &str) -> Result<Self, ActionError> {
        let grants = match way {
            AuthType::Token => return Ok(Self::Token),
            AuthType::OAuth => call.services.grants(call.site).await?,
            AuthType::App => None,
        };
        // Who authorised the GitHub App sees by it what that is installed for, and no organization's policy about OAuth Apps holds for it.
        let is_app = match &grants {
            Some(grants) => is_github_app(call.site, grants).await?,
            None => way == AuthType::App,
        };
        if is_app {
            let app = call.services.github_app(call.site).await?;
            let page = app
                .zip(url::Url::parse(web).ok())
                .and_then(|(app, web)| app.install_page(&web));
            return Ok(Self::App {
                install: page.unwrap_or_default(),
            });
        }
        let granted = grants.map_or_else(
            || page(web, "settings/applications"),
            |grants| page(web, &format!("settings/connections/applications/{}", grants.client_id())),
        );
        Ok(Self::OAuth { granted })
    }
}

/// The list for `found`; what is known of it is marked so.
pub(super) async fn list(call: &Call<'_>, (way, web): (AuthType, &str), found: &Found) -> Result<Vec<Value>, ActionError> {
    let shown = ShownBy::of(call, way, web).await?;
    let mut all = match way {
        AuthType::App => of_installations(call, web).await?,
        AuthType::OAuth | AuthType::Token => of_person(&shown, web, found),
    };
    for one in &mut all {
        one["known"] = true.into();
    }
    all.extend(general(&shown, web));
    Ok(all)
}

fn entry(text: &str, url: &str) -> Value {
    json!({"text": text, "url": url})
}

/// Installations that the caller began, and that cannot be used yet.
async fn of_installations(call: &Call<'_>, web: &str) -> Result<Vec<Value>, ActionError> {
    let mut all = Vec::new();
    for row in installations::of_user(call.site.db(), &call.caller.user).await? {
        let account = if row.account_login.is_empty() {
            "an account"
        } else {
            row.account_login.as_str()
        };
        let text = match row.course.stage() {
            Stage::WaitsForGithub => {
                "You began to install the App, and GitHub has not told of it: it was not finished there, or an owner was asked and has not accepted yet."
                    .to_owned()
            }
            Stage::Failed => format!("The App is installed in {account} and could not be read, which is tried again by itself: {}", row.reason),
            Stage::Suspended => format!("The App is suspended in {account}: have an owner unsuspend it."),
            Stage::Deleted | Stage::IsRead | Stage::WaitsForUser | Stage::WaitsForProject | Stage::Done => continue,
        };
        let url = if row.html_url.is_empty() {
            page(web, "settings/installations")
        } else {
            row.html_url.clone()
        };
        all.push(entry(&text, &url));
    }
    Ok(all)
}

/// Organizations that the caller belongs to, and where he can do less than an owner.
fn of_person(shown: &ShownBy, web: &str, found: &Found) -> Vec<Value> {
    let silent = found.silent.iter().map(|login| {
        let (why, url) = match shown {
            ShownBy::App { install } => (
                "it has none that you may see, or the App is not installed for one of them, which an owner does",
                install.clone(),
            ),
            ShownBy::OAuth { granted } => (
                "it has none that you may see, or it restricts third-party access, which an owner grants",
                granted.clone(),
            ),
            ShownBy::Token => (
                "it has none that the token may see, or it keeps tokens out until you press Configure SSO or an owner allows it",
                page(web, "settings/tokens"),
            ),
        };
        entry(&format!("GitHub shows no repository of {login}: {why}."), &url)
    });
    let members = found
        .accounts
        .iter()
        .filter(|one| one.kind == OwnerKind::Organization && one.is_owner == Some(false));
    let members = members.filter(|one| one.hindrance.is_none()).map(|one| {
        let text = format!(
            "You are a member, not an owner of {}: all services but webhooks work.",
            one.login
        );
        entry(&text, &page(web, &format!("orgs/{}/people", one.login)))
    });
    silent.chain(members).collect()
}

/// What can be missing where an organisation is not on the list, and where that is mended.
fn general(shown: &ShownBy, web: &str) -> Vec<Value> {
    const MEMBER: &str =
        "You are a member, not an owner: an owner approves third-party access, and all services but webhooks work for a member.";
    match shown {
        ShownBy::App { install } => vec![
            entry("The App is not installed there: install it in the organization.", install),
            entry(
                "GitHub does not offer the organization when the App is installed: an App that is not public can be installed in the account that it belongs to alone. Make it public on GitHub (Advanced, Danger zone), or move it to the organization.",
                &page(web, "settings/apps"),
            ),
            entry(
                "You are a member, not an owner: GitHub asks an owner when you install the App, who has to accept.",
                &page(web, "settings/organizations"),
            ),
            entry(
                "The App is installed for repositories that you cannot see: ask an owner for access to one of them.",
                &page(web, "settings/installations"),
            ),
        ],
        ShownBy::OAuth { granted } => vec![
            entry(
                "The organization restricts third-party access: grant or request it under Settings, Applications, Organization access.",
                granted,
            ),
            entry(MEMBER, &page(web, "settings/organizations")),
        ],
        ShownBy::Token => vec![
            entry(
                "The organization keeps tokens out: authorize the token with Configure SSO, again each time it was made anew, or have an owner allow tokens.",
                &page(web, "settings/tokens"),
            ),
            entry(MEMBER, &page(web, "settings/organizations")),
        ],
    }
}
