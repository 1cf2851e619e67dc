//! Changing something on GitHub: written down, sent once, settled, mirrored.
//!
//! A row of `GitHub Write` is committed before the request leaves, and says afterwards what became of it. Where the answer is lost, GitHub
//! is read: what is there is taken for done; what is not there is waited for a while, because a request may still be on its way, and then
//! taken for not done. A second press with the same content meets the row of the first. Nothing is sent twice for one press.
//!
//! A repository is named to GitHub, and its name may be another's by now: `identity` holds it to its number before anything is sent or
//! looked for.

mod actor;
pub(super) mod batch;
mod identity;
mod landed;
mod mirror;
mod press;
mod settle;

pub(super) use actor::{Actor, actor, name_of};
pub use settle::{is_unsettled, settle_site};

use serde_json::Value;
use tokio::sync::oneshot;

use crate::domain::{Person, RepoName, Service};
use crate::frappe::site::Site;
use crate::github::{Client, GithubError, Write};
use crate::store::writes::ActingAs;
use crate::sync::SyncContext;

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
    /// Which repository that is on GitHub; none in what was begun before that was noted.
    pub(super) repository_id: Option<u64>,
    /// Account on GitHub behind the token; none where it is none.
    pub(super) acting: Option<Person>,
    /// In whose name.
    pub(super) acting_as: ActingAs,
}

/// One press of a button.
#[derive(Debug, Clone)]
pub(super) struct Press {
    /// What is to be done.
    pub(super) write: Write,
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
    /// What was done on GitHub and not here, or in another name, as a sentence.
    pub(super) warning: Option<String>,
}

impl Outcome {
    /// Says one thing more.
    pub(super) fn warn(&mut self, sentence: &str) {
        let warning = self.warning.get_or_insert_default();
        if !warning.is_empty() {
            warning.push_str("; ");
        }
        warning.push_str(sentence);
    }
}

/// Gets ready to change something in a repository that is mirrored here: whose token it is, and that the name is that repository's still.
pub(super) async fn writing(call: &Call<'_>, repository: RepoName, service: Service) -> Result<Writing, ActionError> {
    let actor = actor(call, &repository, service).await?;
    let (acting, repository_id) = who_and_where(call, &actor, &repository).await?;
    Ok(Writing {
        site: call.site.clone(),
        client: actor.client,
        user: call.caller.user.clone(),
        repository,
        repository_id: Some(repository_id),
        acting,
        acting_as: actor.acting_as,
    })
}

impl Writing {
    /// The same for work that nobody waits for; the repository is known by its number.
    ///
    /// # Errors
    /// When another repository has the name by now, or GitHub cannot tell.
    pub(super) async fn of_context(context: &SyncContext, repository: RepoName, known: Option<u64>) -> Result<Self, ActionError> {
        let id = identity::confirmed(&context.client, &repository, known).await?;
        Ok(Self {
            site: context.site.clone(),
            client: context.client.clone(),
            user: context.user.to_string(),
            repository,
            repository_id: Some(id),
            acting: acting(&context.client).await?,
            acting_as: actor::stored(&context.client),
        })
    }
}

/// The account behind the token, and the number of the repository, which is the one that is mirrored under that name.
pub(super) async fn who_and_where(
    call: &Call<'_>,
    actor: &Actor,
    repository: &RepoName,
) -> Result<(Option<Person>, u64), ActionError> {
    let known = identity::known(call.site.db(), repository).await?;
    let account = async {
        match &actor.account {
            Some(account) => Ok(Some(account.clone())),
            None => Ok(acting(&actor.client).await?),
        }
    };
    tokio::try_join!(account, identity::confirmed(&actor.client, repository, known))
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

/// Who is behind the token, by his login; none where it is no account's.
async fn acting(client: &Client) -> Result<Option<Person>, GithubError> {
    match client.known_viewer().await {
        Ok(viewer) => Ok(Some(Person {
            id: None,
            login: viewer.login.clone(),
        })),
        Err(error) if error.status() == Some(403) && error.until().is_none() => Ok(None),
        Err(error) => Err(error),
    }
}
