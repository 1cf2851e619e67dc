//! Webhooks of ours on GitHub: made, kept right, never doubled, removed where they are not wanted; and what they could not deliver, asked for
//! again.
//!
//! What should be there is a row of `store::hooks`. `ensure` makes GitHub agree with it, under a lease, so that two presses or two
//! processes make one hook. It reads by itself and writes by a [`Hand`], which `actions` gives: every write is a row of GitHub Write first.
//! [`sweep()`] looks through what GitHub could not deliver. GitHub never shows a secret; a keyed digest in the row tells which one was set.

mod address;
mod app;
mod drift;
mod ensure;
mod error;
mod events;
mod held;
mod remove;
mod sweep;
mod wanted;

pub use drift::{is_work_due, prepare};
pub use ensure::{AsGithub, Ensured, Ensuring, Hand, Target, Waits};
pub use error::HookError;
pub use held::{Held, Ours, listed};
pub use sweep::{Clients, Sweep, sweep};
pub use wanted::Wanted;

pub use crate::store::hooks::{Given, Home, HookRow, suspect};
