//! Work on a site that is asked for more often than it is done: one is at it, and does it once more for all who asked meanwhile.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Sites at which somebody is, and whether he is to do it again. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Mutex<BTreeMap<String, bool>>>);

impl Turns {
    /// Has `begin` called where nobody is at it; whoever is does it once more.
    pub(super) fn take(&self, site: &str, begin: impl FnOnce()) {
        let is_first = {
            let mut turns = self.locked();
            match turns.get_mut(site) {
                Some(again) => {
                    *again = true;
                    false
                }
                None => turns.insert(site.to_owned(), false).is_none(),
            }
        };
        if is_first {
            begin();
        }
    }

    /// True when the caller, who did it, is to do it once more.
    pub(super) fn again(&self, site: &str) -> bool {
        let mut turns = self.locked();
        let wanted = turns.get_mut(site).is_some_and(std::mem::take);
        if !wanted {
            turns.remove(site);
        }
        wanted
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d15_however_many_ask_one_does_it_and_does_it_once_more() {
        let turns = Turns::default();
        let begun = |site: &str| {
            let mut begun = false;
            turns.take(site, || begun = true);
            begun
        };
        assert!(begun("a"));
        assert!(!begun("a") && !begun("a"));
        assert!(begun("b"), "another site");
        assert!(turns.again("a"), "asked meanwhile");
        assert!(!turns.again("a"));
        assert!(begun("a"), "over");
    }
}
