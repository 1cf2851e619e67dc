//! Work that nobody asked for just now: what is due, by which clock, and who does it.
//!
//! The cron library only says "look"; what is due is decided here, by our own clock and the site's zone, so that a test can
//! decide it too. Every loop is a wrapper around [`Runner::step`].

mod daily;
mod runner;
mod schedule;

pub use runner::{Runner, SiteSource};
pub use schedule::{Enqueuer, ScheduleError, Work, schedule};
