//! Changing something on GitHub: written down, sent once, settled, mirrored.
//!
//! A row of `GitHub Write` is committed before the request leaves, and says afterwards what became of it. Where the answer is lost, GitHub
//! is read: what is there is taken for done; what is not there is waited for a while, because a request may still be on its way, and then
//! taken for not done. A second press with the same content meets the row of the first. Nothing is sent twice for one press.

pub(super) mod batch;
mod landed;
mod mirror;
mod press;
mod settle;

pub use settle::{is_unsettled, settle_site};

use serde_json::Value;
use tokio::sync::oneshot;

use crate::domain::RepoName;
use crate::frappe::site::Site;
use crate::github::{Client, GithubError, Write};

use super::{ActionError, Call};

/// Who changes what, where. It owns all that it needs, because it goes on when whoever asked hangs up.
#[derive(Clone)]
pub(super) struct Writing {
    /// The site that it is asked for on.
    pub(super) site: Site,
    /// GitHub, in the name of the site's credential.
    pub(super) client: Client,
    /// Who asks.
    pub(super) user: String,
    /// Where.
    pub(super) repository: RepoName,
}

/// One press of a button.
#[derive(Debug, Clone)]
pub(super) struct Press {
    /// What is to be done.
    pub(super) write: Write,
    /// Account on GitHub behind the token; none where it is none.
    pub(super) acting_login: Option<String>,
    /// Task that it is made from.
    pub(super) task: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// What GitHub answered, or shows now; null where it has no form.
    pub(super) answer: Value,
    /// Name of the mirrored document.
    pub(super) document: Option<String>,
    /// `modified` of the Task, when it was linked.
    pub(super) task_modified: Option<String>,
    /// What was done on GitHub and not here, as a sentence.
    pub(super) warning: Option<String>,
}

/// What to do on GitHub, the site and the caller being those of the call.
pub(super) async fn writing(call: &Call<'_>, repository: RepoName) -> Result<Writing, ActionError> {
    Ok(Writing {
        site: call.site.clone(),
        client: call.github().await?,
        user: call.caller.user.clone(),
        repository,
    })
}

/// Does what was pressed, whatever becomes of the call.
pub(super) async fn press(call: &Call<'_>, writing: Writing, press: Press) -> Result<Outcome, ActionError> {
    let (tell, told) = oneshot::channel();
    call.services.go_on(Box::pin(async move {
        if let Err(Err(error)) = tell.send(writing.carry_out(&press).await) {
            // Nobody waits any more; the row says it, too.
            tracing::warn!(site = writing.site.name(), error = %error, "a write to GitHub failed");
        }
    }));
    let lost = |_| {
        Err(ActionError::invalid(
            "the program was stopped; look into GitHub Write for what became of this",
        ))
    };
    told.await.unwrap_or_else(lost)
}

/// Login behind the token; none where it is no account's.
pub(super) async fn acting_login(client: &Client) -> Result<Option<String>, GithubError> {
    match client.viewer().await {
        Ok(viewer) => Ok(Some(viewer.login)),
        Err(error) if error.status() == Some(403) && error.until().is_none() => Ok(None),
        Err(error) => Err(error),
    }
}
