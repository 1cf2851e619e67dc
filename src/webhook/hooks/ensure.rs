//! Makes GitHub agree with a row: one hook, as it should be, or none.

use std::time::Duration;

use serde_json::Value;

use crate::config::Resolver;
use crate::domain::Login;
use crate::frappe::site::Site;
use crate::github::{Client, GithubError, HookHome, HookRef, Write};
use crate::store::hooks::{self, Given, Home, HookRow, Set};
use crate::store::lease::{self, Lease, Taken};
use crate::telemetry::metric;

use super::held::{self, Held, Ours};
use super::{HookError, Wanted, address};

/// How often somebody who waits asks whether the one before him is done, and how many times: half a minute.
const LOOKS: (Duration, u32) = (Duration::from_millis(250), 120);

/// Writes to GitHub: noted before it is sent, and never sent twice.
pub trait Hand: Sync {
    /// Why it was not done.
    type Error: From<HookError> + AsGithub + std::fmt::Display + Send;

    /// Does it, and gives GitHub's answer; null where it has none.
    fn write(&self, write: Write) -> impl Future<Output = Result<Value, Self::Error>> + Send;
}

/// An error that may be one of GitHub's.
pub trait AsGithub {
    /// That one.
    fn as_github(&self) -> Option<&GithubError>;
}

/// Whether somebody waits who can wait for another press to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// He does.
    Yes,
    /// Nobody does: the next time is soon enough.
    No,
}

/// Which hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Key of the row.
    pub home: Home,
    /// Where it is on GitHub.
    pub at: HookHome,
}

impl Target {
    fn organization(&self) -> Option<Login> {
        match &self.at {
            HookHome::Organization(login) => Some(login.clone()),
            HookHome::Repository(_) => None,
        }
    }

