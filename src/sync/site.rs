//! A site's run: the chosen repositories one after the other, then the people.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::clock::is_over;
use crate::domain::{RepoName, Repository};
use crate::frappe::db::{DbError, retry_conflicts};
use crate::frappe::pending;
use crate::frappe::singles;
use crate::frappe::zone::frappe_text;
use crate::github::Client;
use crate::store::Stamp;
use crate::store::attempts;
use crate::store::cursors::{self, ITEMS};
use crate::store::proofs;
use crate::store::repositories::{self, Tracked};
use crate::store::runs::{RunStatus, Trigger};
use crate::telemetry::{OneOfMany, metric};

use super::following::follow;
use super::left_out::wanted_again;
use super::plan::{self, Plan};
use super::report::{RepositoryReport, SiteReport};
use super::repository::WALK_OVERDUE;
use super::{RunOptions, SyncContext, SyncError, reconcile, sync_repository};

/// From so many repositories on, which one question holds, GitHub is asked which of them changed before any is read.
const MANY: usize = crate::github::BATCH;

/// Which repositories are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// These, mirrored already or not.
    pub repositories: Vec<RepoName>,
    /// All that these accounts own, as far as the token sees it.
    pub owners: Vec<String>,
}

impl Selection {
    /// True when none is named, which means all that are mirrored and switched on; of those that are gone, the ones at which
    /// nobody looked for a day.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.repositories.is_empty() && self.owners.is_empty()
    }
}

/// Syncs the chosen repositories of one site. One that fails does not stop the next.
///
/// # Errors
/// When the database cannot be used at all, or we were asked to stop before it was clear which repositories are meant.
pub async fn sync_site(context: &SyncContext, selection: &Selection, options: RunOptions) -> Result<SiteReport, SyncError> {
    let mut errors = Vec::new();
    let Chosen {
        mut repositories,
        node_ids,
    } = choose(context, selection, &mut errors).await?;
    let mut in_step = 0;
    if selection.is_all() && !options.full && repositories.len() >= MANY {
        in_step = leave_out_in_step(context, &mut repositories, &reconcile::in_step(context).await?).await?;
    }
    let plan = Plan::of(context, &repositories, &node_ids, options).await?;
    let mut report = sync_chosen(context, &repositories, (options, Some(&plan)), None).await?;
    report.in_step = in_step;
    errors.append(&mut report.errors);
    report.errors = errors;
    if selection.is_all() && !context.stop.is_cancelled() {
        note_last_sync(context).await?;
    }
    Ok(report)
}

/// Syncs every repository that is due by its own interval or the site's; gives nothing when none is. One that a comparison with GitHub
/// proved to be in step since `proven_since`, and that was walked through lately, is left out: it counts as synced now.
///
/// # Errors
/// When the database cannot be used at all.
pub async fn sync_due(
    context: &SyncContext,
    default_minutes: u32,
    proven_since: DateTime<Utc>,
) -> Result<Option<SiteReport>, SyncError> {
    let db = context.site.db();
    let now = context.site.clock().now();
    let mut due = repositories::list(db).await?;
    due.retain(|tracked| tracked.enabled && tracked.is_due(default_minutes, now));
    leave_out_switched_off(context, &mut due).await?;
    if due.is_empty() {
        return Ok(None);
    }
    let proven = proofs::proven_since(db, proven_since, now).await?;
    let in_step = leave_out_in_step(context, &mut due, &proven).await?;
    let options = RunOptions {
        full: false,
        trigger: Trigger::Schedule,
    };
    plan::order(&mut due, now);
    let plan = Plan::of(context, &due, &HashMap::new(), options).await?;
    let mut report = sync_chosen(context, &due, (options, Some(&plan)), Some(default_minutes)).await?;
    report.in_step = in_step;
    if !context.stop.is_cancelled() {
        note_last_sync(context).await?;
    }
    Ok(Some(report))
}

/// Takes those out of `due` whose integration somebody switched off: nothing is wrong with them.
async fn leave_out_switched_off(context: &SyncContext, due: &mut Vec<Tracked>) -> Result<(), DbError> {
    if !due.is_empty() {
        let groups = context.reach.groups().await?;
        due.retain(|tracked| groups.get(&tracked.name).is_none_or(|grouped| !grouped.is_off));
    }
    Ok(())
}

