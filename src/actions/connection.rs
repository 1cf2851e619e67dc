//! `test_connection`, `get_github_username_by_email`: is the token good, and who is behind an address.

use serde_json::{Value, json};

use super::candidates::{self, is_address};
use super::{ActionError, Call};

/// Whose token it is. What is wrong with it is an answer, not an error: the button shows the sentence.
pub(super) async fn test(call: &Call<'_>) -> Result<Value, ActionError> {
    let viewer = match call.github().await {
        Ok(client) => client.viewer().await.map_err(ActionError::from),
        Err(error) => Err(error),
    };
    match viewer {
        Ok(viewer) => Ok(json!({"success": true, "user": viewer.login, "scopes": viewer.scopes})),
        Err(error @ (ActionError::Github(_) | ActionError::NotReady(_))) => {
            Ok(json!({"success": false, "error": error.to_string()}))
        }
        Err(other) => Err(other),
    }
}

/// Who shows this address in his profile. One is answered; where it is nobody, or several, all hits are offered (F-42).
pub(super) async fn username_by_email(call: &Call<'_>) -> Result<Value, ActionError> {
    let email = call.arguments.required(&["email"])?;
    if !is_address(&email) {
        return Ok(unanswered(&format!("`{email}` is not an e-mail address")));
    }
    let found = match candidates::of_address(&call.github().await?, &email).await {
        Err(ActionError::Github(error)) => return Ok(unanswered(&error.to_string())),
        found => found?,
    };
    let total = found.total;
    if let Some(person) = found.one() {
        return Ok(json!({"success": true, "github_username": person.login, "total_results": total}));
    }
    let error = match (found.logins.as_slice(), found.exact.len()) {
        ([], _) => {
            let error = format!("No GitHub user found with email: {email}");
            let mut answer = unanswered(&error);
            answer["total_results"] = total.into();
            return Ok(answer);
        }
        (_, 0) => format!("{total} GitHub users have a similar address, and none shows just this one; choose one"),
        (_, several) => format!("{several} GitHub users show this address; choose one"),
    };
    Ok(json!({"success": false, "error": error, "total_results": total, "candidates": found.logins}))
}

/// A failure as the Python app tells it here: in the answer (F-43).
fn unanswered(error: &str) -> Value {
    json!({"success": false, "error": error})
}
