//! `desk.follow_repositories`: repositories of an integration are followed, or are not any more.
//!
//! That may be all that an account has, so that it goes on by itself. Many are looked for in GitHub's list, a hundred a request; what is followed already costs none.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::{InvalidRepoName, RepoName, Repository};
use crate::frappe::naming::stable_child_name;
use crate::frappe::site::Site;
use crate::github::Client;
use crate::store::integration_documents::IntegrationRow;
use crate::store::{Stamp, integration_repositories as repositories, tell as tell_touched};
use crate::sync::{SyncError, keep_repository};
use crate::telemetry::Reporter as _;

use super::super::progress::DeskProgress;
use super::super::{ActionError, Call, long_work};
use super::written;

/// Repositories of one call.
const MOST: usize = 10_000;
/// So many are asked for by name; more are looked for in the list of all.
const BY_NAME: usize = 10;
/// Open lists are told of so many at a time.
const TOLD: usize = 100;

/// Follows those that are named, or with `follow=0` lets them go; each on its own. What is mirrored stays.
pub(in crate::actions) async fn follow(call: &Call<'_>) -> Result<Value, ActionError> {
    let row = call.integration().await?;
    let names = call.arguments.texts("repositories")?;
    if names.is_empty() || names.len() > MOST {
        return Err(ActionError::invalid(format!("choose 1 to {MOST} repositories")));
    }
    let follows = call.arguments.text("follow").is_none() || call.arguments.flag("follow");
    let client = if follows {
        Some(call.services.github_of(call.site, &row.of_integration()).await?)
    } else {
        None
    };
    let progress = DeskProgress::of(call, &format!("GitHub: {}", row.name), false);
    progress.counts([("done", 0), ("failed", 0)]);
    progress.started(Some(names.len() as u64), "repositories");
    let parts: Vec<&str> = names.iter().map(String::as_str).collect();
    // The same list, and no other.
    let what = format!(
        "follow {follows} {} {}",
        row.name,
        stable_child_name(&[&[row.name.as_str()], &parts[..]].concat())
    );
    let mut work = Following {
        site: call.site.clone(),
        owner: call.services.owner().to_owned(),
        stamp: Stamp::now(call.site, call.caller.user.as_str()).await?,
        row,
        progress: progress.clone(),
        done: Vec::new(),
        failures: Vec::new(),
        told: 0,
    };
    long_work::answer_once(call, &progress, what, async move {
        match client {
            Some(client) => work.follow(&client, names).await?,
            None => work.let_go(names).await?,
        }
        Ok(work.answer().await)
    })
    .await
}

/// The work, which goes on without its call.
struct Following {
    site: Site,
    owner: String,
    stamp: Stamp,
    row: IntegrationRow,
    progress: Arc<DeskProgress>,
    done: Vec<String>,
    failures: Vec<Value>,
    /// So many of `done` open lists were told of.
    told: usize,
}

impl Following {
    async fn follow(&mut self, client: &Client, names: Vec<String>) -> Result<(), ActionError> {
        let followed = repositories::followed(self.site.db(), &self.row.name).await?;
        let (there, names): (Vec<String>, Vec<String>) =
            names.into_iter().partition(|name| followed.contains(&name.to_lowercase()));
        for name in there {
            self.ended(&name, Ok(name.clone())).await?;
        }
        let mut missing: HashSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        let mut reason = None;
        if missing.len() > BY_NAME {
            reason = self.follow_listed(client, &mut missing).await?;
        }
        for name in names {
            if !missing.remove(&name.to_lowercase()) {
                continue;
            }
            let ended = match &reason {
                Some(reason) => Err(ActionError::invalid(reason.clone())),
                None => self.by_name(client, &name).await,
            };
            self.ended(&name, ended).await?;
        }
        Ok(())
    }

