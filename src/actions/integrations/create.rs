//! `desk.create_integrations`: one integration for each account that was chosen.

use secrecy::SecretString;
use serde_json::{Value, json};

use crate::domain::text::cut_chars;
use crate::domain::{AuthType, ConnectableAccount, Services};
use crate::frappe::encryption_key::{self, EncryptionKey};
use crate::store::integration_documents::{self as documents, IntegrationRow, NewIntegration};
use crate::store::{Stamp, installations};

use super::super::{ActionError, Call};
use super::connectable::{connected, find, token};
use super::{check, written_integration};

/// Letters of a name.
const NAME: usize = 140;
/// Accounts of one call.
const MOST: usize = 50;

/// What all of one call have in common.
struct Making<'a> {
    call: &'a Call<'a>,
    way: AuthType,
    stamp: Stamp,
    services: Services,
    token: Option<(EncryptionKey, SecretString)>,
    name: String,
    several: bool,
}

/// Makes them, each on its own; says which were made, and why others were not.
pub(in crate::actions) async fn create(call: &Call<'_>) -> Result<Value, ActionError> {
    let way = call.auth_type()?;
    let chosen = call.arguments.texts("organizations")?;
    if chosen.is_empty() || chosen.len() > MOST {
        return Err(ActionError::invalid(format!("choose 1 to {MOST} organizations")));
    }
    let name = call.arguments.text("name").unwrap_or_default();
    if way != AuthType::App && name.is_empty() {
        return Err(ActionError::invalid("`name` is missing: call the integration as you like"));
    }
    let token = match way {
        AuthType::Token => Some((key(call)?, token(call)?)),
        AuthType::App | AuthType::OAuth => None,
    };
    let found = find(call, way).await?;
    let making = Making {
        call,
        way,
        stamp: Stamp::now(call.site, call.caller.user.as_str()).await?,
        services: services(call)?,
        token,
        name,
        several: chosen.len() > 1,
    };
    let known = documents::all(call.site.db()).await?;
    let (mut made, mut failures) = (Vec::new(), Vec::new());
    for login in chosen {
        let account = found.accounts.iter().find(|one| one.login.eq_ignore_ascii_case(&login));
        match making.one(account, &login, &known).await? {
            Ok(name) => made.push(json!({"name": name, "organization": login})),
            Err(reason) => failures.push(json!({"organization": login, "reason": reason})),
        }
    }
    Ok(json!({"success": !made.is_empty(), "integrations": made, "failures": failures}))
}

fn key(call: &Call<'_>) -> Result<EncryptionKey, ActionError> {
    encryption_key::ensure(call.site.config()).map_err(|error| ActionError::NotReady(error.to_string()))
}

/// What is switched on; all where nothing is said.
fn services(call: &Call<'_>) -> Result<Services, ActionError> {
    let words = call.arguments.texts("services")?;
    if words.is_empty() && !call.arguments.is_empty_list("services") {
        return Ok(Services::default());
    }
    let known = ["repositories", "pull_requests", "issues", "webhooks"];
    if let Some(odd) = words.iter().find(|word| !known.contains(&word.as_str())) {
        return Err(ActionError::invalid(format!(
            "there is no service {odd}: services are repositories, pull_requests, issues and webhooks"
        )));
    }
    let is_on = |name: &str| words.iter().any(|word| word == name);
    Ok(Services {
        repositories: is_on("repositories"),
        pull_requests: is_on("pull_requests"),
        issues: is_on("issues"),
        webhooks: is_on("webhooks"),
    })
}

impl Making<'_> {
    /// Makes one; its name, or why not.
    async fn one(
        &self,
        account: Option<&ConnectableAccount>,
        login: &str,
        known: &[IntegrationRow],
    ) -> Result<Result<String, String>, ActionError> {
        let Some(account) = account else {
            return Ok(Err(format!("GitHub does not show {login} to you")));
        };
        if let Some((reason, _)) = &account.hindrance {
            return Ok(Err(reason.clone()));
        }
        let is_app = self.way == AuthType::App;
        if let Some(one) = connected(account, known).filter(|_| is_app) {
            return Ok(Err(format!("{login} is connected already, as {}", one.name)));
        }
        let name = self.name_for(account, known);
        let db = self.call.site.db();
        let installation = match account.installation {
            Some(id) => installations::with_id(db, id).await?,
            None => None,
        };
        let new = NewIntegration {
            name: &name,
            auth_type: self.way,
            account,
            installation: installation.as_ref().map(|row| row.name.as_str()),
            services: self.services,
            token: self.token.as_ref().map(|(key, token)| (key, token)),
        };
        if !documents::insert(db, &self.stamp, &new).await? {
            return Ok(Err(format!(
                "there is a GitHub Integration {name} already: choose another name"
            )));
        }
        written_integration(self.call.site, &self.stamp.user, &name).await;
        if let Some(row) = documents::named(db, &name).await? {
            // It is made, whatever GitHub answers just now; the schedule looks again.
            if let Err(error @ ActionError::Db(_)) = check::look(self.call.services, self.call.site, &row, &self.stamp).await {
                return Err(error);
            }
        }
        Ok(Ok(name))
    }

    /// Through the App it is called like the account; else as somebody says, with the account where there are several.
    fn name_for(&self, account: &ConnectableAccount, known: &[IntegrationRow]) -> String {
        let wanted = match self.way {
            AuthType::App => account.login.clone(),
            _ if self.several => format!("{} - {}", self.name, account.login),
            _ => self.name.clone(),
        };
        let is_taken = known.iter().any(|one| one.name.eq_ignore_ascii_case(&wanted));
        let name = if is_taken && self.way == AuthType::App {
            format!("{wanted} (GitHub App)")
        } else {
            wanted
        };
        cut_chars(&name, NAME).to_owned()
    }
}
