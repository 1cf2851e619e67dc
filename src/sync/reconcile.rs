//! What was missed is looked for from afar, a hundred repositories a question, and repaired by the incremental sync.
//!
//! GitHub sends each event at most once, so that a table that looks right may have lost one in the middle: the newest change is here, the one
//! before is not. What is compared is therefore not the rows but what GitHub said when the repository was last proven to be in step. While
//! GitHub says the same, nothing happened, and nothing is asked for. Where it says something else, the run of an incremental sync reads what
//! changed since the last whole one; what that run changes was missed, and counts as drift.
//!
//! No drift is what deliveries are still to tell: a change of the last minute, and a repository that has deliveries waiting here. Such a
//! difference is put off, a minute each time; after five of them it is repaired all the same, in the name of the deliveries. What a probe does
//! not show (members, renamed labels, deleted comments, older releases) is found by the walk of the night.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::budget::Purpose;
use crate::github::{BATCH, Probe, Probed};
use crate::store::hooks;
use crate::store::proofs::{self, Candidate, Which};
use crate::store::repositories;
use crate::store::runs::{RunStatus, Trigger};
use crate::telemetry::metric;

use super::report::SiteReport;
use super::repository::RunOptions;
use super::site::sync_chosen;
use super::{SyncContext, SyncError};

/// GitHub delivers within seconds; a change this young is left to its delivery.
const GRACE: TimeDelta = TimeDelta::minutes(1);
/// How often a difference is left to deliveries.
const PATIENCE: u32 = 5;

/// What a comparison did.
#[derive(Debug, Clone, Default)]
pub struct Reconciled {
    /// Repositories that GitHub was asked about.
    pub probed: usize,
    /// Those of them that are in step without more being read.
    pub in_step: usize,
    /// Those that were left to their deliveries.
    pub put_off: usize,
    /// Runs that repaired something, or found that there was nothing to repair.
    pub reports: Vec<SiteReport>,
}

/// What is to be done about a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judgement {
    InStep,
    PutOff,
    /// It is read, for that reason.
    Read(Trigger),
}

/// Compares repositories with GitHub and repairs what was missed. GitHub is asked once for a hundred of them.
///
/// # Errors
/// When the database cannot be used, GitHub refuses the question, or we were asked to stop.
pub async fn reconcile(context: &SyncContext, which: Which) -> Result<Reconciled, SyncError> {
    let context = &context.on(Purpose::Reconciliation);
    let db = context.site.db();
    let mut done = Reconciled::default();
    let candidates = proofs::candidates(db, which).await?;
    if let Which::PutOff(now) = which {
        // Whatever comes of the question, it is asked again in a minute and not at the next look.
        proofs::delay(db, now, now + GRACE).await?;
    }
    for some in candidates.chunks(BATCH) {
        context.checkpoint().await?;
        let ids: Vec<String> = some.iter().map(|one| one.node_id.clone()).collect();
        let answers = context.client.repository_probes(&ids).await?;
        done.probed += some.len();
        // Asked after GitHub was: what comes in meanwhile is waiting, not missed.
        let now = context.site.clock().now();
        let waiting = proofs::waiting(db, now).await?;
        let (mut proven, mut to_read) = (Vec::new(), Vec::new());
        for one in some {
            let Some(probed) = answers.get(&one.node_id) else {
                // GitHub does not tell: the next round asks again.
                proofs::leave(db, one.id).await?;
                continue;
            };
            match judge(one, probed, &waiting, now) {
                Judgement::InStep => proven.push((one.id, seen(probed))),
                Judgement::PutOff => {
                    proofs::put_off(db, one.id, now + GRACE).await?;
                    done.put_off += 1;
                }
                Judgement::Read(trigger) => to_read.push((one, probed, trigger)),
            }
        }
        done.in_step += proven.len();
        proofs::prove(db, &proven, now).await?;
        for (one, probed, trigger) in to_read {
            context.checkpoint().await?;
            let report = read(context, one, probed, trigger).await?;
            let is_outage = report.repositories.iter().any(|run| run.outage);
            done.reports.push(report);
            if is_outage {
                return Ok(done);
            }
        }
    }
    Ok(done)
}

fn seen(probed: &Probed) -> String {
    match probed {
        Probed::There(Probe { undated, dated, .. }) => format!("{undated} | {dated}"),
        Probed::Missing => String::new(),
    }
}

fn judge(one: &Candidate, probed: &Probed, waiting: &BTreeSet<u64>, now: DateTime<Utc>) -> Judgement {
    let is_waiting = waiting.contains(&one.id);
    let is_young = match probed {
        Probed::Missing => false,
        Probed::There(probe) if is_in_step(one, probe) && !is_waiting => return Judgement::InStep,
        Probed::There(probe) if is_in_step(one, probe) => return Judgement::PutOff,
        Probed::There(probe) => now - probe.newest < GRACE,
    };
    match (is_waiting || is_young, one.put_off < PATIENCE) {
        (true, true) => Judgement::PutOff,
        (true, false) => Judgement::Read(Trigger::Webhook),
        (false, _) => Judgement::Read(Trigger::Reconciliation),
    }
}

