//! `erpnext_github_hook`: webhooks of ours on GitHub, what was set last, and when they are looked at next. All times are UTC.
//!
//! A row stands for what should be there; whether it is, `webhook::hooks` finds out and notes here.

mod app;
mod mark;
mod note;
mod redelivery;
mod row;
mod sweep;

pub use app::{mark_app, tell};
pub use mark::{Candidate, candidates, mark, settle_drift, suspect, suspect_all, suspect_home, suspect_of_owner};
pub use note::{Given, Set, begin, checked, failed, forget, leave, set, switch};
pub(super) use note::{let_go, taken};
pub use redelivery::{MOST_ATTEMPTS, begin_attempt, first_tried, prune, to_ask};
pub use row::{Home, HookRow, count, due, find, is_managed, list, organization_of, repository_of_owner};
pub use sweep::{Swept, sweeps_due, swept};

use chrono::TimeDelta;

/// A quiet hook is looked at once in this time.
pub const ROTATION: TimeDelta = TimeDelta::hours(24);

/// Of so many hooks, those that may be looked at in an hour by rotation.
#[must_use]
pub fn hourly_share(hooks: u64) -> u64 {
    hooks.div_ceil(24)
}
