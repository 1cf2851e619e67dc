//! In whose name something is changed on GitHub: of whoever presses, where he has connected his account; else of the App or the stored
//! token, where the site allows it.

use crate::domain::{Person, RepoName, Service};
use crate::github::{Acting, Client, GithubError};
use crate::store::settings::Settings;
use crate::store::writes::{ActingAs, WriteRow};
use crate::sync::{Personal, SyncContext};

use super::super::{ActionError, Call};

/// Who changes something.
#[derive(Debug, Clone)]
pub(in crate::actions) struct Actor {
    /// Asks in his name.
    pub(in crate::actions) client: Client,
    /// His account, where it is known already: by GitHub's number, where he is a person.
    pub(in crate::actions) account: Option<Person>,
    /// Whose name that is.
    pub(in crate::actions) acting_as: ActingAs,
}

/// In whose name `call` changes something of `service` in `repository`.
///
/// # Errors
/// [`ActionError::ConnectGithub`] where the caller has to connect his account first; others where the credential cannot be used.
pub(in crate::actions) async fn actor(call: &Call<'_>, repository: &RepoName, service: Service) -> Result<Actor, ActionError> {
    call.services.require_service(call.site, repository.as_str(), service).await?;
    if let Some(user) = call.caller.user_id()
        && let Some(Personal { client, account }) = call.services.github_as(call.site, &user).await?
    {
        return Ok(Actor {
            client,
            account: Some(account),
            acting_as: ActingAs::User,
        });
    }
    if !Settings::read(call.site.db()).await?.act_without_connection {
        return Err(ActionError::ConnectGithub(format!(
            "on this site everybody acts on GitHub in his own name: connect your account first, with the button Connect GitHub on your User ({})",
            call.caller.user
        )));
    }
    let client = call.services.github_to_write(call.site, repository.as_str()).await?;
    Ok(Actor {
        acting_as: stored(&client),
        client,
        account: None,
    })
}

/// In whose name, to be compared: the way, and the account by GitHub's number, by its login where the number is not known; empty where it is no account's.
pub(in crate::actions) fn name_of(acting_as: ActingAs, account: Option<&Person>) -> (&'static str, String) {
    let known = |account: &Person| account.id.map_or_else(|| account.login.to_lowercase(), |id| id.to_string());
    (acting_as.as_str(), account.map(known).unwrap_or_default())
}

/// In whose name a stored credential acts.
pub(super) fn stored(client: &Client) -> ActingAs {
    match client.acting() {
        Acting::Person => ActingAs::Token,
        Acting::App | Acting::Installation { .. } => ActingAs::App,
    }
}

/// GitHub in the name in which `row` was written down: it is gone on with in that name, or not at all.
///
/// # Errors
/// Where whoever asked for it has no connection any more, or has connected another account since.
pub(super) async fn of_row(context: &SyncContext, row: &WriteRow, repository: &RepoName) -> Result<Client, ActionError> {
    if row.acting_as != Some(ActingAs::User) {
        let reached = context.reach.of_repository(repository.as_str()).await?;
        if reached.is_lent {
            return Err(GithubError::no_grant(format!(
                "{repository} is read by the connection of a person now, and nothing is changed in his name: connect your account and press again"
            ))
            .into());
        }
        return Ok(reached.client.like(&context.client));
    }
    let Personal { client, account } = context.reach.as_person(&row.asked_by).await?;
    let before = row.acting.as_ref();
    let name = before.map_or("", |before| before.login.as_str());
    let has_connected = match before.and_then(|before| before.id) {
        // A login may be another's by now: the number says who it is.
        Some(id) if account.id == Some(id) => return Ok(client.like(&context.client)),
        Some(_) if account.login.eq_ignore_ascii_case(name) => {
            format!("has connected another account, which is called {name} by now")
        }
        None if account.login.eq_ignore_ascii_case(name) => return Ok(client.like(&context.client)),
        _ => format!("has connected {} since", account.login),
    };
    Err(GithubError::no_grant(format!(
        "{} began this as {name} on GitHub and {has_connected}: it is not gone on with in another name; press again with what failed alone",
        row.asked_by
    ))
    .into())
}

/// Refuses to send what `row` stands for in another name than it says: by a token of another account, or by the App what a token began. It fails, and is not
/// sent with the true name written down, because whoever pressed was told in whose name it would be, and a token that was replaced may be a person's.
///
/// # Errors
/// Where the name is another one, or GitHub does not say whose it is.
pub(super) async fn still_the_same(client: &Client, row: &WriteRow) -> Result<(), ActionError> {
    // A person's is held to his number by [`of_row`]; of what was begun before names were noted nobody knows.
    let Some(before @ (ActingAs::App | ActingAs::Token)) = row.acting_as else {
        return Ok(());
    };
    let began = row.acting.as_ref().map(|account| account.login.as_str());
    let account = super::acting(client).await?;
    let (now, goes_on) = (stored(client), account.as_ref().map(|account| account.login.as_str()));
    let is_same = match (began, goes_on) {
        (Some(began), Some(goes_on)) => began.eq_ignore_ascii_case(goes_on),
        (None, None) => true,
        _ => false,
    };
    if before == now && is_same {
        return Ok(());
    }
    Err(GithubError::no_grant(format!(
        "this was begun by {}, and would be sent by {} by now: it is not gone on with in another name; press again with what failed alone",
        called(before, began),
        called(now, goes_on)
    ))
    .into())
}

/// A credential in a sentence.
fn called(acting_as: ActingAs, login: Option<&str>) -> String {
    match (acting_as, login) {
        (ActingAs::App, None) => "the GitHub App".to_owned(),
        (ActingAs::App, Some(login)) => format!("the GitHub App as {login}"),
        (_, None) => "a token that is no account's".to_owned(),
        (_, Some(login)) => format!("a token of {login}"),
    }
}
