//! Do the webhooks that are kept right deliver?

use crate::frappe::db::DbError;
use crate::frappe::secrets;
use crate::frappe::site::Site;
use crate::health::{CheckId, CheckResult};
use crate::store::hooks::{self, Home, HookRow};
use crate::store::settings::DOCTYPE;

/// The field that holds what deliveries are signed with.
const SECRET: &str = "webhook_secret";
/// Names that are told; of more only how many there are.
const TOLD: usize = 3;

/// Reads what was found out about them last; GitHub is not asked.
pub(in crate::health) async fn check(site: &Site) -> CheckResult {
    match read(site).await {
        Ok((has_secret, rows)) => judge(site.name(), has_secret, &rows),
        Err(error) => CheckResult::failed(CheckId::Webhooks, error.to_string()),
    }
}

async fn read(site: &Site) -> Result<(bool, Vec<HookRow>), DbError> {
    let has_secret = secrets::is_single_set(&mut site.db().conn().await?, DOCTYPE, SECRET).await?;
    // As in the Python app.
    let has_secret = has_secret
        || site
            .config()
            .text("github_webhook_secret")
            .is_some_and(|text| !text.is_empty());
    Ok((has_secret, hooks::list(site.db()).await?))
}

fn judge(site: &str, has_secret: bool, rows: &[HookRow]) -> CheckResult {
    let id = CheckId::Webhooks;
    if !has_secret {
        return CheckResult::warning(
            id,
            format!(
                "no webhook secret is stored, so that every delivery of GitHub is answered 503: run `erpnext-github settings set {SECRET} --stdin --site {site}`"
            ),
        );
    }
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
                "GitHub's deliveries of {}{more} were not taken last (answered {status}): look at the checks above, and run `erpnext-github hooks deliveries {} --site {site}`",
                names.join(", "),
                whose(first)
            ),
        );
    }
    let apps = rows.iter().filter(|row| matches!(row.home, Home::App(_))).count();
    let kept = match rows.len() - apps {
        0 if apps > 0 => "none is kept right",
        0 => "none is kept right; changes come with the schedule",
        1 => "one is kept right",
        several => &format!("{several} are kept right"),
    };
    let with_app = if apps > 0 {
        "; what the GitHub App's own could not deliver is asked for again"
    } else {
        ""
    };
    CheckResult::ok(id, format!("{kept}{with_app}"))
}

/// How `hooks` is told whose webhook is meant.
fn whose(row: &HookRow) -> String {
    match row.home {
        Home::Repository(_) => format!("--repo {}", row.name),
        Home::Organization(_) => format!("--organization {}", row.name),
        Home::App(_) => "--app".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::CheckStatus;

    fn row(name: &str, last_status: Option<u16>, problem: Option<&str>) -> HookRow {
        HookRow {
            name: name.to_owned(),
            last_status,
            problem: problem.map(str::to_owned),
            ..HookRow::new(Home::Repository(1))
        }
    }

    #[test]
    fn f24_f41_without_a_secret_or_with_a_webhook_that_does_not_deliver_one_sentence_says_so() {
        let good = row("acme/web", Some(202), None);
        assert_eq!(
            judge("a.test", true, &[good.clone(), row("acme/new", None, None)]).status,
            CheckStatus::Ok
        );
        let told = judge("a.test", true, &[good.clone(), row("acme/api", Some(502), None)]);
        assert_eq!(told.status, CheckStatus::Warning);
        assert!(told.message.contains("acme/api") && told.message.contains("502"), "{told:?}");
        let told = judge(
            "a.test",
            true,
            &[good, row("acme/api", None, Some("the token may not do this"))],
        );
        assert!(told.message.contains("the token may not do this"), "{told:?}");
        let of_app = |last_status, problem: Option<&str>| HookRow {
            home: Home::App("Iv23".to_owned()),
            ..row("GitHub App erp", last_status, problem)
        };
        let told = judge("a.test", true, &[row("acme/web", Some(202), None), of_app(Some(202), None)]);
        assert_eq!(
            (told.status, told.message.as_str()),
            (
                CheckStatus::Ok,
                "one is kept right; what the GitHub App's own could not deliver is asked for again"
            )
        );
        let told = judge("a.test", true, &[of_app(Some(503), None)]);
        assert!(told.message.contains("hooks deliveries --app --site a.test"), "{told:?}");
        let told = judge("a.test", true, &[of_app(None, Some("GitHub does not know the App"))]);
        assert!(
            told.message
                .contains("GitHub App erp is not as it should be: GitHub does not know"),
            "{told:?}"
        );
        let told = judge("a.test", false, &[]);
        assert_eq!(told.status, CheckStatus::Warning);
        assert!(told.message.contains("answered 503"), "{told:?}");
    }
}
