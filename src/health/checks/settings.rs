//! Is the integration switched on, with a credential, and which one is that?

use crate::domain::SiteWay;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::health::{CheckId, CheckResult, CheckStatus};
use crate::store::inbox;
use crate::store::settings::{DOCTYPE, Settings};
use crate::store::site_way::{self, Proof};

/// The field that holds the site's token.
const TOKEN: &str = "personal_access_token";

/// Reads GitHub Settings. True where the site itself has a credential that GitHub can be asked about.
pub(in crate::health) async fn check(site: &Site) -> (CheckResult, bool) {
    let (settings, proof) = match read(site).await {
        Ok(read) => read,
        Err(error) => return (CheckResult::failed(CheckId::Settings, error.to_string()), false),
    };
    let judged = judge(site.name(), &settings, &proof);
    if judged.status != CheckStatus::Ok {
        return (judged, proof.is_stored);
    }
    let told = match inbox::unheard(site.db()).await {
        Ok(unheard) if unheard.is_empty() => judged,
        Ok(unheard) => CheckResult::warning(CheckId::Settings, silent(&unheard)),
        Err(error) => CheckResult::failed(CheckId::Settings, error.to_string()),
    };
    (told, proof.is_stored)
}

/// What to do about hooks that GitHub deleted.
fn silent(repositories: &[String]) -> String {
    format!(
        "the webhook of {} was deleted on GitHub, and nothing was delivered since: create it again on the Repository's form, or have changes found \
         by syncs alone",
        repositories.join(", ")
    )
}

async fn read(site: &Site) -> Result<(Settings, Proof), DbError> {
    Ok((Settings::read(site.db()).await?, site_way::proof(site).await?))
}

fn judge(site: &str, settings: &Settings, proof: &Proof) -> CheckResult {
    let id = CheckId::Settings;
    let missing = missing(site, &proof.way);
    if !proof.is_stored && proof.integrations == 0 {
        return CheckResult::failed(id, missing);
    }
    if !settings.enabled {
        return CheckResult::warning(
            id,
            format!(
                "switched off, so that nothing is synced: tick Enabled in {DOCTYPE}, or run `erpnext-github settings set enabled 1 --site {site}`"
            ),
        );
    }
    if !proof.is_stored {
        return CheckResult::warning(
            id,
            format!(
                "{} GitHub Integrations are switched on, each with a credential of its own; for all other repositories {missing}",
                proof.integrations
            ),
        );
    }
    CheckResult::ok(
        id,
        format!(
            "switched on, with {}; a repository is synced every {} minutes unless it says otherwise",
            by_what(settings, &proof.way),
            settings.sync_interval_minutes
        ),
    )
}

/// What is not there, and what to type.
fn missing(site: &str, way: &SiteWay) -> String {
    match way {
        SiteWay::App => format!(
            "no GitHub App is stored: create one in {DOCTYPE}, or run `erpnext-github settings set app_id --stdin --site {site}` and the same with app_private_key"
        ),
        SiteWay::Token | SiteWay::Environment(_) => {
            format!("no GitHub token is stored: run `erpnext-github settings set {TOKEN} --stdin --site {site}`")
        }
    }
}

/// The credential, in words.
fn by_what(settings: &Settings, way: &SiteWay) -> String {
    match way {
        SiteWay::App => "the GitHub App".to_owned(),
        SiteWay::Environment(name) => format!("the token in {name} of the environment"),
        SiteWay::Token if settings.auth_type == "OAuth App" => {
            "a token: people act by the OAuth App, and the site itself reads by the token".to_owned()
        }
        SiteWay::Token => "a token".to_owned(),
    }
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
        let mut proof = Proof {
            way: SiteWay::Token,
            is_stored: false,
            integrations: 0,
        };
        let told = |settings: &Settings, proof: &Proof| judge("a.test", settings, proof);
        let none = told(&settings, &proof);
        assert!(
            none.is_failure()
                && none
                    .message
                    .contains("settings set personal_access_token --stdin --site a.test")
        );
        proof.is_stored = true;
        let off = told(&settings, &proof);
        assert_eq!(off.status, CheckStatus::Warning);
        assert!(off.message.contains("settings set enabled 1 --site a.test"), "{off:?}");
        settings.enabled = true;
        assert!(told(&settings, &proof).message.contains("the site itself reads by the token"));
        settings.auth_type = "Personal Access Token".to_owned();
        let good = told(&settings, &proof);
        assert_eq!(good.status, CheckStatus::Ok);
        assert!(
            good.message.contains("with a token;") && good.message.contains("every 60 minutes"),
            "{good:?}"
        );
        // The other ways, and what lacks there.
        proof.way = SiteWay::Environment("GITHUB_AUTH_TOKEN".to_owned());
        assert!(
            told(&settings, &proof)
                .message
                .contains("GITHUB_AUTH_TOKEN of the environment")
        );
        proof.way = SiteWay::App;
        let app = told(&settings, &proof);
        assert!(
            app.status == CheckStatus::Ok && app.message.contains("the GitHub App"),
            "{app:?}"
        );
        proof.is_stored = false;
        let none = told(&settings, &proof);
        assert!(none.is_failure() && none.message.contains("app_private_key"), "{none:?}");
        proof.integrations = 2;
        let others = told(&settings, &proof);
        assert_eq!(others.status, CheckStatus::Warning);
        assert!(others.message.contains("2 GitHub Integrations"), "{others:?}");
    }
}
