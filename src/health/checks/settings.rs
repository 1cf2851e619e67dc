//! Is the integration switched on, with a token?

use crate::frappe::db::DbError;
use crate::frappe::secrets;
use crate::frappe::site::Site;
use crate::health::{CheckId, CheckResult, CheckStatus};
use crate::store::inbox;
use crate::store::settings::{DOCTYPE, Settings};

/// The field that holds the site's token.
const TOKEN: &str = "personal_access_token";
/// The only way of proving who we are that is built so far.
const TOKEN_AUTH: &str = "Personal Access Token";

/// Reads GitHub Settings.
pub(in crate::health) async fn check(site: &Site) -> CheckResult {
    match read(site).await {
        Ok((settings, has_token)) => {
            let judged = judge(site.name(), &settings, has_token);
            if judged.status != CheckStatus::Ok {
                return judged;
            }
            match inbox::unheard(site.db()).await {
                Ok(unheard) if unheard.is_empty() => judged,
                Ok(unheard) => CheckResult::warning(CheckId::Settings, silent(&unheard)),
                Err(error) => CheckResult::failed(CheckId::Settings, error.to_string()),
            }
        }
        Err(error) => CheckResult::failed(CheckId::Settings, error.to_string()),
    }
}

/// What to do about hooks that GitHub deleted.
fn silent(repositories: &[String]) -> String {
    format!(
        "the webhook of {} was deleted on GitHub, and nothing was delivered since: create it again on the Repository's form, or have changes found \
         by syncs alone",
        repositories.join(", ")
    )
}

async fn read(site: &Site) -> Result<(Settings, bool), DbError> {
    let settings = Settings::read(site.db()).await?;
    let has_token = secrets::is_single_set(&mut site.db().conn().await?, DOCTYPE, TOKEN).await?;
    Ok((settings, has_token))
}

fn judge(site: &str, settings: &Settings, has_token: bool) -> CheckResult {
    let id = CheckId::Settings;
    if !has_token {
        return CheckResult::failed(
            id,
            format!("no GitHub token is stored: run `erpnext-github settings set {TOKEN} --stdin --site {site}`"),
        );
    }
    if !settings.enabled {
        return CheckResult::warning(
            id,
            format!(
                "switched off, so that nothing is synced: tick Enabled in {DOCTYPE}, or run `erpnext-github settings set enabled 1 --site {site}`"
            ),
        );
    }
    if !settings.auth_type.is_empty() && settings.auth_type != TOKEN_AUTH {
        return CheckResult::warning(
            id,
            format!(
                "auth_type is {}, but the personal access token is used: nothing else is built yet",
                settings.auth_type
            ),
        );
    }
    CheckResult::ok(
        id,
        format!(
            "switched on, with a token; a repository is synced every {} minutes unless it says otherwise",
            settings.sync_interval_minutes
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_thing_that_stops_a_sync_is_told() {
        let mut settings = Settings {
            act_without_connection: true,
            enabled: false,
            auth_type: "OAuth App".to_owned(),
            default_organization: String::new(),
            default_visibility: "Private".to_owned(),
            sync_interval_minutes: 60,
            reconciliation_period_minutes: 10,
            reconciliation_budget_percent: 20,
            rate_limit_threshold: 100,
            run_retention_days: 90,
            event_retention_days: 30,
            commit_history_days: 90,
        };
        let told = |settings: &Settings, has_token| judge("a.test", settings, has_token);
        let none = told(&settings, false);
        assert!(
            none.is_failure()
                && none
                    .message
                    .contains("settings set personal_access_token --stdin --site a.test")
        );
        let off = told(&settings, true);
        assert_eq!(off.status, CheckStatus::Warning);
        assert!(off.message.contains("settings set enabled 1 --site a.test"), "{off:?}");
        settings.enabled = true;
        assert!(told(&settings, true).message.contains("OAuth App"));
        TOKEN_AUTH.clone_into(&mut settings.auth_type);
        let good = told(&settings, true);
        assert_eq!(good.status, CheckStatus::Ok);
        assert!(good.message.contains("every 60 minutes"), "{good:?}");
    }
}
