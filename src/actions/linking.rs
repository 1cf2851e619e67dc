//! `link_github_user_to_erp`: a User is an account on GitHub, and all rows of that account say so at once.

use serde_json::{Value, json};

use crate::domain::Person;
use crate::frappe::db::DbError;
use crate::frappe::modified::modified;
use crate::frappe::realtime::Event;
use crate::frappe::site::Site;
use crate::frappe::zone::frappe_text;
use crate::frappe::{pending, users};
use crate::github::{Account, Client, ErrorKind};
use crate::store::claims::{self, Claim};
use crate::store::{Stamp, installations, logins, readers, relink, tell};

use super::{ActionError, Call, lists};

/// What linking did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Linked {
    /// The User did not say so before.
    pub(super) is_new: bool,
    /// Rows of members, assignees and reviewers that name another user now.
    pub(super) rows: u64,
}

/// Links a user with an account that GitHub knows. What cannot be linked is told in the answer, as in the Python app (F-43).
pub(super) async fn link(call: &Call<'_>) -> Result<Value, ActionError> {
    let typed = call.arguments.required(&["github_username"])?;
    let user = call.arguments.required(&["erp_user", "user"])?;
    let client = call.github().await?;
    match linked(call, &client, &typed, &user).await {
        Err(error @ (ActionError::Invalid(_) | ActionError::Github(_))) => {
            Ok(json!({"success": false, "error": error.to_string()}))
        }
        answer => answer,
    }
}

async fn linked(call: &Call<'_>, client: &Client, typed: &str, user: &str) -> Result<Value, ActionError> {
    let account = account(client, typed).await?;
    let login = account.person.login.as_str();
    if !account.is_user {
        return Err(ActionError::invalid(format!(
            "{login} is an organisation or an app on GitHub: name the account of a person"
        )));
    }
    let linked = link_account(call.site, &call.caller.user, user, &account.person).await?;
    readers::settle(call.site).await?;
    Ok(json!({
        "success": true,
        "message": format!("GitHub username {login} linked successfully to user {user}"),
        "user": user,
        "github_username": login,
        "github_user_id": account.person.id.map(|id| id.to_string()),
        "changed": linked.is_new,
        "linked_rows": linked.rows,
        // The role that he has by now is a part of his document, too.
        "modified": modified(call.site.db(), "User", user).await?,
    }))
}

/// The account behind a login that somebody typed, perhaps as on GitHub's pages with an `@`.
pub(super) async fn account(client: &Client, typed: &str) -> Result<Account, ActionError> {
    let login = lists::login(typed.trim_start_matches('@'))?;
    match client.account(&login).await {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) => Err(ActionError::invalid(format!(
            "GitHub has no account {login}: check the login, which may have been renamed"
        ))),
        account => Ok(account?),
    }
}

/// Writes that `user` is `person`, in the name of `by`, and links that account's rows to him, as a sync does. Who reads what follows
/// from it is the caller's to settle.
pub(super) async fn link_account(site: &Site, by: &str, user: &str, person: &Person) -> Result<Linked, ActionError> {
    let login = &person.login;
    // Frappe keeps whole Users in its cache and writes them back.
    let cache = site.caches().ping().await;
    cache.map_err(|error| ActionError::NotReady(format!("the User {user} cannot be written just now: {error}")))?;
    let stamp = Stamp::now(site, by).await?;
    let claim = claims::claim(site.db(), &stamp, user, person).await?;
    match &claim {
        Claim::Made | Claim::Known => {}
        Claim::Taken(other) => {
            return Err(ActionError::invalid(format!(
                "{login} is linked to {other} already: clear the GitHub username of that User first"
            )));
        }
        Claim::NoUser => {
            return Err(ActionError::invalid(format!(
                "there is no enabled user {user}: write his name as in the list of Users, which is his e-mail address"
            )));
        }
    }
    Ok(follow_up(site, &stamp, user, person, claim == Claim::Made).await?)
}

/// What follows once `user` says that he is `person`: his cached copies are dropped, and that account's rows are linked to him. `is_new` where
/// he did not say so before.
pub(super) async fn follow_up(site: &Site, stamp: &Stamp, user: &str, person: &Person, is_new: bool) -> Result<Linked, DbError> {
    if is_new {
        if let Err(error) = pending::flush_drops(site).await {
            tracing::warn!(site = site.name(), error = %error, "cached users are dropped later");
        }
        let modified = frappe_text(stamp.local_now());
        site.tell(&[Event::doc_update("User", user, &modified)]).await;
    }
    let rows = relink_about(site, stamp, user, person).await?;
    // What he installed on GitHub before anybody knew him is his from now on; it is read soon.
    installations::adopt(site.db(), stamp).await?;
    installations::read_those_of(site.db(), user, stamp.now).await?;
    Ok(Linked { is_new, rows })
}

/// Rows of the account, and rows that named the user until now.
async fn relink_about(site: &Site, stamp: &Stamp, user: &str, person: &Person) -> Result<u64, DbError> {
    let db = site.db();
    let people = logins::people(db, &users::people(db).await?).await?;
    let mentions = logins::mentioned_about(db, person, user).await?;
    let relinked = relink(db, stamp, &people, &mentions).await?;
    tell(site, &stamp.user, &relinked.touched).await;
    Ok(relinked.rows)
}
