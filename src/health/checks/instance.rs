//! Is this the site that we were installed on, or a copy of it?

use crate::health::{CheckId, CheckResult};
use crate::setup::State;

/// `state` is how the site stands to this program; none where it could not be told.
pub(in crate::health) fn check(state: Option<&State>) -> CheckResult {
    let id = CheckId::Instance;
    match state {
        Some(State::Current) => CheckResult::ok(id, "the site that it was installed on"),
        Some(State::Passive { reason }) => CheckResult::failed(id, reason),
        // Which instance it is matters once the version does.
        _ => CheckResult::skipped(id, CheckId::Installation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::CheckStatus;

    #[test]
    fn a_copy_is_told_with_its_reason() {
        let passive = State::Passive {
            reason: "run `erpnext-github adopt --site a.test`".to_owned(),
        };
        assert!(check(Some(&passive)).is_failure());
        assert!(check(Some(&passive)).message.contains("adopt"));
        assert_eq!(check(Some(&State::Current)).status, CheckStatus::Ok);
        for state in [None, Some(&State::NotInstalled)] {
            assert_eq!(check(state).status, CheckStatus::Skipped);
        }
    }
}
