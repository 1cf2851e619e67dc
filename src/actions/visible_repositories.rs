//! `desk.connect_visible_repositories`: a Project is connected with repositories that GitHub shows to the caller in an installation of the App.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::{AuthType, Owner, Repository};
use crate::frappe::db::DbError;
use crate::frappe::modified::modified;
use crate::frappe::naming::stable_child_name;
use crate::frappe::site::Site;
use crate::github::Client;
use crate::store::integration_documents::{self, IntegrationRow};
use crate::store::project_links::{self, Flags};
use crate::store::{Stamp, installations, integration_repositories, readers, repositories, tell as tell_touched};
use crate::sync::{SyncError, keep_repository};
use crate::telemetry::Reporter as _;

use super::my_installations::MOST;
use super::progress::DeskProgress;
use super::{ActionError, Call, PROJECT, long_work};

/// Connects a Project with repositories of an installation, each of which GitHub shows to the caller there; as many as his list of them shows. One that is not
/// mirrored yet is from now on; one that somebody switched off is not, which the answer says.
pub(super) async fn connect(call: &Call<'_>) -> Result<Value, ActionError> {
    let project = call.arguments.required(&[PROJECT])?;
    let installation = call.arguments.number(&["installation"])?;
    let names = call.arguments.texts("repositories")?;
    if names.is_empty() || names.len() > MOST {
        return Err(ActionError::invalid(format!("choose 1 to {MOST} repositories")));
    }
    call.grants().await?;
    call.require_switched_on().await?;
    let personal = call.services.github_as(call.site, &call.user_id()?).await?;
    let first =
        || ActionError::ConnectGithub("connect GitHub first: what you see there decides what can be connected here".to_owned());
    let client = personal.ok_or_else(first)?.client;
    let progress = DeskProgress::of(call, &format!("GitHub: {project}"), false);
    progress.counts([("done", 0)]);
    progress.started(Some(names.len() as u64), "repositories");
    let parts: Vec<&str> = names.iter().map(String::as_str).collect();
    let what = format!(
        "connect {} {project} {installation} {}",
        call.caller.user,
        stable_child_name(&parts)
    );
    let work = Connecting {
        site: call.site.clone(),
        owner: call.services.owner().to_owned(),
        stamp: Stamp::now(call.site, call.caller.user.as_str()).await?,
        progress: progress.clone(),
        project,
    };
    long_work::answer_once(
        call,
        &progress,
        what,
        async move { work.all(&client, installation, &names).await },
    )
    .await
}

/// The work, which goes on without its call.
struct Connecting {
    site: Site,
    owner: String,
    stamp: Stamp,
    progress: Arc<DeskProgress>,
    project: String,
}

/// Whether the next one would end in the same way: the program stops, or the database is away.
fn ends_all(error: &ActionError) -> bool {
    let stopped = matches!(error, ActionError::Sync(reason) if matches!(**reason, SyncError::Stopped));
    stopped || error.database().is_some_and(DbError::is_outage)
}

/// What became of each.
struct Outcome {
    /// Not tried yet: in small letters, and as the caller wrote them.
    missing: BTreeMap<String, String>,
    /// Names of the Repositories that the Project is connected with now.
    done: Vec<String>,
    /// `repository` and `reason` of each that is not.
    failures: Vec<Value>,
}

impl Outcome {
    fn of(names: &[String]) -> Self {
        Self {
            missing: names.iter().map(|name| (name.to_lowercase(), name.clone())).collect(),
            done: Vec::new(),
            failures: Vec::new(),
        }
    }

    fn failed(&mut self, repository: &str, reason: &str) {
        self.failures.push(json!({"repository": repository, "reason": reason}));
    }

    /// Those that were not tried failed for this reason.
    fn rest(&mut self, reason: &str) {
        for name in std::mem::take(&mut self.missing).into_values() {
            self.failed(&name, reason);
        }
    }
}

