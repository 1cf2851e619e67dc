//! What is being done where, so that nothing is begun twice.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Work;

/// Kinds of work and the sites on which they are under way. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<BTreeSet<(Work, String)>>>);

/// One kind of work on one site, under way until this is dropped.
#[derive(Debug)]
pub(super) struct Begun {
    list: UnderWay,
    what: (Work, String),
}

impl UnderWay {
    /// Begins `work` on the site of that name; none when it is under way there.
    pub(super) fn begin(&self, work: Work, site: &str) -> Option<Begun> {
        let what = (work, site.to_owned());
        self.locked().insert(what.clone()).then(|| Begun {
            list: self.clone(),
            what,
        })
    }

    /// Everything that is under way.
    pub(super) fn list(&self) -> Vec<(Work, String)> {
        self.locked().iter().cloned().collect()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeSet<(Work, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.list.locked().remove(&self.what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_work_on_the_same_site_is_begun_once_at_a_time() {
        let under_way = UnderWay::default();
        let begun = under_way.begin(Work::SyncDue, "a.test");
        assert!(begun.is_some());
        assert!(under_way.begin(Work::SyncDue, "a.test").is_none());
        assert!(under_way.begin(Work::SyncDue, "b.test").is_some());
        assert!(under_way.begin(Work::PruneRuns, "a.test").is_some());
        assert_eq!(
            under_way.list(),
            [(Work::SyncDue, "a.test".to_owned())],
            "the others are done"
        );
        drop(begun);
        assert!(under_way.begin(Work::SyncDue, "a.test").is_some());
    }
}