    pub(super) fn reference(&self, id: u64) -> HookRef {
        HookRef {
            organization: self.organization(),
            id,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Ensured {
    /// It was made.
    Created(Value),
    /// It was there and is right now.
    Repaired(Value),
    /// It was there and right.
    Right(Value),
    /// The organisation's hook tells of the repository; one of its own is not there (any more).
    Covered(String),
    /// It is not wanted and is not there (any more).
    Removed,
}

/// What is needed to manage hooks of a site.
#[derive(Clone, Copy)]
pub struct Ensuring<'a> {
    /// The site that is delivered to.
    pub site: &'a Site,
    /// GitHub.
    pub client: &'a Client,
    /// Name of this process in leases.
    pub owner: &'a str,
    /// Finds out whether a name stands for a machine.
    pub resolver: &'a Resolver,
    /// What to do while another one is at it.
    pub waits: Waits,
}

impl Ensuring<'_> {
    /// Makes the hook of `target` be there once and right. `given` replaces what somebody chose for it before.
    ///
    /// # Errors
    /// When it cannot be; the row says so, too.
    pub async fn ensure<H: Hand>(&self, target: &Target, given: Option<&Given>, hand: &H) -> Result<Ensured, H::Error> {
        let lease = self.hold(target).await?;
        let beating = lease.keep_alive(self.site.db());
        let ensured = self.ensure_alone(target, given, hand).await;
        drop(beating);
        self.give_back(lease, target, ensured).await
    }

    /// Looks whether a hook is as it should be, which takes one request where it is, and mends it where it is not.
    ///
    /// # Errors
    /// When it cannot be mended; the row says so, too.
    pub async fn look<H: Hand>(&self, target: &Target, row: &HookRow, hand: &H) -> Result<Ensured, H::Error> {
        if row.is_leaving {
            return self.remove(target, hand).await;
        }
        let (Some(id), None) = (row.hook_id, self.covering(target).await?) else {
            return self.ensure(target, None, hand).await;
        };
        // The row will say why.
        let Ok(wanted) = Wanted::of_row(self.site, row).await else {
            return self.ensure(target, None, hand).await;
        };
        let held = self.client.hook(&target.at, id).await.map_err(HookError::from);
        let held = match held {
            Ok(held) => held.map(Held),
            Err(error) => {
                self.note(target, &error).await?;
                return Err(error.into());
            }
        };
        match held {
            Some(held) if held.is_right(row, &wanted) => {
                let now = self.site.clock().now();
                let noted = hooks::checked(self.site.db(), &target.home, held.last_status(), now).await;
                noted.map_err(HookError::from)?;
                Ok(Ensured::Right(held.0))
            }
            _ => self.ensure(target, None, hand).await,
        }
    }

    pub(super) async fn hold(&self, target: &Target) -> Result<Lease, HookError> {
        let name = format!("hook:{}", target.home.key());
        for _ in 0..LOOKS.1 {
            match lease::take(self.site.db(), &name, self.owner).await? {
                Taken::Ours(lease) => return Ok(lease),
                Taken::Theirs(_) if self.waits == Waits::No => break,
                Taken::Theirs(_) => tokio::time::sleep(LOOKS.0).await,
            }
        }
        Err(HookError::Busy(target.at.to_string()))
    }

    /// Ends the turn, and notes a failure.
    pub(super) async fn give_back<E: From<HookError> + std::fmt::Display>(
        &self,
        lease: Lease,
        target: &Target,
        ended: Result<Ensured, E>,
    ) -> Result<Ensured, E> {
        if let Err(error) = &ended {
            self.note(target, error).await?;
        }
        lease.release(self.site.db()).await.map_err(HookError::from)?;
        ended
    }

    async fn note(&self, target: &Target, error: &impl std::fmt::Display) -> Result<(), HookError> {
        let db = self.site.db();
        let attempts = hooks::find(db, &target.home).await?.map_or(0, |row| row.attempts);
        let now = self.site.clock().now();
        Ok(hooks::failed(db, &target.home, attempts, &error.to_string(), now).await?)
    }

    /// The hook of the repository's organisation, which tells of it, too.
    async fn covering(&self, target: &Target) -> Result<Option<HookRow>, HookError> {
        match &target.at {
            HookHome::Repository(name) => Ok(hooks::organization_of(self.site.db(), name.owner()).await?),
            HookHome::Organization(_) => Ok(None),
        }
    }

    async fn ensure_alone<H: Hand>(&self, target: &Target, given: Option<&Given>, hand: &H) -> Result<Ensured, H::Error> {
        let row = self.row(target, given).await?;
        if let Some(covering) = self.covering(target).await? {
            self.take_away(target, &row, hand).await?;
            self.note_set(target, &Set::default()).await?;
            return Ok(Ensured::Covered(covering.name));
        }
        let wanted = Wanted::of_row(self.site, &row).await?;
        address::require_known(&wanted.address, self.resolver).await?;
        self.begin(target, &row).await?;
        let all = held::all(self.client, &target.at).await.map_err(HookError::from)?;
        let mut ours: Vec<Held> = all
            .into_iter()
            .filter(|one| one.whose(Some(&row), Some(&wanted.address)) == Ours::Ours)
            .collect();
        // GitHub takes an address once: the one that has it already is kept.
        ours.sort_by_key(|one| (one.address() != wanted.address, row.hook_id != Some(one.id())));
        let mut ours = ours.into_iter();
        let kept = ours.next();
        for double in ours {
            self.delete(target, double.id(), hand).await.map(drop)?;
        }
        let (ensured, id) = match kept {
            Some(held) if held.is_right(&row, &wanted) => (Ensured::Right(held.0.clone()), held.id()),
            other => {
                let hook = wanted.to_send(target.organization());
                let (write, outcome) = match &other {
                    Some(held) => (Write::UpdateWebhook { id: held.id(), hook }, "repaired"),
                    None => (Write::CreateWebhook(hook), "created"),
                };
                let answer = hand.write(write).await?;
                count(outcome);
                let id = answer["id"].as_u64().or(other.as_ref().map(Held::id)).unwrap_or_default();
                match other {
                    Some(_) => (Ensured::Repaired(answer), id),
                    None => (Ensured::Created(answer), id),
                }
            }
        };
        let set = Set {
            hook_id: id,
            address: &wanted.address,
            events: &wanted.events.join(","),
            secret_mark: &wanted.mark,
        };
        self.note_set(target, &set).await?;
        Ok(ensured)
    }

    async fn note_set(&self, target: &Target, set: &Set<'_>) -> Result<(), HookError> {
        let (db, now) = (self.site.db(), self.site.clock().now());
        hooks::set(db, &target.home, set, now).await?;
        // What tells of all repositories has theirs looked at.
        if let Home::Organization(login) = &target.home {
            hooks::suspect_of_owner(db, login, now).await?;
        }
        Ok(())
    }

    /// The row of the hook that is to be there, as it should be from now on.
    async fn row(&self, target: &Target, given: Option<&Given>) -> Result<HookRow, HookError> {
        let found = hooks::find(self.site.db(), &target.home).await?;
        let mut row = found.unwrap_or_else(|| HookRow::new(target.home.clone()));
        row.name = target.at.to_string();
        if let Some(given) = given {
            (row.given_address, row.given_events) = (given.address.clone(), given.events.clone());
        }
        Ok(row)
    }

    async fn begin(&self, target: &Target, row: &HookRow) -> Result<(), HookError> {
        let given = Given {
            address: row.given_address.clone(),
            events: row.given_events.clone(),
        };
        let now = self.site.clock().now();
        Ok(hooks::begin(self.site.db(), &target.home, &row.name, &given, now).await?)
    }
}

pub(super) fn count(outcome: &'static str) {
    metrics::counter!(metric::HOOKS, "outcome" => outcome).increment(1);
}