impl Connecting {
    /// Connects the Project with all of them that GitHub shows. One that fails does not keep the others from being connected, and who may read what is
    /// brought in step with whatever was done.
    async fn all(&self, client: &Client, installation: u64, names: &[String]) -> Result<Value, ActionError> {
        let mut outcome = Outcome::of(names);
        let listed = self.listed(client, installation, &mut outcome).await;
        readers::settle(&self.site).await?;
        match listed {
            // Nothing was tried: the error itself says what to do, such as connecting GitHub anew.
            Err(error) if outcome.done.is_empty() && outcome.failures.is_empty() => return Err(error),
            Err(error) => outcome.rest(&error.sentence()),
            Ok(()) => outcome.rest("GitHub does not show it to you in this installation"),
        }
        let Outcome { done, failures, .. } = outcome;
        let db = self.site.db();
        let connections = project_links::connections_of(db, &self.project).await?;
        Ok(json!({
            "success": failures.is_empty(),
            "project": self.project,
            "done": done.len(),
            "not_mirrored": project_links::not_mirrored(&connections, &done),
            "repositories": done,
            "failures": failures,
            "main": connections.iter().find(|one| one.main).map(|one| one.repository.as_str()),
            "modified": modified(db, "Project", &self.project).await?,
        }))
    }

    /// Tries each that GitHub lists. Ends with an error where the list cannot be read to its end, or the program is about to stop.
    async fn listed(&self, client: &Client, installation: u64, outcome: &mut Outcome) -> Result<(), ActionError> {
        let mut pages = client.repositories_visible_in(installation);
        while !outcome.missing.is_empty()
            && let Some(page) = pages.next().await?
        {
            for one in page.items {
                if outcome.missing.remove(&one.name.as_str().to_lowercase()).is_none() {
                    continue;
                }
                match self.one(&one, installation).await {
                    Ok(name) => outcome.done.push(name),
                    Err(error) => {
                        let (site, repository) = (self.site.name(), one.name.as_str());
                        tracing::warn!(site, repository, error = %error, "a repository was not connected");
                        outcome.failed(repository, &error.sentence());
                        if ends_all(&error) {
                            return Err(error);
                        }
                    }
                }
                let counts = [("done", outcome.done.len() as u64), ("failed", outcome.failures.len() as u64)];
                self.progress.counts(counts);
                self.progress.advanced(1);
            }
        }
        Ok(())
    }

    /// Connects the Project with one; the name of its Repository.
    async fn one(&self, repository: &Repository, installation: u64) -> Result<String, ActionError> {
        let name = self.mirrored(repository, installation).await?;
        let link = (self.project.as_str(), name.as_str());
        project_links::join(&self.site, &self.stamp.user, link, &Flags::default()).await?;
        Ok(name)
    }

    /// The Repository of one that GitHub shows; where there is none it is made, belongs to the App's integration of that account, and else is read by the
    /// installation that showed it.
    async fn mirrored(&self, one: &Repository, installation: u64) -> Result<String, ActionError> {
        let db = self.site.db();
        if let Some(known) = repositories::named(db, one.id).await? {
            return Ok(known);
        }
        let applied = keep_repository(&self.site, &self.owner, &self.stamp, one, &|| true).await?;
        installations::follow(db, &self.stamp, installation, one.id, true).await?;
        // It is connected with the Project for which it was chosen, and not with that of the installation, too.
        installations::chosen(db, installation, one.id).await?;
        let all = integration_documents::all(db).await?;
        if let Some(row) = of_account(&all, &one.owner) {
            integration_repositories::follow(db, &self.stamp, &row.name, one.id).await?;
        }
        tell_touched(&self.site, &self.stamp.user, &applied.touched).await;
        let made = repositories::named(db, one.id).await?;
        made.ok_or_else(|| ActionError::Missing(format!("{} was not kept: try again", one.name)))
    }
}

/// The App's integration of an account: the one that has it, else one that was made by hand and says no number.
fn of_account<'a>(all: &'a [IntegrationRow], owner: &Owner) -> Option<&'a IntegrationRow> {
    let of_app = || all.iter().filter(|row| row.auth_type == AuthType::App);
    let is_called_so =
        |row: &&IntegrationRow| row.app_account_id.is_none() && row.account_login.eq_ignore_ascii_case(&owner.login);
    let holder = of_app().find(|row| row.app_account_id == Some(owner.id));
    holder.or_else(|| of_app().find(is_called_so))
}
