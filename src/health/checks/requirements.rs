//! Is the site one that we can be installed on: grants, ERPNext, free names, room in its tables?

use crate::health::{CheckId, CheckResult};
use crate::setup::{Plan, SetupError};

/// `plan` is what `install --plan` would show; what it found fit or unfit is told, the changes are not.
pub(in crate::health) fn check(plan: &Result<Plan, SetupError>) -> CheckResult {
    let id = CheckId::Requirements;
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => return CheckResult::failed(id, error.to_string()),
    };
    let refusals = plan.refusals();
    if refusals.is_empty() {
        let found = plan.checks.iter().map(|check| format!("; {}: {}", check.what, check.found));
        return CheckResult::ok(id, format!("Frappe {}{}", plan.frappe, found.collect::<String>()));
    }
    CheckResult::failed(id, refusals.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::Check;

    fn plan(checks: &[(&str, bool, &str)]) -> Plan {
        let checks = checks.iter().map(|(what, ok, found)| Check {
            what: (*what).to_owned(),
            ok: *ok,
            found: (*found).to_owned(),
        });
        Plan {
            site: "a.test".to_owned(),
            frappe: "15.92.0".to_owned(),
            checks: checks.collect(),
            warnings: Vec::new(),
            patches: Vec::new(),
            tables: Vec::new(),
            columns: Vec::new(),
            indexes: Vec::new(),
            rows: Vec::new(),
            settings: Vec::new(),
            secrets: 0,
            records_version: false,
        }
    }

    #[test]
    fn what_is_unfit_is_told_and_nothing_else() {
        let good = check(&Ok(plan(&[("grants", true, "sufficient"), ("ERPNext", true, "installed")])));
        assert_eq!(
            good,
            CheckResult::ok(
                CheckId::Requirements,
                "Frappe 15.92.0; grants: sufficient; ERPNext: installed"
            )
        );
        let bad = check(&Ok(plan(&[
            ("grants", false, "grant ALTER"),
            ("ERPNext", true, "installed"),
            ("names", false, "rename Repository"),
        ])));
        assert_eq!(
            bad,
            CheckResult::failed(CheckId::Requirements, "grant ALTER; rename Repository")
        );
    }
}
