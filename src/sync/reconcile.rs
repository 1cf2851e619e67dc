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
use crate::github::{BATCH, Probe, ProbePart, Probed};
use crate::store::hooks;
use crate::store::proofs::{self, Candidate, Which};
use crate::store::repositories;
use crate::store::runs::{RunStatus, Trigger};
use crate::telemetry::metric;

use super::baseline::{self, Baseline};
use super::by_credential::by_credential;
use super::left_out::wanted_again;
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
    let wanted = wanted_again(context, candidates.iter().map(|one| (one.id, &*one.name))).await?;
    let mut failed = None;
    for (context, some) in &by_credential(context, candidates, |one| &one.name).await? {
        match reconcile_some(context, (some, &wanted), &mut done).await {
            Ok(()) => {}
            // The others have credentials of their own.
            Err(SyncError::Github(error)) => failed = Some(error),
            Err(error) => return Err(error),
        }
    }
    match failed {
        Some(error) if done.probed == 0 => Err(error.into()),
        Some(error) => {
            tracing::warn!(site = context.site.name(), error = %error, "some repositories could not be compared with GitHub");
            Ok(done)
        }
        None => Ok(done),
    }
}

/// The same for those of one credential.
async fn reconcile_some(
    context: &SyncContext,
    (candidates, wanted): (&[Candidate], &BTreeSet<u64>),
    done: &mut Reconciled,
) -> Result<(), SyncError> {
    let db = context.site.db();
    for some in candidates.chunks(BATCH) {
        let Compared {
            proven,
            to_read,
            put_off,
            part,
        } = compare(context, some, wanted).await?;
        done.probed += some.len();
        done.put_off += put_off.len();
        for one in put_off {
            proofs::put_off(db, one, context.site.clock().now() + GRACE).await?;
        }
        done.in_step += proven.len();
        for (one, probed, trigger) in to_read {
            context.checkpoint().await?;
            let probed = everything(context, one, part).await?.unwrap_or(probed);
            let report = read(context, one, &probed, trigger).await?;
            let is_outage = report.repositories.iter().any(|run| run.outage);
            done.reports.push(report);
            if is_outage {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Which repositories are in step with GitHub, by id: asked a hundred at a time, and noted. Nothing is repaired.
pub(super) async fn in_step(context: &SyncContext) -> Result<BTreeSet<u64>, SyncError> {
    let mut in_step = BTreeSet::new();
    let candidates = proofs::candidates(context.site.db(), Which::All).await?;
    // Whose last sync was not whole is synced, whatever GitHub says.
    let is_whole: BTreeSet<u64> = candidates
        .iter()
        .filter(|one| one.whole_at.is_some())
        .map(|one| one.id)
        .collect();
    let wanted = wanted_again(context, candidates.iter().map(|one| (one.id, &*one.name))).await?;
    for (context, candidates) in &by_credential(context, candidates, |one| &one.name).await? {
        for some in candidates.chunks(BATCH) {
            match compare(context, some, &wanted).await {
                Ok(compared) => in_step.extend(compared.proven.iter().filter(|id| is_whole.contains(id))),
                // Who cannot be asked about is read.
                Err(SyncError::Github(_)) => break,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(in_step)
}

/// What a question about some repositories came to.
struct Compared<'c> {
    /// Those that are in step.
    proven: Vec<u64>,
    to_read: Vec<(&'c Candidate, Probed, Trigger)>,
    /// Those that are left to deliveries.
    put_off: Vec<u64>,
    /// What was asked for.
    part: ProbePart,
}

/// Asks once, and notes what is in step.
async fn compare<'c>(context: &SyncContext, some: &'c [Candidate], wanted: &BTreeSet<u64>) -> Result<Compared<'c>, SyncError> {
    let db = context.site.db();
    context.checkpoint().await?;
    let ids: Vec<String> = some.iter().map(|one| one.node_id.clone()).collect();
    let baselines: Vec<Option<Baseline>> = some.iter().map(baseline).collect();
    let part = baseline::part_for(baselines.iter().map(Option::as_ref));
    let mut answers = context.client.repository_probes(&ids, part).await?;
    // Asked after GitHub was: what comes in meanwhile is waiting, not missed.
    let now = context.site.clock().now();
    let waiting = proofs::waiting(db, now).await?;
    let (mut proven, mut to_read, mut put_off) = (Vec::new(), Vec::new(), Vec::new());
    for (one, before) in some.iter().zip(baselines) {
        let Some(probed) = answers.remove(&one.node_id) else {
            // GitHub does not tell: the next round asks again.
            proofs::leave(db, one.id).await?;
            continue;
        };
        let judgement = match judge((one, before.as_ref()), &probed, &waiting, now) {
            // Nothing was missed: somebody did not want it.
            Judgement::InStep if wanted.contains(&one.id) => Judgement::Read(Trigger::Schedule),
            judgement => judgement,
        };
        match judgement {
            Judgement::InStep => proven.push((one.id, seen(before, &probed))),
            Judgement::PutOff => put_off.push(one.id),
            Judgement::Read(trigger) => to_read.push((one, probed, trigger)),
        }
    }
    proofs::prove(db, &proven, now).await?;
    Ok(Compared {
        proven: proven.into_iter().map(|(id, _)| id).collect(),
        to_read,
        put_off,
        part,
    })
}

fn baseline(one: &Candidate) -> Option<Baseline> {
    Baseline::parse(one.seen.as_deref()?)
}

/// The line that is kept of what GitHub said.
fn seen(before: Option<Baseline>, probed: &Probed) -> String {
    match probed {
        Probed::There(probe) => before.unwrap_or_default().with(probe).to_string(),
        Probed::Missing => String::new(),
    }
}

fn judge(
    (one, before): (&Candidate, Option<&Baseline>),
    probed: &Probed,
    waiting: &BTreeSet<u64>,
    now: DateTime<Utc>,
) -> Judgement {
    let is_waiting = waiting.contains(&one.id);
    let is_young = match probed {
        Probed::Missing => false,
        Probed::There(probe) if is_in_step(one, before, probe) && !is_waiting => return Judgement::InStep,
        Probed::There(probe) if is_in_step(one, before, probe) => return Judgement::PutOff,
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
fn is_in_step(one: &Candidate, before: Option<&Baseline>, probe: &Probe) -> bool {
    let is_seen_since = one.whole_at.is_some_and(|whole| probe.newest < whole);
    match before {
        None => is_seen_since,
        Some(before) => before.is_same_but_for_moments(probe) && (before.has_same_moments(probe) || is_seen_since),
    }
}

/// Everything that GitHub says of a repository before it is read, so that what happens meanwhile differs from that; none where it was asked for.
async fn everything(context: &SyncContext, one: &Candidate, part: ProbePart) -> Result<Option<Probed>, SyncError> {
    if part == ProbePart::All {
        return Ok(None);
    }
    let id = std::slice::from_ref(&one.node_id);
    Ok(context
        .client
        .repository_probes(id, ProbePart::All)
        .await?
        .remove(&one.node_id))
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
        Some(RunStatus::Completed) => proofs::prove(db, &[(one.id, seen(None, probed))], now).await?,
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
    use std::collections::BTreeMap;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_442_000 + seconds, 0).unwrap_or_default()
    }

    fn candidate(whole: i64, put_off: u32) -> Candidate {
        Candidate {
            id: 1,
            name: "octo/web".to_owned(),
            node_id: "R_1".to_owned(),
            seen: None,
            put_off,
            whole_at: Some(at(whole)),
        }
    }

    fn probe(head: &str, moment: i64, newest: i64) -> Probe {
        Probe {
            head: head.to_owned(),
            counts: BTreeMap::new(),
            moments: BTreeMap::from([("issues".to_owned(), moment)]),
            newest: at(newest),
        }
    }

    fn there(head: &str, moment: i64, newest: i64) -> Probed {
        Probed::There(probe(head, moment, newest))
    }

    fn before(head: &str, moment: i64) -> Baseline {
        Baseline::default().with(&probe(head, moment, 0))
    }

    #[test]
    fn what_github_says_again_is_in_step_and_what_a_whole_sync_has_seen_too() {
        let (nobody, now) = (BTreeSet::new(), at(1_000));
        let judge =
            |one: &Candidate, before: Option<Baseline>, probed: &Probed| judge((one, before.as_ref()), probed, &nobody, now);
        let read = Judgement::Read(Trigger::Reconciliation);
        let same = judge(&candidate(0, 0), Some(before("a", 1)), &there("a", 1, 500));
        assert_eq!(same, Judgement::InStep);
        assert_eq!(judge(&candidate(600, 0), None, &there("a", 1, 500)), Judgement::InStep);
        let since = judge(&candidate(600, 0), Some(before("a", 0)), &there("a", 1, 500));
        assert_eq!(since, Judgement::InStep);
        // A count has no moment: nobody knows when it changed.
        let counted = judge(&candidate(600, 0), Some(before("other", 1)), &there("a", 1, 500));
        assert_eq!(counted, read);
        // In the second in which the sync began, something may have happened after it.
        assert_eq!(judge(&candidate(500, 0), None, &there("a", 1, 500)), read);
    }

    #[test]
    fn what_deliveries_are_still_to_tell_is_left_to_them_and_is_no_drift() {
        let (waiting, now) = (BTreeSet::from([1]), at(1_000));
        let before = before("a", 1);
        let judge = |put_off, probed: &Probed, waiting: &BTreeSet<u64>| {
            judge((&candidate(0, put_off), Some(&before)), probed, waiting, now)
        };
        let nobody = BTreeSet::new();
        assert_eq!(judge(0, &there("a", 2, 500), &waiting), Judgement::PutOff);
        assert_eq!(judge(0, &there("a", 2, 990), &nobody), Judgement::PutOff);
        assert_eq!(
            judge(PATIENCE, &there("a", 2, 990), &nobody),
            Judgement::Read(Trigger::Webhook)
        );
        let read = Judgement::Read(Trigger::Reconciliation);
        assert_eq!(judge(PATIENCE, &Probed::Missing, &nobody), read);
    }
}