/// Takes those out of `chosen` that were proven to be in step, and walked through lately: they count as synced now. Gives how many.
async fn leave_out_in_step(context: &SyncContext, chosen: &mut Vec<Tracked>, proven: &BTreeSet<u64>) -> Result<u64, SyncError> {
    let now = context.site.clock().now();
    let walked = proofs::walked(context.site.db()).await?;
    let named = chosen.iter().filter_map(|tracked| Some((tracked.github_id?, &*tracked.name)));
    let wanted = wanted_again(context, named).await?;
    let is_in_step = |tracked: &Tracked| {
        let is_walked = |id: u64| !is_over(walked.get(&id).copied(), WALK_OVERDUE, now);
        let is_proven = |id: u64| proven.contains(&id) && !wanted.contains(&id) && is_walked(id);
        !tracked.gone && tracked.github_id.is_some_and(is_proven)
    };
    let (in_step, rest): (Vec<Tracked>, Vec<Tracked>) = std::mem::take(chosen).into_iter().partition(is_in_step);
    *chosen = rest;
    let ids: Vec<u64> = in_step.iter().filter_map(|tracked| tracked.github_id).collect();
    cursors::attempt_all(context.site.db(), &ids, ITEMS, now).await?;
    Ok(in_step.len() as u64)
}

/// One after the other; a repository that another process is at is left to it. With `due_every` so many minutes, one that another process
/// has been at meanwhile is left out.
pub(super) async fn sync_chosen(
    context: &SyncContext,
    chosen: &[Tracked],
    (options, plan): (RunOptions, Option<&Plan>),
    due_every: Option<u32>,
) -> Result<SiteReport, SyncError> {
    let mut report = SiteReport::of(context.site.name());
    // Credentials that nothing more is asked with in this run: the reason, and how many repositories it left.
    let mut out: BTreeMap<String, (String, usize)> = BTreeMap::new();
    // With whose credential the last repository was read well.
    let mut well: Option<(Client, String)> = None;
    for (at, tracked) in chosen.iter().enumerate() {
        if let Some(minutes) = due_every
            && !is_still_due(context, tracked, minutes).await?
        {
            continue;
        }
        let tell = |ended_well| {
            context.reporter.repository(OneOfMany {
                name: &tracked.name,
                before: at,
                total: chosen.len(),
                ended_well,
            });
        };
        let (reached, group) = context.of_repository(&tracked.name).await?;
        if let Some((_, left)) = out.get_mut(&group) {
            *left += 1;
            tell(Some(false));
            leave(context, tracked, options.trigger).await?;
            continue;
        }
        announce(context, &tracked.name, plan, (at, chosen.len()));
        tell(None);
        match sync_repository(&reached, tracked, options).await {
            Ok(one) => {
                count(&one, options.trigger);
                tell(Some(is_well(one.status)));
                if is_well(one.status) {
                    well = Some((reached.client, group.clone()));
                }
                if one.outage {
                    out.insert(group, (one.error.clone().unwrap_or_default(), 0));
                }
                report.repositories.push(one);
            }
            Err(SyncError::Db(error)) if error.is_outage() => return Err(error.into()),
            // The schedule comes back; whoever asked for it by hand is told.
            Err(busy @ SyncError::Busy { .. }) if !matches!(options.trigger, Trigger::Command | Trigger::Button) => {
                report.busy.push(tracked.name.clone());
                tracing::debug!(site = context.site.name(), repository = %tracked.name, reason = %busy, "left to who is at it");
            }
            Err(error) => {
                match &error {
                    SyncError::Busy { repository, .. } => report.busy.push(repository.clone()),
                    _ => tell(Some(false)),
                }
                report.errors.push(format!("{}: {error}", tracked.name));
            }
        }
        if context.stop.is_cancelled() {
            return Ok(report);
        }
    }
    let left = out.values().filter(|(_, left)| *left > 0);
    report
        .errors
        .extend(left.map(|(reason, left)| format!("{left} further repositories were not tried: {reason}")));
    let is_out = |group: &str| out.contains_key(group);
    follow(context, is_out, well, &mut report).await?;
    Ok(report)
}

/// Looked at again when its turn comes: the ones before it may have taken long.
async fn is_still_due(context: &SyncContext, tracked: &Tracked, minutes: u32) -> Result<bool, DbError> {
    let now = context.site.clock().now();
    let found = repositories::find(context.site.db(), &tracked.name).await?;
    Ok(found.is_some_and(|found| found.enabled && found.is_due(minutes, now)))
}

/// Counts a run for `/metrics`.
fn count(run: &RepositoryReport, trigger: Trigger) {
    let label = |text: &str| text.to_lowercase().replace(' ', "_");
    let (trigger, status) = (label(trigger.as_str()), label(run.status.as_str()));
    metrics::counter!(metric::SYNC_RUNS, "trigger" => trigger, "status" => status).increment(1);
}

/// True when the repository was synced, even where some of it could not be.
fn is_well(status: RunStatus) -> bool {
    matches!(status, RunStatus::Completed | RunStatus::CompletedWithFailures)
}

