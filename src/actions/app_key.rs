//! `desk.set_app_key`, `desk.remove_app_key`: the private key of the site's GitHub App, as an administrator enters it. It is answered to nobody.

use secrecy::SecretString;
use serde_json::{Value, json};

use crate::domain::GithubApp;
use crate::github::app::AppKey;
use crate::github::{ErrorKind, GithubError};

use super::{ActionError, Call};

/// What GitHub says of a key.
enum Word {
    /// It is the App's.
    Accepted(Box<GithubApp>),
    /// It is not, or the App is none.
    Refused,
    /// Nothing: why it was not asked, or did not answer.
    Nothing(String),
}

/// Keeps a key that GitHub accepts, and one that it cannot be asked about just now. One that it refuses is not kept: the key before it may be
/// the right one.
pub(super) async fn set(call: &Call<'_>) -> Result<Value, ActionError> {
    let pem = SecretString::from(call.arguments.required(&["key"])?);
    // What is no key at all is told before GitHub is asked.
    AppKey::from_pem(&pem).map_err(|error| ActionError::invalid(error.to_string()))?;
    let (app, reason) = match word(call, &pem).await? {
        Word::Accepted(app) => (Some(app), None),
        Word::Nothing(reason) => (None, Some(reason)),
        Word::Refused => {
            return Err(ActionError::invalid(
                "GitHub does not accept this key for the App that the settings name: compare App ID and App Client ID with the App's page on \
                 GitHub, and whether the key is listed there. Nothing was changed",
            ));
        }
    };
    let stored = call
        .services
        .store_app_key(call.site, &pem, app.as_deref(), &call.caller.user);
    let fingerprint = stored.await?;
    Ok(json!({
        "success": true,
        "fingerprint": fingerprint,
        "accepted": app.is_some(),
        "app": app.as_ref().map(|app| app.name.as_str()),
        "slug": app.as_ref().and_then(|app| app.slug.as_deref()),
        "reason": reason,
    }))
}

/// Forgets the key. The App on GitHub stays, and so does the key there.
pub(super) async fn remove(call: &Call<'_>) -> Result<Value, ActionError> {
    let was_there = call.services.remove_app_key(call.site, &call.caller.user).await?;
    Ok(json!({"success": true, "removed": was_there}))
}

async fn word(call: &Call<'_>, pem: &SecretString) -> Result<Word, ActionError> {
    let Some(client) = call.services.with_app_key(call.site, pem).await? else {
        return Ok(Word::Nothing(
            "the settings name no App yet: enter App ID, or App Client ID, and test the connection".to_owned(),
        ));
    };
    Ok(match client.github_app().await {
        Ok(app) => Word::Accepted(Box::new(app.value)),
        Err(error) if is_refused(&error) => Word::Refused,
        Err(error) => Word::Nothing(error.to_string()),
    })
}

/// An id that is no App's is refused as a key is that is not the App's.
fn is_refused(error: &GithubError) -> bool {
    matches!(error.kind(), ErrorKind::AppRefused | ErrorKind::NotFound(_))
}
