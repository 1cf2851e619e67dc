//! What was said of sites that cannot be worked on: whoever looks every few seconds says a thing when it begins, changes and ends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What of a site can stand in the way of work. Each is told for itself: an answer to one says nothing of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Reading its files.
    Open,
    /// Its tables being ours to read and write.
    Serve,
    /// Speaking to GitHub in its name.
    Sync,
    /// Doing what follows from saves in its desk.
    Desk,
}

/// Whether somebody should do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It is broken.
    Fault,
    /// Somebody may have wanted it so.
    Choice,
}

/// Reasons that hold just now, by site and step.
type Reasons = BTreeMap<(String, Step), String>;

/// The last reason of each site. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Complaints(Arc<Mutex<Reasons>>);

impl Complaints {
    /// `step` does not work for `reason`, which is told unless it was told last.
    pub(super) fn note(&self, site: &str, step: Step, weight: Weight, reason: &str) {
        let known = self.reasons().insert((site.to_owned(), step), reason.to_owned());
        if known.is_some_and(|known| known == reason) {
            return;
        }
        let told = match step {
            Step::Open => "site left out",
            Step::Serve => "site not served",
            Step::Sync => "site not synced",
            Step::Desk => "what was saved in the desk waits",
        };
        match weight {
            Weight::Fault => tracing::warn!(site, reason, "{told}"),
            Weight::Choice => tracing::info!(site, reason, "{told}"),
        }
    }

    /// `step` works, which is told where it did not before.
    pub(super) fn over(&self, site: &str, step: Step) {
        if self.reasons().remove(&(site.to_owned(), step)).is_none() {
            return;
        }
        let told = match step {
            Step::Open => "site can be read again",
            Step::Serve => "site can be served now",
            Step::Sync => "site can be synced now",
            Step::Desk => "what was saved in the desk is done",
        };
        tracing::info!(site, "{told}");
    }

    /// Forgets the sites that are not among `names`.
    pub(super) fn keep(&self, names: &[&str]) {
        self.reasons().retain(|(site, _), _| names.contains(&site.as_str()));
    }

    fn reasons(&self) -> MutexGuard<'_, Reasons> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
