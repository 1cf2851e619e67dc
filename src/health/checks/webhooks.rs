//! Do the webhooks that are kept right deliver?

use crate::frappe::site::Site;
use crate::health::{CheckId, CheckResult};
use crate::store::hooks::{self, HookRow};

/// Names that are told; of more only how many there are.
const TOLD: usize = 3;

/// Reads what was found out about them last; GitHub is not asked.
pub(in crate::health) async fn check(site: &Site) -> CheckResult {
    match hooks::list(site.db()).await {
        Ok(rows) => judge(site.name(), &rows),
        Err(error) => CheckResult::failed(CheckId::Webhooks, error.to_string()),
    }
}

fn judge(site: &str, rows: &[HookRow]) -> CheckResult {
    let id = CheckId::Webhooks;
    let refused = |row: &&HookRow| row.last_status.is_some_and(|status| !(200..300).contains(&status));
    if let Some(row) = rows.iter().find(|row| row.problem.is_some()) {
        let others = rows.iter().filter(|row| row.problem.is_some()).count() - 1;
        let more = if others > 0 {
            format!(" (and {others} more)")
        } else {
            String::new()
        };
        let problem = row.problem.as_deref().unwrap_or_default();
        return CheckResult::warning(
            id,
            format!("the webhook of {}{more} is not as it should be: {problem}", row.name),
        );
    }
    let silent: Vec<&HookRow> = rows.iter().filter(refused).collect();
    if let Some(first) = silent.first() {
        let names: Vec<&str> = silent.iter().take(TOLD).map(|row| row.name.as_str()).collect();
        let more = silent.len().saturating_sub(TOLD);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let status = first.last_status.unwrap_or_default();
        return CheckResult::warning(
            id,
            format!(
                "GitHub's deliveries of {}{more} were not taken last (answered {status}): look at the checks above, and run `erpnext-github hooks deliveries --repo {} --site {site}`",
                names.join(", "),
                first.name
            ),
        );
    }
    CheckResult::ok(
        id,
        match rows.len() {
            0 => "none is kept right; changes come with the schedule".to_owned(),
            1 => "one is kept right".to_owned(),
            several => format!("{several} are kept right"),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::CheckStatus;
    use crate::store::hooks::Home;

    fn row(name: &str, last_status: Option<u16>, problem: Option<&str>) -> HookRow {
        HookRow {
            name: name.to_owned(),
            last_status,
            problem: problem.map(str::to_owned),
            ..HookRow::new(Home::Repository(1))
        }
    }

    #[test]
    fn f41_a_webhook_that_does_not_deliver_is_told_in_one_sentence() {
        let good = row("acme/web", Some(202), None);
        assert_eq!(
            judge("a.test", &[good.clone(), row("acme/new", None, None)]).status,
            CheckStatus::Ok
        );
        let told = judge("a.test", &[good.clone(), row("acme/api", Some(502), None)]);
        assert_eq!(told.status, CheckStatus::Warning);
        assert!(told.message.contains("acme/api") && told.message.contains("502"), "{told:?}");
        let told = judge("a.test", &[good, row("acme/api", None, Some("the token may not do this"))]);
        assert!(told.message.contains("the token may not do this"), "{told:?}");
    }
}
