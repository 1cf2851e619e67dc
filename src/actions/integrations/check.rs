//! `desk.check_integration`, and the same by the schedule: whether an integration works, and what mends it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::domain::{
    AuthType, Feature, Grants, Health, HealthState, Installation, Login, OwnerKind, Services, held_already, scope_needs,
};
use crate::frappe::site::Site;
use crate::github::{Client, ErrorKind, GithubError, Viewer};
use crate::store::integration_documents::{self as documents, IntegrationRow};
use crate::store::lease::{self, Taken};
use crate::store::{Stamp, installations, integration_accounts as accounts, integration_repositories as repositories};

use super::super::{ActionError, Call, Services as Process};
use super::connectable::{NOT_TOLD, memberships};
use super::{page, written, written_integration};

/// What is not changed is looked at again so much later.
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// A token that ends so soon is told.
const SOON: TimeDelta = TimeDelta::days(7);
/// Lease of whoever looks.
const LEASE: &str = "integrations";
/// What GitHub says where an organisation restricts OAuth Apps.
const RESTRICTED: &str = "OAuth App access restrictions";

/// Looks how the integration is, anew.
pub(in crate::actions) async fn check(call: &Call<'_>) -> Result<Value, ActionError> {
    call.require_switched_on().await?;
    let row = call.integration().await?;
    let stamp = Stamp::now(call.site, call.caller.user.as_str()).await?;
    let health = look(call.services, call.site, &row, &stamp).await?;
    Ok(json!({"state": health.state.as_str(), "reason": health.reason, "link": health.link}))
}

/// Looks at those that are due on `site`, in the name of `user`; true when there were any.
///
/// # Errors
/// When the database cannot be used.
pub async fn check_integrations(services: &dyn Process, site: &Site, user: &str) -> Result<bool, ActionError> {
    let stamp = Stamp::now(site, user).await?;
    let before = stamp.zone.to_local(stamp.now - AGAIN);
    if documents::due(site.db(), before).await?.is_empty() {
        return Ok(false);
    }
    let Taken::Ours(lease) = lease::take(site.db(), LEASE, services.owner()).await? else {
        return Ok(false);
    };
    let _beating = lease.keep_alive(site.db());
    let mut done = Ok(true);
    for row in documents::due(site.db(), before).await? {
        match look(services, site, &row, &stamp).await {
            Err(error @ ActionError::Db(_)) => {
                done = Err(error);
                break;
            }
            // What lies in the moment is no fault of the integration's.
            Err(_) => documents::note_health(site.db(), &stamp, &row, None).await?,
            Ok(_) => {}
        }
    }
    lease.release(site.db()).await?;
    done
}

/// Looks, and notes it.
pub(super) async fn look(process: &dyn Process, site: &Site, row: &IntegrationRow, stamp: &Stamp) -> Result<Health, ActionError> {
    let mut looking = Looking {
        process,
        site,
        row: row.clone(),
        stamp,
    };
    let health = match looking.health().await {
        Ok(health) => health,
        Err(ActionError::Github(error)) if !error.may_pass() => refused(&error, &looking.web()),
        Err(ActionError::NotReady(sentence) | ActionError::ConnectGithub(sentence) | ActionError::Forbidden(sentence)) => {
            Health::failing(sentence, "")
        }
        Err(error) => return Err(error),
    };
    let seen = &looking.row;
    documents::note_health(site.db(), stamp, seen, Some(&health)).await?;
    let is_new = seen.modified != row.modified
        || row.health != health.state.as_str()
        || row.health_reason != health.reason
        || row.health_link != health.link;
    if is_new {
        written_integration(site, &stamp.user, &row.name).await;
    }
    Ok(health)
}

/// A refusal of GitHub's, and the page that mends it.
fn refused(error: &GithubError, web: &str) -> Health {
    let given = match error.kind() {
        ErrorKind::SsoRequired { url }
        | ErrorKind::Suspended { url }
        | ErrorKind::NotInstalled { url }
        | ErrorKind::NotGranted { url, .. }
        | ErrorKind::NotSelected { url } => url.clone(),
        ErrorKind::Unauthorized => Some(page(web, "settings/tokens")),
        ErrorKind::Forbidden(_) if is_restricted(error) => Some(page(web, "settings/applications")),
        _ => None,
    };
    let sentence = if is_restricted(error) {
        "the organization restricts third-party access: grant or request it under Settings, Applications on GitHub".to_owned()
    } else {
        error.to_string()
    };
    Health::failing(sentence, given.unwrap_or_default())
}

