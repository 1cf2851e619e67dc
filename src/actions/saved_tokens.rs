//! A token that somebody entered on a Repository is tried at once: the form says whose it is and what it cannot do. Nothing is kept from being saved.

use serde_json::Value;

use crate::domain::RepoName;
use crate::frappe::realtime::Event;
use crate::frappe::site::Site;
use crate::frappe::zone::SiteZone;
use crate::github::Client;
use crate::store::own_tokens::{self, NewToken};

use super::{ActionError, Services, connection};

/// Looks at all tokens that are new, and notes what came of it.
///
/// # Errors
/// When the database cannot be used.
pub(super) async fn look(services: &dyn Services, site: &Site) -> Result<(), ActionError> {
    for token in own_tokens::unlooked(site.db()).await? {
        if token.mark.is_empty() {
            own_tokens::note(site.db(), &token, "").await?;
        } else {
            match found_out(services, site, &token).await? {
                Found::Said(note) => own_tokens::note(site.db(), &token, &note).await?,
                Found::NotYet(reason) => {
                    own_tokens::not_yet(site.db(), &token, &reason).await?;
                    continue;
                }
            }
        }
        site.tell(&[Event::doc_update("Repository", &token.repository, &token.modified)])
            .await;
    }
    Ok(())
}

/// What came of trying a token.
enum Found {
    /// Sentences.
    Said(String),
    /// It could not be tried, for a reason that passes: the next look tries it.
    NotYet(String),
}

/// What GitHub says of a token.
async fn found_out(services: &dyn Services, site: &Site, token: &NewToken) -> Result<Found, ActionError> {
    let tested = match services.github_for(site, &token.repository).await {
        Ok(client) => tested(&client, token, site.zone().await?).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &tested
        && passes(error)
    {
        return Ok(Found::NotYet(format!(
            "{error}\nThe token was not tried; it is tried again by itself."
        )));
    }
    Ok(Found::Said(in_words(&connection::answer(tested)?)))
}

/// Whether the reason lies in the moment, or in a switch, and not in the token.
fn passes(error: &ActionError) -> bool {
    match error {
        ActionError::Github(error) => error.may_pass() || error.is_stopped() || error.until().is_some(),
        ActionError::NotReady(_) => true,
        _ => false,
    }
}

/// Whose token it is, what it can be used for, and whether it shows the repository that it was entered for.
async fn tested(client: &Client, token: &NewToken, zone: SiteZone) -> Result<Value, ActionError> {
    let mut answer = connection::tested(client, zone).await?;
    let Ok(name) = token.repository.parse::<RepoName>() else {
        return Ok(answer);
    };
    match client.repository(&name).await {
        Ok(_) => {}
        Err(error) if error.status() == Some(404) => {
            let note =
                format!("GitHub does not show {name} to this token: give it access to the repository, or nothing of it is read");
            if let Some(notes) = answer["notes"].as_array_mut() {
                notes.insert(0, note.into());
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(answer)
}

/// The answer of a test in sentences, one a line.
fn in_words(answer: &Value) -> String {
    let text = |key: &str| answer[key].as_str().map(str::to_owned);
    let mut lines: Vec<String> = ["message", "error"].into_iter().filter_map(text).collect();
    // To the second.
    lines.extend(text("ends").map(|at| format!("It ends at {}.", at.split('.').next().unwrap_or_default())));
    lines.extend(text("sso_url").map(|url| format!("Authorise it for the organisation: {url}")));
    let notes = answer["notes"].as_array().into_iter().flatten();
    lines.extend(notes.filter_map(Value::as_str).map(str::to_owned));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whatever_came_of_it_is_said_in_lines() {
        let answer =
            json!({"message": "Successfully connected via mona", "ends": "2027-01-01 00:00:00.000000", "notes": ["a", "b"]});
        assert_eq!(
            in_words(&answer),
            "Successfully connected via mona\nIt ends at 2027-01-01 00:00:00.\na\nb"
        );
        assert_eq!(in_words(&json!({"success": false, "error": "no"})), "no");
    }
}