/// True when GitHub says what it said when the repository was in step; also where what differs is nothing but moments before the last whole
/// sync, which has seen what happened then. One that was never compared is in step as it was synced.
fn is_in_step(one: &Candidate, probe: &Probe) -> bool {
    let is_seen_since = one.whole_at.is_some_and(|whole| probe.newest < whole);
    match &one.seen {
        None => is_seen_since,
        Some(seen) => {
            let (undated, dated) = seen.split_once(" | ").unwrap_or((seen, ""));
            undated == probe.undated && (dated == probe.dated || is_seen_since)
        }
    }
}

/// Reads what changed of a repository, and notes what was missed.
async fn read(context: &SyncContext, one: &Candidate, probed: &Probed, trigger: Trigger) -> Result<SiteReport, SyncError> {
    let db = context.site.db();
    let tracked = repositories::with_id(db, one.id).await?;
    let options = RunOptions { full: false, trigger };
    let chosen: Vec<_> = tracked.into_iter().filter(|tracked| tracked.enabled).collect();
    let report = sync_chosen(context, &chosen, (options, None), None).await?;
    let now = context.site.clock().now();
    if !report.busy.is_empty() {
        // Somebody reads it just now.
        proofs::put_off(db, one.id, now + GRACE).await?;
        return Ok(report);
    }
    note_drift(context, one.id, &report).await?;
    match report.repositories.first().map(|run| run.status) {
        Some(RunStatus::Completed) => proofs::prove(db, &[(one.id, seen(probed))], now).await?,
        // The next round finds the same difference.
        _ => proofs::leave(db, one.id).await?,
    }
    Ok(report)
}

/// Counts what a run found to be out of step, and has the webhook looked at that should have told of it.
pub(super) async fn note_drift(context: &SyncContext, id: u64, report: &SiteReport) -> Result<(), SyncError> {
    if report.drift() > 0 {
        hooks::suspect(context.site.db(), id, context.site.clock().now()).await?;
    }
    for (entity, line) in report.repositories.iter().flat_map(|run| &run.entities) {
        if line.drift > 0 {
            let entity = entity.as_str().to_lowercase().replace(' ', "_");
            metrics::counter!(metric::DRIFT, "entity" => entity).increment(line.drift);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_442_000 + seconds, 0).unwrap_or_default()
    }

    fn candidate(seen: Option<&str>, whole: i64, put_off: u32) -> Candidate {
        Candidate {
            id: 1,
            name: "octo/web".to_owned(),
            node_id: "R_1".to_owned(),
            seen: seen.map(str::to_owned),
            put_off,
            whole_at: Some(at(whole)),
        }
    }

    fn probe(undated: &str, dated: &str, newest: i64) -> Probed {
        Probed::There(Probe {
            undated: undated.to_owned(),
            dated: dated.to_owned(),
            newest: at(newest),
        })
    }

    #[test]
    fn what_github_says_again_is_in_step_and_what_a_whole_sync_has_seen_too() {
        let (nobody, now) = (BTreeSet::new(), at(1_000));
        let same = candidate(Some("a | b"), 0, 0);
        assert_eq!(judge(&same, &probe("a", "b", 500), &nobody, now), Judgement::InStep);
        let never = candidate(None, 600, 0);
        assert_eq!(judge(&never, &probe("a", "b", 500), &nobody, now), Judgement::InStep);
        let since = candidate(Some("a | older"), 600, 0);
        assert_eq!(judge(&since, &probe("a", "b", 500), &nobody, now), Judgement::InStep);
        // A count has no moment: nobody knows when it changed.
        let counted = candidate(Some("other | b"), 600, 0);
        assert_eq!(
            judge(&counted, &probe("a", "b", 500), &nobody, now),
            Judgement::Read(Trigger::Reconciliation)
        );
        // In the second in which the sync began, something may have happened after it.
        let edge = candidate(None, 500, 0);
        assert_eq!(
            judge(&edge, &probe("a", "b", 500), &nobody, now),
            Judgement::Read(Trigger::Reconciliation)
        );
    }

    #[test]
    fn what_deliveries_are_still_to_tell_is_left_to_them_and_is_no_drift() {
        let (waiting, now) = (BTreeSet::from([1]), at(1_000));
        let one = candidate(Some("a | b"), 0, 0);
        assert_eq!(judge(&one, &probe("a", "c", 500), &waiting, now), Judgement::PutOff);
        assert_eq!(judge(&one, &probe("a", "c", 990), &BTreeSet::new(), now), Judgement::PutOff);
        let patient = candidate(Some("a | b"), 0, PATIENCE);
        assert_eq!(
            judge(&patient, &probe("a", "c", 990), &BTreeSet::new(), now),
            Judgement::Read(Trigger::Webhook)
        );
        assert_eq!(
            judge(&patient, &Probed::Missing, &BTreeSet::new(), now),
            Judgement::Read(Trigger::Reconciliation)
        );
    }
}
