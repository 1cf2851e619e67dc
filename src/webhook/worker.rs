//! Deliveries are worked on: taken from the inbox some at a time, understood, applied, and ended in the transaction of what they changed.
//!
//! Their order does not matter (versions and tombstones decide), so that those of one repository are applied together, and those of
//! different ones side by side. Nothing here waits for GitHub: what has to be read is marked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use futures_util::future::join_all;
use rand::Rng as _;
use tokio_util::sync::CancellationToken;

use crate::domain::{Change, ChangeSet, Matter, OfIntegration};
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::frappe::users;
use crate::store::inbox::{self, Claim, Claimed, Ended, Verdict};
use crate::store::refresh::Mark;
use crate::store::{
    AppliedDeliveries, People, Stamp, Writer, apply_deliveries, integrations, logins, rename, repositories, tell, tell_projects,
    writes,
};
use crate::telemetry::metric;

use super::crowd::Crowd;
use super::handlers::{Meaning, meaning};
use super::merged::merged;
use super::{LostHook, app_word, lost_hook, sent, switched_off};

/// Deliveries that are taken up together.
const TOGETHER: usize = 50;
/// How often a delivery is tried before a person is asked.
const ATTEMPTS: u32 = 8;
/// How long a delivery waits while its repository is moved to another name.
const MOVING: TimeDelta = TimeDelta::seconds(5);
/// The longest pause between two attempts.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(10);

/// Why the last word of a hook is passed over.
const DELETED_HERE: &str = "the webhook was deleted from here";

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Worked {
    /// Deliveries that were taken up.
    pub deliveries: usize,
    /// Something is marked to be read from GitHub.
    pub marked: bool,
}

/// Who works, and where.
struct Work<'a> {
    site: &'a Site,
    stamp: Stamp,
    people: People,
    claim: &'a Claim,
}

/// A delivery that was understood: changes of its repository, and what is to be read of it.
struct Understood {
    id: String,
    attempts: u32,
    matter: Matter,
    changes: Vec<Change>,
    marks: Vec<Mark>,
    /// The hook that told for the last time.
    lost_hook: Option<LostHook>,
}

/// Works on what waits in a site's inbox until nothing does or `stop`, as `owner` and in the name of `user`. While there is a `crowd` of
/// deliveries that come in, it goes slowly.
///
/// # Errors
/// When the database is away; what was taken up and not ended waits again.
pub async fn work(site: &Site, owner: &str, user: &str, crowd: &Crowd, stop: &CancellationToken) -> Result<Worked, DbError> {
    let mut worked = Worked::default();
    while !stop.is_cancelled() {
        crowd.lull().await;
        let stamp = Stamp::now(site, user).await?;
        let (claim, claimed) = inbox::claim(site.db(), owner, TOGETHER, stamp.now).await?;
        if claimed.is_empty() {
            break;
        }
        worked.deliveries += claimed.len();
        match work_on(site, stamp, &claim, claimed).await {
            Ok(marked) => worked.marked |= marked,
            Err(error) => {
                // Where that fails as well, the lease ends by itself.
                let _away_too = inbox::give_back(site.db(), &claim).await;
                return Err(error);
            }
        }
    }
    Ok(worked)
}

/// Works on what was claimed; true when something is to be read.
async fn work_on(site: &Site, stamp: Stamp, claim: &Claim, claimed: Vec<Claimed>) -> Result<bool, DbError> {
    let people = logins::people(site.db(), &users::people(site.db()).await?).await?;
    let work = Work {
        site,
        stamp,
        people,
        claim,
    };
    work.on(claimed).await
}

