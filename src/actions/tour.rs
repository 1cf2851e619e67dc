//! How far a sync of all repositories is, as the listeners of the Python app know it: the event `github_sync_progress`.

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::telemetry::OneOfMany;

/// A sync of all repositories while it goes on.
#[derive(Debug, Clone)]
pub(super) struct Tour {
    began: Instant,
    repository: String,
    ended_well: Option<bool>,
    done: usize,
    total: usize,
    /// Repositories that were synced.
    pub(super) success: u64,
    /// Repositories that were not.
    pub(super) failed: u64,
}

impl Tour {
    /// Name of the event.
    pub(super) const EVENT: &str = "github_sync_progress";

    /// Begins now.
    pub(super) fn begin() -> Self {
        Self {
            began: Instant::now(),
            repository: String::new(),
            ended_well: None,
            done: 0,
            total: 0,
            success: 0,
            failed: 0,
        }
    }

    /// It came to a repository, or is done with it.
    pub(super) fn at(&mut self, one: OneOfMany<'_>) {
        one.name.clone_into(&mut self.repository);
        self.ended_well = one.ended_well;
        self.total = one.total;
        self.done = one.before + usize::from(one.ended_well.is_some());
        match one.ended_well {
            Some(true) => self.success += 1,
            Some(false) => self.failed += 1,
            None => {}
        }
    }

    /// What is told of it now, nothing before the first repository; `end` is how the whole ended, once it did.
    pub(super) fn message(&self, end: Option<Result<(), &str>>) -> Option<Value> {
        if self.repository.is_empty() && end.is_none() {
            return None;
        }
        let seconds = self.began.elapsed().as_secs();
        let mut message = json!({"progress": self.done, "total": self.total, "time_s": seconds});
        if let Some(end) = end {
            message["progress"] = self.total.into();
            message["msg"] = end.err().unwrap_or("completed").into();
        } else {
            message["repo"] = self.repository.as_str().into();
            match self.ended_well {
                None => message["phase"] = "syncing".into(),
                Some(well) => message["status"] = if well { "success" } else { "failed" }.into(),
            }
        }
        if end.is_some() || self.ended_well.is_some() {
            message["success"] = self.success.into();
            message["failed"] = self.failed.into();
        }
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(before: usize, ended_well: Option<bool>) -> OneOfMany<'static> {
        OneOfMany {
            name: "octo/web",
            before,
            total: 2,
            ended_well,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_old_event_keeps_its_three_forms() {
        let mut tour = Tour::begin();
        assert_eq!(tour.message(None), None);
        tour.at(one(0, None));
        let begins = json!({"progress": 0, "total": 2, "repo": "octo/web", "phase": "syncing", "time_s": 0});
        assert_eq!(tour.message(None), Some(begins));
        tour.at(one(0, Some(true)));
        let ended =
            json!({"progress": 1, "total": 2, "repo": "octo/web", "status": "success", "success": 1, "failed": 0, "time_s": 0});
        assert_eq!(tour.message(None), Some(ended));
        tour.at(one(1, Some(false)));
        assert_eq!(tour.message(None).unwrap_or_default()["status"], "failed");
        let completed = json!({"progress": 2, "total": 2, "msg": "completed", "success": 1, "failed": 1, "time_s": 0});
        assert_eq!(tour.message(Some(Ok(()))), Some(completed));
        assert_eq!(tour.message(Some(Err("why"))).unwrap_or_default()["msg"], "why");
    }
}
