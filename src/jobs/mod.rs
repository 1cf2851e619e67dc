//! Work that nobody asked for just now: what is due, by which clock, and who does it.
//!
//! The cron library only says "look"; what is due is decided here, by our own clock and the site's zone, so that a test can
//! decide it too. [`Runner::step`] does by hand what [`Runner::run`] does when told to look.

mod chores;
mod daily;
mod holding;
mod hooks;
mod making_sure;
mod measure;
mod replicas;
mod runner;
mod schedule;
mod under_way;

pub use replicas::Replicas;
pub use runner::{Runner, SiteSource};
pub use schedule::{Enqueuer, ScheduleError, Work, schedule};