/// Says that a repository's turn has come, the one at that place of so many.
fn announce(context: &SyncContext, name: &str, plan: Option<&Plan>, (at, total): (usize, usize)) {
    let ahead = plan.and_then(|plan| plan.ahead(context, at));
    let ahead = ahead.map_or_else(String::new, |ahead| format!("; {ahead}"));
    let place = at + 1;
    context.reporter.message(&format!("{name} ({place} of {total}){ahead}"));
}

/// What failed for a repository with the same credential would fail for this one as well: GitHub is not asked, and the schedule comes
/// back at its time, to this one first.
async fn leave(context: &SyncContext, tracked: &Tracked, trigger: Trigger) -> Result<(), DbError> {
    if trigger == Trigger::Schedule {
        attempts::leave(context.site.db(), tracked, context.site.clock().now()).await?;
    }
    Ok(())
}

/// The repositories that are meant, in the order in which they are synced.
#[derive(Default)]
struct Chosen {
    repositories: Vec<Tracked>,
    /// Node ids of those that have no document yet, by name.
    node_ids: HashMap<String, String>,
}

async fn choose(context: &SyncContext, selection: &Selection, errors: &mut Vec<String>) -> Result<Chosen, SyncError> {
    let db = context.site.db();
    let now = context.site.clock().now();
    let mut node_ids = HashMap::new();
    if selection.is_all() {
        let mut all = repositories::list(db).await?;
        all.retain(|tracked| tracked.enabled && (!tracked.gone || tracked.is_due(0, now)));
        plan::order(&mut all, now);
        return Ok(Chosen {
            repositories: all,
            node_ids,
        });
    }
    let mut names: Vec<(RepoName, Option<NaiveDateTime>)> =
        selection.repositories.iter().map(|name| (name.clone(), None)).collect();
    for owner in &selection.owners {
        let mut pages = context.client.repositories_of(owner);
        loop {
            context.checkpoint().await?;
            match pages.next().await {
                Ok(Some(page)) => {
                    errors.extend(page.odd.iter().map(|odd| format!("{owner}: {odd}")));
                    // Whatever else a list may hold: nobody asked for others' repositories.
                    let is_own = |one: &Repository| one.name.owner().eq_ignore_ascii_case(owner);
                    for one in page.items.into_iter().filter(is_own) {
                        node_ids.insert(one.name.to_string(), one.node_id);
                        names.push((one.name, one.pushed_at.map(|at| at.naive_utc())));
                    }
                }
                Ok(None) => break,
                Err(error) if error.is_stopped() => return Err(error.into()),
                Err(error) => {
                    errors.push(format!("{owner}: {error}"));
                    break;
                }
            }
        }
    }
    let mut chosen: Vec<Tracked> = Vec::with_capacity(names.len());
    for (name, pushed_at) in names {
        if chosen.iter().any(|tracked| tracked.name.eq_ignore_ascii_case(name.as_str())) {
            continue;
        }
        match repositories::find(db, name.as_str()).await? {
            // A repository that was switched off is left alone unless it is named itself.
            Some(tracked) if !tracked.enabled && !selection.repositories.contains(&name) => {}
            Some(tracked) => chosen.push(Tracked {
                by_name: true,
                ..tracked
            }),
            None => chosen.push(Tracked {
                pushed_at,
                ..Tracked::named(&name)
            }),
        }
    }
    // What was named stays in the order in which it was named.
    let by_hand = chosen.iter().take_while(|tracked| is_named(selection, tracked)).count();
    plan::order(&mut chosen[by_hand..], now);
    Ok(Chosen {
        repositories: chosen,
        node_ids,
    })
}

fn is_named(selection: &Selection, tracked: &Tracked) -> bool {
    selection
        .repositories
        .iter()
        .any(|name| tracked.name.eq_ignore_ascii_case(name.as_str()))
}

/// `last_sync` in GitHub Settings: the end of the last run over all repositories.
async fn note_last_sync(context: &SyncContext) -> Result<(), DbError> {
    const SETTINGS: &str = "GitHub Settings";
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    retry_conflicts(|| async {
        let mut tx = context.site.db().begin().await?;
        singles::write_field(&mut tx, SETTINGS, "last_sync", &frappe_text(stamp.local_now())).await?;
        pending::note_drop(&mut tx, SETTINGS, SETTINGS).await?;
        tx.commit().await
    })
    .await?;
    // What the cache does not take now stays recorded, and the schedule tries again.
    if let Err(error) = pending::flush_drops(&context.site).await {
        tracing::warn!(site = context.site.name(), error = %error, "cached settings are dropped later");
    }
    Ok(())
}
