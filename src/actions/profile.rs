//! `sync_user_github_profile`: what the caller's own account on GitHub shows.
//!
//! Fields of ours are written here; those of Frappe through the bench, as the caller.

use serde_json::{Value, json};

use crate::frappe::bench_http::{BenchHttpError, Document};
use crate::frappe::modified::modified;
use crate::github::Account;
use crate::store::claims;

use super::{ActionError, Call, linking};

/// Fields of User that GitHub's profile has under the same names. The full name is not among them: Frappe makes it of the parts that a User
/// must have.
const FIELDS: [&str; 2] = ["bio", "location"];

/// Reads the profile, fills what is empty on the caller's User, and notes the account's number and present spelling on the caller's User.
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
    let filled = fill(call, &account).await;
    let modified = modified(call.site.db(), "User", user).await?;
    let mut answer = json!({"success": true, "github_info": account.profile, "modified": modified});
    match filled {
        Ok(filled) => answer["filled"] = json!(filled),
        // What GitHub shows is the answer all the same.
        Err(error) => {
            answer["filled"] = json!([]);
            answer["warning"] = format!("your User was not filled from it: {error}").into();
        }
    }
    Ok(answer)
}

/// Fills what is empty, and gives the names of those fields. Where that is nothing, the bench is only asked.
async fn fill(call: &Call<'_>, account: &Account) -> Result<Vec<&'static str>, BenchHttpError> {
    let shown: Vec<(&str, &str)> = FIELDS
        .into_iter()
        .filter_map(|field| Some((field, account.text(field)?)))
        .collect();
    if shown.is_empty() {
        return Ok(Vec::new());
    }
    let (bench, user) = (call.site.bench()?, call.caller.user.as_str());
    let stored = bench.read(call.caller, "User", user).await?;
    let is_empty = |field: &str| {
        stored
            .get(field)
            .and_then(Value::as_str)
            .is_none_or(|text| text.trim().is_empty())
    };
    let (mut filled, mut values) = (Vec::new(), Document::new());
    for (field, text) in shown.into_iter().filter(|(field, _)| is_empty(field)) {
        filled.push(field);
        values.insert(field.to_owned(), text.into());
    }
    if !filled.is_empty() {
        bench.update(call.caller, ("User", user), &values).await?;
    }
    Ok(filled)
}
