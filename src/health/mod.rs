//! Is everything as it must be? One list of checks behind `doctor` and `/readyz`.
//!
//! What a check is ([`CheckId`], [`CheckStatus`], [`CheckResult`]) is kept apart from how it is told. A check answers one
//! question and never fails itself: what stands in its way is its result, with a sentence that says what to do.

mod check;
mod checks;
mod examination;
mod readiness;
pub mod way;

pub use check::{CheckId, CheckResult, CheckStatus};
pub use examination::{SiteHealth, examine};
pub use readiness::{Listed, Readiness, ReadinessReport, SiteReadiness, Standing, Verdict};