    /// Those that the account's list has: a hundred a request. What it does not have stays in `missing`; where that is not to be asked for by name, the
    /// reason.
    async fn follow_listed(&mut self, client: &Client, missing: &mut HashSet<String>) -> Result<Option<String>, ActionError> {
        let mut pages = if self.row.account_login.is_empty() {
            client.repositories_reached()
        } else {
            client.repositories_of(&self.row.account_login)
        };
        // The last few are asked for by name, however long the list goes on.
        while missing.len() > BY_NAME {
            let page = match pages.next().await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(Some("GitHub does not show it to this account".to_owned())),
                Err(error) if error.is_stopped() => return Err(error.into()),
                Err(error) => return Ok(Some(error.to_string())),
            };
            for repository in page.items {
                if missing.remove(&repository.name.as_str().to_lowercase()) {
                    let ended = self.one(&repository).await;
                    self.ended(repository.name.as_str(), ended).await?;
                }
            }
        }
        Ok(None)
    }

    async fn by_name(&self, client: &Client, name: &str) -> Result<String, ActionError> {
        let parsed: RepoName = name
            .parse()
            .map_err(|error: InvalidRepoName| ActionError::invalid(error.to_string()))?;
        let repository = client.repository(&parsed).await?.value;
        self.one(&repository).await
    }

    /// Follows one, of which a document is made where there is none; its name as GitHub writes it.
    async fn one(&self, repository: &Repository) -> Result<String, ActionError> {
        let (db, account) = (self.site.db(), &self.row.account_login);
        if !account.is_empty() && !repository.owner.login.eq_ignore_ascii_case(account) {
            return Err(ActionError::invalid(format!(
                "it belongs to {}, not to {account}",
                repository.owner.login
            )));
        }
        if let Some(other) = repositories::integration_of(db, repository.id)
            .await?
            .filter(|other| *other != self.row.name)
        {
            return Err(belongs_to(&other));
        }
        let applied = keep_repository(&self.site, &self.owner, &self.stamp, repository, &|| true).await?;
        tell_touched(&self.site, &self.stamp.user, &applied.touched).await;
        repositories::follow(db, &self.stamp, &self.row.name, repository.id).await?;
        // Another one may have been faster.
        match repositories::integration_of(db, repository.id).await? {
            Some(other) if other != self.row.name => Err(belongs_to(&other)),
            _ => Ok(repository.name.to_string()),
        }
    }

    async fn let_go(&mut self, names: Vec<String>) -> Result<(), ActionError> {
        for name in names {
            let was_its = repositories::unfollow(self.site.db(), &self.stamp, &self.row.name, &name).await?;
            let not_its = || ActionError::invalid(format!("it does not belong to {}", self.row.name));
            let ended = was_its.then(|| name.clone()).ok_or_else(not_its);
            self.ended(&name, ended).await?;
        }
        Ok(())
    }

    /// Notes how one ended. What is wrong with the machine, or with GitHub as a whole, ends the work.
    async fn ended(&mut self, name: &str, ended: Result<String, ActionError>) -> Result<(), ActionError> {
        match ended {
            Ok(name) => self.done.push(name),
            Err(error @ (ActionError::Db(_) | ActionError::NotReady(_))) => return Err(error),
            Err(ActionError::Sync(error)) if matches!(*error, SyncError::Stopped) => return Err(ActionError::Sync(error)),
            Err(error) => {
                let reason = error.to_string();
                self.failures.push(json!({"repository": name, "reason": reason}));
            }
        }
        let counts = [("done", self.done.len() as u64), ("failed", self.failures.len() as u64)];
        self.progress.counts(counts);
        self.progress.advanced(1);
        if self.done.len() - self.told >= TOLD {
            self.tell().await;
        }
        Ok(())
    }

    /// Lists that are open hear of what was done since the last time.
    async fn tell(&mut self) {
        let new = self.done.get(self.told..).unwrap_or_default();
        written(&self.site, &self.stamp.user, "Repository", new).await;
        self.told = self.done.len();
    }

    async fn answer(&mut self) -> Value {
        self.tell().await;
        json!({
            "success": self.failures.is_empty(),
            "repositories": self.done,
            "failures": self.failures,
            // Of a long list an event carries these alone.
            "done": self.done.len(),
            "failed": self.failures.len(),
        })
    }
}

fn belongs_to(integration: &str) -> ActionError {
    ActionError::invalid(format!(
        "it belongs to the GitHub Integration {integration}: unfollow it there, or change that on the Repository"
    ))
}
