//! `sync_user_github_profile`: what the caller's own account on GitHub shows.

use serde_json::{Value, json};

use crate::frappe::modified::modified;
use crate::store::claims;

use super::{ActionError, Call, linking};

/// Reads the profile, and notes the account's number and present spelling on the caller's User.
pub(super) async fn of_oneself(call: &Call<'_>) -> Result<Value, ActionError> {
    let user = &call.caller.user;
    let claimed = claims::of_user(call.site.db(), user).await?.unwrap_or_default();
    if claimed.login.is_empty() {
        return Err(ActionError::invalid(
            "GitHub username not set for current user: ask a GitHub Admin to link your User with your account",
        ));
    }
    let account = linking::account(&call.github().await?, &claimed.login).await?;
    let person = &account.person;
    if claimed.id.is_some() && claimed.id != person.id {
        return Err(ActionError::invalid(format!(
            "{} is somebody else on GitHub by now: ask a GitHub Admin to link your User anew",
            claimed.login
        )));
    }
    linking::link_account(call.site, user, user, person).await?;
    let modified = modified(call.site.db(), "User", user).await?;
    Ok(json!({"success": true, "github_info": account.profile, "modified": modified}))
}
