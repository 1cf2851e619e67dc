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

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::budget::Purpose;
use crate::github::{BATCH, ProbePart, Probed};
use crate::store::hooks;
use crate::store::proofs::{self, Candidate, Counted, Which};
use crate::store::repositories;
use crate::store::runs::{RunStatus, Trigger};
use crate::telemetry::metric;

use super::baseline::{self, Baseline};
use super::judgement::{GRACE, Judgement, judge};
use super::report::SiteReport;
use super::repository::RunOptions;
use super::site::sync_chosen;
use super::{SyncContext, SyncError};

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
        let Compared {
            proven,
            to_read,
            put_off,
            part,
        } = compare(context, some).await?;
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
                return Ok(done);
            }
        }
    }
    Ok(done)
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
    for some in candidates.chunks(BATCH) {
        match compare(context, some).await {
            Ok(compared) => in_step.extend(compared.proven.iter().filter(|id| is_whole.contains(id))),
            // Who cannot be asked about is read.
            Err(SyncError::Github(_)) => break,
            Err(error) => return Err(error),
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
async fn compare<'c>(context: &SyncContext, some: &'c [Candidate]) -> Result<Compared<'c>, SyncError> {
    let db = context.site.db();
    context.checkpoint().await?;
    let ids: Vec<String> = some.iter().map(|one| one.node_id.clone()).collect();
    let baselines: Vec<Option<Baseline>> = some.iter().map(baseline).collect();
    let part = baseline::part_for(baselines.iter().map(Option::as_ref));
    let mut answers = context.client.repository_probes(&ids, part).await?;
    let mirrored = mirrored(context, some, &baselines, part).await?;
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
        let counted = mirrored
            .as_ref()
            .and_then(|(part, counts)| Some((*part, *counts.get(&one.id)?)));
        match judge((one, before.as_ref(), counted), &probed, &waiting, now) {
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

/// How many there are here of the part that is asked for in turn, of those of which GitHub never said it: what changed between their sync and
/// this first word shows in the count alone.
async fn mirrored(
    context: &SyncContext,
    some: &[Candidate],
    baselines: &[Option<Baseline>],
    part: ProbePart,
) -> Result<Option<(&'static str, BTreeMap<u64, i64>)>, SyncError> {
    let (name, counted) = match part {
        ProbePart::All => return Ok(None),
        ProbePart::Branches => ("branches", Counted::Branches),
        ProbePart::Labels => ("labels", Counted::Labels),
        ProbePart::Milestones => ("milestones", Counted::Milestones),
    };
    let is_new = |before: &Option<Baseline>| !before.as_ref().is_some_and(|before| before.has(name));
    let new = some.iter().zip(baselines).filter(|(_, before)| is_new(before));
    let ids: Vec<u64> = new.map(|(one, _)| one.id).collect();
    Ok(Some((name, proofs::mirrored(context.site.db(), counted, &ids).await?)))
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