impl Work<'_> {
    async fn on(&self, claimed: Vec<Claimed>) -> Result<bool, DbError> {
        let ids: BTreeSet<u64> = claimed.iter().filter_map(|one| one.repository_id).collect();
        let followed = repositories::followed(self.site.db(), &ids).await?;
        let integrations = integrations::of_ids(self.site.db(), &ids).await?;
        let moving = rename::under_way(self.site.db(), &ids).await?;
        let mut by_repository: BTreeMap<u64, Vec<Understood>> = BTreeMap::new();
        // What an installation is like is read, too.
        let mut is_marked = false;
        for one in claimed {
            // A failure that it lived to tell of ends it sooner.
            if one.attempts > ATTEMPTS {
                let reason = format!(
                    "given up: whoever worked on it ended before it did, {} times",
                    one.attempts - 1
                );
                self.end(&one.id, &Verdict::Errored(reason)).await?;
                continue;
            }
            if one.repository_id.is_some_and(|id| moving.contains(&id)) {
                let reason = "the repository is being moved to its new name step by step; the delivery waits for the end of that";
                self.end(&one.id, &Verdict::Waits(self.stamp.now + MOVING, reason.to_owned()))
                    .await?;
                continue;
            }
            match self.understand(&one, &followed, &integrations).await? {
                Ok((repository, understood)) => by_repository.entry(repository).or_default().push(understood),
                Err(verdict) => {
                    is_marked |= verdict == Verdict::Processed && app_word::is_one(&one.event);
                    self.end(&one.id, &verdict).await?;
                }
            }
        }
        let applied = by_repository.into_iter().map(|(repository, all)| self.apply(repository, all));
        let marked = join_all(applied).await.into_iter().collect::<Result<Vec<bool>, _>>()?;
        Ok(is_marked || marked.contains(&true))
    }

    /// What a delivery means for which repository; or how it ends without meaning anything.
    async fn understand(
        &self,
        one: &Claimed,
        followed: &BTreeSet<u64>,
        integrations: &BTreeMap<u64, OfIntegration>,
    ) -> Result<Result<(u64, Understood), Verdict>, DbError> {
        let Some(repository) = one.repository_id.filter(|_| !app_word::is_one(&one.event)) else {
            return Ok(Err(self.without_repository(one).await?));
        };
        if !followed.contains(&repository) {
            return Ok(Err(Verdict::Ignored("not followed".to_owned())));
        }
        let Some(stored) = inbox::read_payload(self.site.db(), &one.id).await? else {
            let reason = "what GitHub sent is not kept any more: have GitHub deliver it again";
            return Ok(Err(Verdict::Errored(reason.to_owned())));
        };
        if let Some(reason) = integrations
            .get(&repository)
            .and_then(|of| switched_off::reason(of, &one.event, &stored))
        {
            return Ok(Err(Verdict::Ignored(reason)));
        }
        let understood = decode(one, &stored);
        if let Ok(Understood {
            lost_hook: Some(hook), ..
        }) = &understood
            && writes::is_hook_deleted(self.site.db(), hook.id).await?
        {
            return Ok(Err(Verdict::Ignored(DELETED_HERE.to_owned())));
        }
        Ok(understood.map(|understood| (repository, understood)))
    }

    /// What becomes of a delivery that names no repository: that an organisation's hook was deleted, and what the App alone is told, is noted, and
    /// nothing else is done.
    async fn without_repository(&self, one: &Claimed) -> Result<Verdict, DbError> {
        let nothing = Verdict::Ignored("the delivery names no repository".to_owned());
        if app_word::is_one(&one.event) {
            return app_word::settle(self.site, &self.stamp, one).await;
        }
        if one.event != "meta" {
            return Ok(nothing);
        }
        let stored = inbox::read_payload(self.site.db(), &one.id).await?;
        let lost = match stored.map(|stored| decode(one, &stored)) {
            Some(Ok(understood)) => understood.lost_hook,
            Some(Err(verdict)) => return Ok(verdict),
            None => None,
        };
        let Some(hook) = lost.filter(|hook| hook.organization.is_some()) else {
            return Ok(nothing);
        };
        if writes::is_hook_deleted(self.site.db(), hook.id).await? {
            return Ok(Verdict::Ignored(DELETED_HERE.to_owned()));
        }
        lost_hook::note(self.site, &self.stamp, &hook, None).await?;
        lost_hook::say(self.site, &hook, None).await;
        Ok(Verdict::Processed)
    }

    /// Applies what deliveries of one repository mean, together; where that does not work, one after the other. True when something is
    /// to be read.
    async fn apply(&self, repository: u64, all: Vec<Understood>) -> Result<bool, DbError> {
        match self.apply_together(repository, &all).await {
            Ok(marked) => Ok(marked),
            Err(DbError::Fenced { .. }) => Ok(false),
            Err(error) if error.is_outage() => Err(error),
            Err(error) if all.len() == 1 => self.put_off(&all[0], &error).await.map(|()| false),
            Err(_) => {
                let mut marked = false;
                for one in &all {
                    match self.apply_together(repository, std::slice::from_ref(one)).await {
                        Ok(more) => marked |= more,
                        Err(DbError::Fenced { .. }) => {}
                        Err(error) if error.is_outage() => return Err(error),
                        Err(error) => self.put_off(one, &error).await?,
                    }
                }
                Ok(marked)
            }
        }
    }

    async fn apply_together(&self, repository: u64, all: &[Understood]) -> Result<bool, DbError> {
        let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
        let marks: BTreeSet<Mark> = all.iter().flat_map(|one| one.marks.iter().copied()).collect();
        let marks: Vec<Mark> = marks.into_iter().collect();
        let writer = Writer {
            site: self.site,
            stamp: &self.stamp,
            people: &self.people,
            lease: None,
            is_first: false,
        };
        let set = ChangeSet {
            repository_id: repository,
            changes: merged(all.iter().flat_map(|one| &one.changes)),
        };
        let ended = Ended {
            claim: self.claim,
            ids: &ids,
            verdict: &Verdict::Processed,
        };
        let matters: Vec<(&str, Matter)> = all.iter().map(|one| (one.id.as_str(), one.matter)).collect();
        let deliveries = AppliedDeliveries {
            ended: &[ended],
            marks: &marks,
            matters: &matters,
        };
        for hook in all.iter().filter_map(|one| one.lost_hook.as_ref()) {
            lost_hook::note(self.site, &self.stamp, hook, Some(repository)).await?;
        }
        let applied = apply_deliveries(&writer, &set, &deliveries).await?;
        count(&Verdict::Processed, ids.len());
        for hook in all.iter().filter_map(|one| one.lost_hook.as_ref()) {
            lost_hook::say(self.site, hook, Some(repository)).await;
        }
        tell(self.site, &self.stamp.user, &applied.touched).await;
        tell_projects(self.site, &applied.reached).await;
        Ok(!marks.is_empty() || !applied.doubts.is_empty())
    }

    /// Has a delivery tried again later, or asks a person.
    async fn put_off(&self, one: &Understood, error: &DbError) -> Result<(), DbError> {
        tracing::warn!(site = self.site.name(), delivery = one.id, attempt = one.attempts, error = %error, "a delivery could not be applied");
        let verdict = if one.attempts >= ATTEMPTS {
            Verdict::Errored(format!("given up after {} attempts: {error}", one.attempts))
        } else {
            Verdict::Later(self.stamp.now + pause(one.attempts), error.to_string())
        };
        self.end(&one.id, &verdict).await
    }

    async fn end(&self, id: &str, verdict: &Verdict) -> Result<(), DbError> {
        let ended = Ended {
            claim: self.claim,
            ids: &[id],
            verdict,
        };
        inbox::end(self.site.db(), &self.stamp, &ended).await?;
        count(verdict, 1);
        Ok(())
    }
}

