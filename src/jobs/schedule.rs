//! `hooks/schedule.toml`: how often each kind of work is looked at.

use serde::Deserialize;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// The file, as it is shipped.
const FILE: &str = include_str!("../../hooks/schedule.toml");

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Sync the repositories whose interval has passed.
    SyncDue,
    /// Compare the repositories with GitHub, and repair what was missed.
    Reconcile,
    /// Walk through repositories at night, by what they have.
    Walk,
    /// See how fresh everything is, for `/metrics`.
    Measure,
    /// Do what follows from saves in the desk.
    LookAtDesk,
    /// Work on deliveries that wait: of other replicas, put off, or left by a process that died.
    WorkOnDeliveries,
    /// Read what deliveries told of without saying it.
    Refresh,
    /// Drop what waits for the cache to come back, and look whether an old copy came over what we wrote.
    FlushCacheDrops,
    /// Do what waits for the bench to answer.
    SettleWaiting,
    /// Remove runs and commits that are older than the Settings want them.
    PruneRuns,
    /// Bring writes to GitHub to an end whose answer was lost, and batches that were left.
    SettleWrites,
    /// Look at webhooks whose turn it is, or with which something is wrong.
    RepairHooks,
    /// Ask GitHub again for what it could not deliver.
    Redeliver,
}

impl Work {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::SyncDue,
        Self::Reconcile,
        Self::Walk,
        Self::Measure,
        Self::LookAtDesk,
        Self::WorkOnDeliveries,
        Self::Refresh,
        Self::FlushCacheDrops,
        Self::SettleWaiting,
        Self::PruneRuns,
        Self::SettleWrites,
        Self::RepairHooks,
        Self::Redeliver,
    ];
}

#[derive(Debug, Deserialize)]
struct Schedule {
    job: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    work: Work,
    cron: String,
}

/// Why the schedule cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The shipped file is wrong, which a test rules out.
    #[error("hooks/schedule.toml cannot be read: {0}")]
    File(#[from] toml::de::Error),
    /// The cron library refuses.
    #[error("the schedule cannot be started: {0}")]
    Cron(#[from] JobSchedulerError),
}

/// Every kind of work with its cron text.
///
/// # Errors
/// When the shipped file cannot be read.
pub fn schedule() -> Result<Vec<(Work, String)>, ScheduleError> {
    let schedule: Schedule = toml::from_str(FILE)?;
    Ok(schedule.job.into_iter().map(|entry| (entry.work, entry.cron)).collect())
}

/// Puts work into a queue when its time comes, and does nothing else.
pub struct Enqueuer {
    scheduler: JobScheduler,
}

impl Enqueuer {
    /// Starts it. What finds the queue full is left out: it comes again at its next time, and is then as due as it was. A queue that
    /// nobody reads any more ends soon, and so shall we.
    ///
    /// # Errors
    /// When the file or the cron library refuses.
    pub async fn start(queue: &mpsc::Sender<Work>) -> Result<Self, ScheduleError> {
        let scheduler = JobScheduler::new().await?;
        for (work, cron) in schedule()? {
            let queue = queue.clone();
            let job = Job::new(cron.as_str(), move |_id, _scheduler| {
                if let Err(TrySendError::Full(work)) = queue.try_send(work) {
                    tracing::debug!(job = ?work, "put off to its next time");
                }
            })?;
            scheduler.add(job).await?;
        }
        scheduler.start().await?;
        Ok(Self { scheduler })
    }

    /// Stops it.
    ///
    /// # Errors
    /// When the cron library refuses.
    pub async fn stop(mut self) -> Result<(), ScheduleError> {
        Ok(self.scheduler.shutdown().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_work_is_scheduled_once_and_every_cron_text_is_one() {
        let schedule = schedule().expect("the shipped file is good");
        for work in Work::ALL {
            assert_eq!(schedule.iter().filter(|(one, _)| *one == work).count(), 1, "{work:?}");
        }
        for (_, cron) in &schedule {
            Job::new(cron.as_str(), |_, _| {}).expect("a cron text");
        }
    }
}
