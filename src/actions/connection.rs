//! `test_connection`, `get_github_username_by_email`: is the token good, and who is behind an address.

use serde_json::{Value, json};

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

/// Who shows this address in his profile. One hit is offered; several are named, because a search guesses (F-42).
pub(super) async fn username_by_email(call: &Call<'_>) -> Result<Value, ActionError> {
    let email = call.arguments.required(&["email"])?;
    if !is_address(&email) {
        return Err(ActionError::invalid(format!("`{email}` is not an e-mail address")));
    }
    let found = call.github().await?.accounts_with_address(&email).await?;
    let total = found.total;
    Ok(match found.logins.as_slice() {
        [] => json!({"success": false, "error": format!("No GitHub user found with email: {email}"), "total_results": total}),
        [login] if total == 1 => json!({"success": true, "github_username": login, "total_results": total}),
        several => json!({
            "success": false,
            "error": format!("{total} GitHub users may have this address; choose one"),
            "total_results": total,
            "candidates": several,
        }),
    })
}

/// One `@` with something on both sides, and nothing that a search would read as a word of its own.
fn is_address(text: &str) -> bool {
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | ':');
    match text.split_once('@') {
        Some((name, host)) => !name.is_empty() && host.contains('.') && !host.contains('@') && !text.chars().any(odd),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f42_only_an_address_is_searched_for() {
        for good in ["a@b.co", "jane+tag@x.example.com"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "a", "a@b", "@b.co", "a@b.co repo:x/y", "a@b.co\" in:login", "user:x@b.co"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