/// What a stored payload means.
fn decode(one: &Claimed, stored: &[u8]) -> Result<Understood, Verdict> {
    let payload = sent::read(stored)?;
    let matter = Matter::of(&one.event, payload["issue"]["pull_request"].is_object());
    match meaning(&one.event, one.action.as_deref(), &payload) {
        Ok(Meaning::Work(changes, marks)) => Ok(Understood {
            id: one.id.clone(),
            attempts: one.attempts,
            matter,
            changes,
            marks,
            lost_hook: None,
        }),
        Ok(Meaning::HookDeleted(hook)) => Ok(Understood {
            id: one.id.clone(),
            attempts: one.attempts,
            matter,
            changes: Vec::new(),
            marks: Vec::new(),
            lost_hook: Some(hook),
        }),
        Ok(Meaning::Ignored(reason)) => Err(Verdict::Ignored(reason.to_owned())),
        Ok(Meaning::Unhandled(reason)) => Err(Verdict::Unhandled(reason.to_owned())),
        Err(error) => Err(sent::odd(&error)),
    }
}

/// Twice as long each time, and not for all of them the same.
fn pause(attempts: u32) -> TimeDelta {
    let seconds = 2_i64.saturating_pow(attempts.min(20)).min(LONGEST_PAUSE.num_seconds());
    TimeDelta::milliseconds(rand::rng().random_range(seconds * 500..=seconds * 1_000))
}

fn count(verdict: &Verdict, number: usize) {
    let status = verdict.status().as_str();
    metrics::counter!(metric::DELIVERIES, "status" => status).increment(number as u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_at_ten_minutes() {
        for attempts in 1..40 {
            let paused = pause(attempts);
            assert!(
                paused >= TimeDelta::seconds(1) && paused <= LONGEST_PAUSE,
                "{attempts}: {paused}"
            );
        }
        assert!(pause(1) <= TimeDelta::seconds(2));
    }
}
