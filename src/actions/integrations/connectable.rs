//! `desk.connectable_organizations`: for which accounts the caller can make an integration, by each way; and what helps where one is missing.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::{Value, json};

use crate::domain::{AuthType, ConnectableAccount, Membership, OwnerKind, VisibleInstallation};
use crate::github::{Client, ErrorKind, GithubError};
use crate::store::integration_documents::{self as documents, IntegrationRow};

use super::super::connection;
use super::super::switched_on::why_off;
use super::super::{ActionError, Call};
use super::{Listed, MOST, all, page, troubleshooting};

/// Why nobody knows who is an owner.
pub(super) const NOT_TOLD: &str =
    "GitHub does not tell this credential which organizations it belongs to (a classic token needs the scope read:org)";

/// Whom GitHub shows, and what it leaves out.
pub(super) struct Found {
    /// Accounts, by login.
    pub(super) accounts: Vec<ConnectableAccount>,
    /// What GitHub left out, in sentences.
    pub(super) left_out: Vec<String>,
    /// Organizations of whose repositories GitHub shows none.
    pub(super) silent: Vec<String>,
    /// Login of who asks.
    pub(super) login: String,
}

/// The list that the wizard shows. Where something has to be done first, `needs` says what: `app`, `connection`.
pub(in crate::actions) async fn list(call: &Call<'_>) -> Result<Value, ActionError> {
    let way = call.auth_type()?;
    let web = call.services.web_url(call.site)?;
    let tested = match way {
        AuthType::Token => {
            call.require_switched_on_or_new().await?;
            let token = token(call)?;
            let client = call.services.github_with(call.site, &token).await?;
            Some(connection::answer(
                connection::tested(&client, call.site.zone().await?).await,
            )?)
        }
        AuthType::App | AuthType::OAuth => None,
    };
    if let Some(tested) = tested.as_ref().filter(|tested| tested["success"] != true) {
        return Ok(json!({"test": tested, "organizations": [], "troubleshooting": []}));
    }
    let found = match find(call, way).await {
        Ok(found) => found,
        Err(ActionError::ConnectGithub(sentence)) => return Ok(json!({"needs": "connection", "reason": sentence})),
        Err(ActionError::NotReady(sentence)) if way != AuthType::Token => {
            return Ok(json!({"needs": "app", "reason": sentence}));
        }
        Err(error) => return Err(error),
    };
    let known = documents::all(call.site.db()).await?;
    let organizations: Vec<Value> = found.accounts.iter().map(|account| shown(account, way, &known)).collect();
    Ok(json!({
        "login": found.login,
        "test": tested,
        "organizations": organizations,
        "hints": found.left_out,
        "troubleshooting": troubleshooting::list(call, (way, &web), &found).await?,
    }))
}

/// The token that was pasted. It is used and stored, and never answered.
pub(super) fn token(call: &Call<'_>) -> Result<SecretString, ActionError> {
    Ok(SecretString::from(call.arguments.required(&["token"])?))
}

/// The accounts that the caller can connect.
pub(super) async fn find(call: &Call<'_>, way: AuthType) -> Result<Found, ActionError> {
    if way == AuthType::Token {
        call.require_switched_on_or_new().await?;
        let client = call.services.github_with(call.site, &token(call)?).await?;
        return of_person(&client).await;
    }
    if way == AuthType::App && call.services.github_app(call.site).await?.is_none() {
        return Err(ActionError::NotReady(
            "there is no GitHub App yet: create one on GitHub, or enter one in GitHub Settings".to_owned(),
        ));
    }
    if let Some(off) = why_off(call.site).await? {
        return Err(ActionError::invalid(off));
    }
    call.grants().await?;
    let personal = call.services.github_as(call.site, &call.user_id()?).await?;
    let personal = personal.ok_or_else(|| {
        ActionError::ConnectGithub("connect GitHub first: what you see there decides what can be connected here".to_owned())
    })?;
    if way == AuthType::OAuth {
        return of_person(&personal.client).await;
    }
    let listed = all(personal.client.visible_installations()).await?;
    let left_out = said(&listed, "installations");
    let mut accounts: Vec<ConnectableAccount> = listed.items.iter().filter_map(of_installation).collect();
    accounts.sort_by_key(|account| account.login.to_lowercase());
    Ok(Found {
        accounts,
        left_out,
        silent: Vec::new(),
        login: personal.account.login,
    })
}

fn of_installation(one: &VisibleInstallation) -> Option<ConnectableAccount> {
    let account = one.account.as_ref()?;
    let suspended = format!(
        "the App is suspended in {}: have an owner of the account unsuspend it",
        account.login
    );
    Some(ConnectableAccount {
        login: account.login.clone(),
        id: account.id,
        kind: account.kind,
        avatar_url: account.avatar_url.clone(),
        installation: Some(one.id),
        is_owner: None,
        hindrance: one.suspended_at.map(|_| (suspended, one.url.clone())),
    })
}

