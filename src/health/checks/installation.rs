//! Is this version of ours installed, and is all of it still there?

use crate::health::{CheckId, CheckResult};
use crate::setup::{Installed, Plan, SetupError, State};

/// Our own version, as an installation records it.
const OURS: &str = env!("CARGO_PKG_VERSION");

/// `state` is how the site named `site` stands to this program. A copy counts as installed here; whether it is one is a question
/// of its own.
pub(in crate::health) fn check(site: &str, state: &Result<State, SetupError>) -> CheckResult {
    let id = CheckId::Installation;
    let install = format!("run `erpnext-github install --site {site}`");
    match state {
        Ok(State::Current | State::Passive { .. }) => CheckResult::ok(id, format!("installed, version {OURS}")),
        Ok(State::NotInstalled) => CheckResult::failed(id, format!("not installed: {install}")),
        Ok(State::Remains) => CheckResult::failed(
            id,
            format!(
                "something of an installation is there, but it is not finished, or was removed in part: {install} to have it, or `erpnext-github uninstall --site {site}` to remove what is left"
            ),
        ),
        Ok(State::Older { installed }) => CheckResult::failed(
            id,
            format!(
                "installed by {}, this is {OURS}: {install} to bring it up to date",
                version(installed)
            ),
        ),
        Ok(State::Newer { installed }) => CheckResult::failed(
            id,
            format!(
                "installed by {}, which is newer than this one ({OURS}): run that program",
                version(installed)
            ),
        ),
        Err(error) => CheckResult::failed(id, error.to_string()),
    }
}

/// A warning when `plan` would mend something of an installation that is [`check`]ed and good.
pub(in crate::health) fn gaps(site: &str, plan: &Plan) -> Option<CheckResult> {
    let mended = Plan {
        // Another build of the same schema writes its name down, which mends nothing.
        records_version: false,
        ..plan.clone()
    };
    (!mended.is_empty()).then(|| {
        CheckResult::warning(
            CheckId::Installation,
            format!(
                "installed, version {OURS}, but something of it was removed or changed: `erpnext-github install --plan --site {site}` lists it, the same without --plan restores it"
            ),
        )
    })
}

/// Two builds of one version may carry different files.
fn version(installed: &Installed) -> String {
    if installed.binary == OURS {
        format!("another build of version {OURS}")
    } else {
        format!("version {}", installed.binary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(binary: &str) -> Installed {
        Installed {
            schema: 1,
            fingerprint: "f".to_owned(),
            binary: binary.to_owned(),
        }
    }

    #[test]
    fn each_state_says_what_to_type() {
        let install = "`erpnext-github install --site a.test`";
        let older = State::Older { installed: by("0.0.1") };
        let build = State::Older { installed: by(OURS) };
        let newer = State::Newer { installed: by("99.0.0") };
        let passive = State::Passive {
            reason: "a copy".to_owned(),
        };
        for (state, failed, parts) in [
            (State::Current, false, ["installed", OURS]),
            (passive, false, ["installed", OURS]),
            (State::NotInstalled, true, ["not installed", install]),
            (State::Remains, true, ["`erpnext-github uninstall --site a.test`", install]),
            (older, true, ["version 0.0.1", install]),
            (build, true, ["another build", install]),
            (newer, true, ["version 99.0.0", "run that program"]),
        ] {
            let result = check("a.test", &Ok(state));
            assert_eq!(result.is_failure(), failed, "{result:?}");
            assert!(parts.iter().all(|part| result.message.contains(part)), "{result:?}");
        }
    }
}
