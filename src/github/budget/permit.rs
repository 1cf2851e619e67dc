//! The leave to send one request, held until its answer is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::reading::{resource_of, seen};
use super::{Budget, Want};
use crate::domain::budget::Resource;

/// A process that asks nothing for so long gives back what it has.
const IDLE: Duration = Duration::from_millis(500);

/// The leave to send one request. Its place is free again when it is dropped.
#[derive(Debug)]
pub struct Permit {
    budget: Arc<Budget>,
    resource: Resource,
    sent: Instant,
    /// An answer came.
    is_answered: AtomicBool,
}

impl Permit {
    pub(super) fn new(budget: Arc<Budget>, want: Want) -> Self {
        let resource = match want {
            Want::Read(resource) => resource,
            Want::Write { .. } => Resource::Core,
        };
        Self {
            budget,
            resource,
            sent: Instant::now(),
            is_answered: AtomicBool::new(false),
        }
    }

    /// Takes in what the head of an answer says of limits and time.
    pub(in crate::github) fn saw(&self, status: StatusCode, headers: &HeaderMap, date: Option<DateTime<Utc>>) {
        self.is_answered.store(true, Ordering::Relaxed);
        let ours = self.budget.clock.now();
        let mut local = self.budget.local();
        if let Some(date) = date {
            local.clock(date, ours);
        }
        let points = seen(headers);
        // Only an answer that GitHub itself gave shows by its silence that there are no limits.
        if points.is_some() || status.is_success() || status == StatusCode::NOT_MODIFIED {
            local.read(resource_of(headers).unwrap_or(self.resource), points, self.sent);
        }
    }

    /// Another request was sent: GitHub had moved what was asked for.
    pub(in crate::github) fn again(&self) {
        self.budget.local().beyond(self.resource, 1);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let is_idle = {
            let mut local = self.budget.local();
            local.done();
            if !self.is_answered.load(Ordering::Relaxed) {
                local.lost(self.resource);
            }
            local.is_idle()
        };
        self.budget.freed.notify_waiters();
        self.budget.changed.notify_waiters();
        if is_idle && let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let budget = Arc::downgrade(&self.budget);
            runtime.spawn(async move {
                tokio::time::sleep(IDLE).await;
                if let Some(budget) = budget.upgrade()
                    && budget.local().is_idle()
                {
                    budget.rest().await;
                }
            });
        }
    }
}