/// A person's own account and his organisations. Where his token may not list these, those whose repositories it reaches.
async fn of_person(client: &Client) -> Result<Found, ActionError> {
    let own = client.own_account().await?;
    let mut by_login = BTreeMap::new();
    let mut left_out = Vec::new();
    let mut add = |account: ConnectableAccount| {
        by_login.entry(account.login.to_lowercase()).or_insert(account);
    };
    add(ConnectableAccount {
        login: own.login.clone(),
        id: own.id,
        kind: OwnerKind::User,
        avatar_url: own.avatar_url,
        installation: None,
        is_owner: Some(true),
        hindrance: None,
    });
    let mut silent = Vec::new();
    match memberships(client).await? {
        Some(memberships) => {
            let there = memberships.iter().filter(|one| !one.is_pending);
            silent.extend(there.map(|one| one.login.clone()));
            memberships.iter().map(|one| of_membership(client, one)).for_each(&mut add);
        }
        None => left_out.push(format!("{NOT_TOLD}: those are shown whose repositories it reaches")),
    }
    let listed = all(client.repositories_reached()).await?;
    left_out.extend(said(&listed, "repositories"));
    let owns_one = |login: &String| listed.items.iter().any(|one| one.owner.login.eq_ignore_ascii_case(login));
    silent.retain(|login| !listed.is_cut && !owns_one(login));
    for owner in listed.items.into_iter().map(|repository| repository.owner) {
        add(ConnectableAccount {
            login: owner.login,
            id: owner.id,
            kind: owner.kind,
            avatar_url: owner.avatar_url,
            installation: None,
            is_owner: None,
            hindrance: None,
        });
    }
    Ok(Found {
        accounts: by_login.into_values().collect(),
        left_out,
        silent,
        login: own.login,
    })
}

/// What GitHub left out of a list, and that it is cut.
fn said<T>(listed: &Listed<T>, what: &str) -> Vec<String> {
    let mut sentences = listed.left_out.clone();
    if listed.is_cut {
        sentences.push(format!(
            "GitHub has more than {MOST} {what}: accounts of the first ones are shown"
        ));
    }
    sentences
}

fn of_membership(client: &Client, one: &Membership) -> ConnectableAccount {
    let invited = || {
        let sentence = format!("you were invited to {} and have not accepted yet", one.login);
        (
            sentence,
            page(client.hosts().web.as_str(), &format!("orgs/{}/invitation", one.login)),
        )
    };
    ConnectableAccount {
        hindrance: one.is_pending.then(invited),
        login: one.login.clone(),
        id: one.id,
        kind: OwnerKind::Organization,
        avatar_url: one.avatar_url.clone(),
        installation: None,
        is_owner: Some(one.is_owner),
    }
}

/// The organisations of whoever the credential belongs to; none where GitHub does not tell it.
pub(super) async fn memberships(client: &Client) -> Result<Option<Vec<Membership>>, GithubError> {
    match all(client.memberships()).await {
        Ok(listed) => Ok(Some(listed.items)),
        Err(error) if matches!(error.kind(), ErrorKind::Forbidden(_) | ErrorKind::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The integration through the App for that account: the one that holds it, else one whose number nobody looked up yet.
pub(super) fn connected<'a>(account: &ConnectableAccount, known: &'a [IntegrationRow]) -> Option<&'a IntegrationRow> {
    let of_app = || known.iter().filter(|one| one.auth_type == AuthType::App);
    let is_called_so = |one: &IntegrationRow| one.account_login.eq_ignore_ascii_case(&account.login);
    let holder = of_app().find(|one| one.app_account_id == Some(account.id));
    holder.or_else(|| of_app().find(|one| one.app_account_id.is_none() && is_called_so(one)))
}

fn shown(account: &ConnectableAccount, way: AuthType, known: &[IntegrationRow]) -> Value {
    let connected = connected(account, known).filter(|_| way == AuthType::App);
    let (reason, link) = match (connected, &account.hindrance) {
        (Some(one), _) => (Some(format!("connected already, as {}", one.name)), None),
        (None, Some((reason, link))) => (Some(reason.clone()), Some(link.as_str())),
        (None, None) => (None, None),
    };
    let is_member = account.kind == OwnerKind::Organization && account.is_owner == Some(false);
    json!({
        "login": account.login,
        "id": account.id.to_string(),
        "type": account.kind.as_str(),
        "avatar_url": account.avatar_url,
        "connected": connected.map(|one| one.name.as_str()),
        "selectable": reason.is_none(),
        "reason": reason,
        "link": link,
        "note": is_member.then_some("you are a member, not an owner: all services but webhooks"),
    })
}