fn is_restricted(error: &GithubError) -> bool {
    error.message().is_some_and(|message| message.contains(RESTRICTED))
}

/// Who looks at what.
struct Looking<'a> {
    process: &'a dyn Process,
    site: &'a Site,
    /// As it is known by now.
    row: IntegrationRow,
    stamp: &'a Stamp,
}

impl Looking<'_> {
    fn web(&self) -> String {
        self.process.web_url(self.site).unwrap_or_default()
    }

    async fn health(&mut self) -> Result<Health, ActionError> {
        if self.row.auth_type != AuthType::App && self.row.app_account_id.is_some() {
            accounts::release(self.site.db(), &self.row.name).await?;
        }
        if !self.row.is_enabled {
            return Ok(Health::attention(
                "this integration is switched off: GitHub is asked nothing for its repositories",
                "",
            ));
        }
        match self.row.auth_type {
            AuthType::App => self.of_app().await,
            AuthType::OAuth | AuthType::Token => {
                let client = self.process.github_of(self.site, &self.row.of_integration()).await?;
                self.of_person(&client).await
            }
        }
    }

    async fn of_app(&mut self) -> Result<Health, ActionError> {
        let account = self.row.account_login.clone();
        let app = self.process.as_app(self.site).await?.ok_or_else(|| {
            ActionError::NotReady("no GitHub App is set up: enter its id and its private key in GitHub Settings".to_owned())
        })?;
        let login: Login = account.parse().map_err(|_| {
            ActionError::NotReady("this integration does not say for which account it is: make it again".to_owned())
        })?;
        let Some(found) = self.installed(&app, &login).await? else {
            let identity = self.process.github_app(self.site).await?;
            let web = url::Url::parse(&self.web()).ok();
            let install = identity.zip(web).and_then(|(app, web)| app.install_page(&web));
            return Ok(Health::failing(
                format!("the GitHub App is not installed in {account} any more: install it again"),
                install.unwrap_or_default(),
            ));
        };
        if let Some(health) = self.known(&found).await? {
            return Ok(health);
        }
        let account = &self.row.account_login;
        if found.suspended_at.is_some() {
            return Ok(Health::failing(
                format!("the GitHub App is suspended in {account}: have an owner of the account unsuspend it"),
                found.html_url,
            ));
        }
        if !found.pending(&app.github_app().await?.value).is_empty() {
            return Ok(Health::attention(
                format!(
                    "the GitHub App asks for more permissions than {account} has granted: have an owner of the account accept them"
                ),
                found.html_url,
            ));
        }
        let kind = found.account.as_ref().map_or(OwnerKind::Organization, |account| account.kind);
        match lacking(&found.permissions, kind, self.row.services).first() {
            Some((_, reason)) => Ok(Health::attention(reason.clone(), found.html_url)),
            None => Ok(Health::good()),
        }
    }

    /// The App in the account that is meant. One that GitHub told of is found by its number: the account may have been renamed, and its login be another's.
    async fn installed(&self, app: &Client, login: &Login) -> Result<Option<Installation>, ActionError> {
        let db = self.site.db();
        let Some(id) = installations::called(db, login.as_str(), &self.row.name).await? else {
            return Ok(app.installation_in_account(login).await?);
        };
        let Some(found) = app.installation(id).await? else {
            return Ok(app.installation_in_account(login).await?);
        };
        if let Some(account) = found.account.as_ref().filter(|account| account.login != login.as_str()) {
            accounts::renamed(db, self.stamp, account.id, (login.as_str(), &account.login)).await?;
        }
        Ok(Some(found))
    }

    /// The account is the integration's, where it is no other one's; so is the installation's document, and what was picked on GitHub. Else why not.
    async fn known(&mut self, found: &Installation) -> Result<Option<Health>, ActionError> {
        let db = self.site.db();
        let document = installations::with_id(db, found.id).await?.map(|row| row.name);
        if let Some(account) = &found.account {
            let noted = accounts::hold(db, self.stamp, &self.row, account, document.as_deref()).await?;
            let Some(noted) = noted else {
                let sentence = "it was saved while GitHub was asked: it is looked at again in a moment";
                return Ok(Some(Health::attention(sentence, "")));
            };
            (self.row.modified, self.row.account_login) = (noted.modified, account.login.clone());
            if !noted.holder.is_empty() {
                let sentence = held_already(&account.login, &noted.holder, &self.row.name);
                return Ok(Some(Health::failing(sentence, "")));
            }
        }
        let taken = repositories::adopt(db, self.stamp, &self.row.name, found.id).await?;
        written(self.site, &self.stamp.user, "Repository", &taken).await;
        Ok(None)
    }

    async fn of_person(&self, client: &Client) -> Result<Health, ActionError> {
        let web = self.web();
        let viewer = client.viewer().await?;
        let account = &self.row.account_login;
        if !account.is_empty() {
            let first = client.repositories_of(account).next().await?;
            let left_out = first
                .into_iter()
                .flat_map(|page| page.odd)
                .find(|odd| odd.reason.contains("single sign-on"));
            if let Some(odd) = left_out {
                return Ok(Health::attention(
                    format!("{odd}: authorise the credential with Configure SSO, again each time it was made anew"),
                    page(&web, "settings/tokens"),
                ));
            }
        }
        if let Some(health) = self.of_token(&viewer, &web) {
            return Ok(health);
        }
        if self.row.services.webhooks && self.row.account_type == OwnerKind::Organization.as_str() {
            let is_member = |one: &crate::domain::Membership| one.login.eq_ignore_ascii_case(account) && !one.is_owner;
            let Some(all) = memberships(client).await? else {
                return Ok(Health::attention(
                    format!(
                        "webhooks need an owner of {account}, and whether {} is one cannot be told: {NOT_TOLD}",
                        viewer.login
                    ),
                    page(&web, "settings/tokens"),
                ));
            };
            if all.iter().any(is_member) {
                return Ok(Health::attention(
                    format!(
                        "{} is a member of {account}, not an owner: all services but webhooks work. Connect as an owner, or switch webhooks off",
                        viewer.login
                    ),
                    page(&web, &format!("orgs/{account}/people")),
                ));
            }
        }
        Ok(Health::good())
    }

    /// What is wrong with a classic token, and when any ends.
    fn of_token(&self, viewer: &Viewer, web: &str) -> Option<Health> {
        // What a connection acts by is renewed by itself.
        if self.row.auth_type != AuthType::Token {
            return None;
        }
        let tokens = page(web, "settings/tokens");
        if let Some(ends) = viewer.expires_at.filter(|ends| *ends < self.stamp.now + SOON) {
            let day = self.stamp.zone.to_local(ends).format("%Y-%m-%d");
            return Some(Health::attention(
                format!("the token ends on {day}: enter a new one before that"),
                tokens,
            ));
        }
        let needs = scope_needs(viewer.scopes.as_deref()?);
        let wanted = |scope: &str| scope == "repo" || (scope == "admin:repo_hook" && self.row.services.webhooks);
        let missing = needs.iter().find(|need| !need.is_there && wanted(need.scope))?;
        let state = if missing.scope == "repo" {
            HealthState::Failing
        } else {
            HealthState::Attention
        };
        Some(Health {
            state,
            reason: format!(
                "the token lacks the scope {}: {} cannot be used with it",
                missing.scope, missing.service
            ),
            link: tokens,
        })
    }
}

/// Services that are switched on and lack a permission of the App, each with the reason.
pub(super) fn lacking(granted: &Grants, kind: OwnerKind, services: Services) -> Vec<(&'static str, String)> {
    let of = [
        ("repositories", Feature::Code, services.repositories),
        ("pull_requests", Feature::PullRequests, services.pull_requests),
        ("issues", Feature::Issues, services.issues),
    ];
    let on = of.into_iter().filter(|(.., is_on)| *is_on);
    on.filter_map(|(service, feature, _)| {
        let missing = feature.missing(granted, kind);
        missing.first().map(|missing| (service, missing.reason()))
    })
    .collect()
}
