//! Whether what was missed is to be looked for now: the comparisons of every ten minutes, and the walks of the night.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveTime, TimeDelta, Timelike as _, Utc};

use crate::clock::is_over;
use crate::config::ReconciliationPeriod;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::store::proofs::{self, Which};
use crate::store::repositories::{self, Tracked};
use crate::store::settings::Settings;
use crate::store::{Stamp, cursors, runs};
use crate::sync::{SyncContext, SyncError, reconcile, walk};

use super::chores::{NO_REPOSITORY, tell};
use super::daily::is_due;

/// Under which the last comparison of a site is noted.
pub(super) const RECONCILED: &str = "job:reconcile";
/// The hour of the site's own clock at which the night ends; it begins at midnight.
const MORNING: u32 = 6;
/// The first walk of a night begins this many minutes after midnight, the last one this many later.
const FIRST_MINUTE: u32 = 15;
const MINUTES: u64 = 300;
/// A repository that somebody had walked through this lately waits for the next night.
const LATELY: TimeDelta = TimeDelta::hours(12);
/// Where nights do not do (the machine sleeps, the budget is small), walks are made by day as well.
const OVERDUE: TimeDelta = TimeDelta::hours(48);
/// What GitHub gives a user's token in an hour, where it does not say.
const HOURLY: u64 = 5_000;

/// The sites that this process has compared since it began.
#[derive(Debug, Clone, Default)]
pub(super) struct Begun(Arc<Mutex<BTreeSet<String>>>);

impl Begun {
    fn has(&self, site: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(site)
    }

    fn note(&self, site: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(site.to_owned());
    }
}

/// How often a site is compared with GitHub: as the process was told, else as its Settings say; none where it is not.
pub(super) fn period(told: ReconciliationPeriod, settings: &Settings) -> Option<TimeDelta> {
    match told {
        ReconciliationPeriod::AsSettled => Some(TimeDelta::minutes(i64::from(settings.reconciliation_period_minutes))),
        ReconciliationPeriod::Every(told) => TimeDelta::from_std(told).ok(),
        ReconciliationPeriod::Off => None,
    }
}

/// What is to be compared now: all where the process has just begun or the period is over, else what was put off, if anything was.
pub(super) async fn due(site: &Site, begun: &Begun, period: TimeDelta) -> Result<Option<Which>, DbError> {
    let (db, now) = (site.db(), site.clock().now());
    let last = cursors::read(db, NO_REPOSITORY, RECONCILED).await?.attempted_at;
    if !begun.has(site.name()) || is_over(last, period, now) {
        return Ok(Some(Which::All));
    }
    Ok(proofs::is_due(db, now).await?.then_some(Which::PutOff(now)))
}

/// Compares, and repairs; true when GitHub was asked about something.
pub(super) async fn compare(context: &SyncContext, begun: &Begun, which: Which) -> Result<bool, SyncError> {
    let (site, now) = (&context.site, context.site.clock().now());
    if which == Which::All {
        cursors::attempt(site.db(), NO_REPOSITORY, RECONCILED, now).await?;
        begun.note(site.name());
    }
    let done = reconcile(context, which).await?;
    for report in &done.reports {
        for error in &report.errors {
            tracing::warn!(site = site.name(), error, "part of a repair failed");
        }
        report.repositories.iter().for_each(|run| tell(site.name(), run));
    }
    Ok(done.probed > 0)
}

/// The repositories whose walk is due, the one whose last one is the oldest first.
pub(super) async fn due_for_a_walk(site: &Site) -> Result<Vec<Tracked>, SyncError> {
    let (db, zone, now) = (site.db(), site.zone().await?, site.clock().now());
    let is_night = zone.to_local(now).hour() < MORNING;
    let walked = proofs::walked(db).await?;
    let mut due: Vec<(DateTime<Utc>, Tracked)> = Vec::new();
    for tracked in repositories::list(db).await? {
        let Some((id, last)) = tracked.github_id.and_then(|id| Some((id, *walked.get(&id)?))) else {
            // Never walked through: the schedule's first sync does it.
            continue;
        };
        let is_tonight = is_night && is_over(Some(last), LATELY, now) && is_due(minute_of(id), zone, Some(last), now);
        if tracked.enabled && !tracked.gone && (is_tonight || is_over(Some(last), OVERDUE, now)) {
            due.push((last, tracked));
        }
    }
    due.sort_by_key(|(last, _)| *last);
    Ok(due.into_iter().map(|(_, tracked)| tracked).collect())
}

/// The moment of the night at which a repository is walked through: the same each night, spread over all of them.
fn minute_of(id: u64) -> NaiveTime {
    // Knuth's multiplicative hash: ids that follow each other come to lie far apart.
    let spread = id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let minute = FIRST_MINUTE + u32::try_from(spread % MINUTES).unwrap_or(0);
    NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap_or_default()
}

/// Walks through `due`, one after the other, as long as the hour's share of the budget lasts; gives how many. A walk that was begun is
/// ended: what is left for the next one is what the hour before it leaves.
pub(super) async fn walk_through(context: &SyncContext, due: Vec<Tracked>) -> Result<usize, SyncError> {
    let db = context.site.db();
    let percent = u64::from(Settings::read(db).await?.reconciliation_budget_percent);
    let mut walked = 0;
    if percent == 0 {
        return Ok(walked);
    }
    // A server without limits, and an App, which has no account to ask about, are taken for what a user has.
    let hourly = match context.client.viewer().await {
        Ok(viewer) => viewer.budget.map_or(HOURLY, |budget| budget.limit),
        Err(error) if error.is_unreachable() || error.is_stopped() => return Err(error.into()),
        Err(_) => HOURLY,
    };
    for tracked in due {
        let stamp = Stamp::now(&context.site, &*context.user).await?;
        let spent = runs::walks_cost(db, &stamp, stamp.now - TimeDelta::hours(1)).await?;
        if spent >= hourly * percent / 100 || context.stop.is_cancelled() {
            break;
        }
        let (report, _is_whole) = walk(context, &tracked).await?;
        report.repositories.iter().for_each(|run| tell(context.site.name(), run));
        walked += 1;
        if report.repositories.iter().any(|run| run.outage) {
            break;
        }
    }
    Ok(walked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_are_spread_over_the_night() {
        let mut hours = BTreeSet::new();
        for id in 1_000..1_200 {
            let at = minute_of(id);
            assert!(at.hour() < MORNING, "{at}");
            hours.insert(at.hour());
        }
        assert_eq!(hours.len(), 6, "{hours:?}");
    }
}
