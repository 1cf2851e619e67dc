//! Can the site's configuration be read, and does it name a database?

use crate::frappe::site_config::{SiteConfig, SiteConfigError};
use crate::health::{CheckId, CheckResult};

/// `read` is what reading it gave.
pub(in crate::health) fn check(read: &Result<SiteConfig, SiteConfigError>) -> CheckResult {
    let id = CheckId::SiteConfig;
    match read.as_ref().map(|config| (config, config.database())) {
        Ok((config, Ok(database))) => {
            let names = format!(
                "{} names {} at {}",
                config.file().display(),
                database.database,
                database.endpoint
            );
            if config.maintenance_mode() {
                let off = format!("bench --site {} set-maintenance-mode off", config.site);
                CheckResult::warning(
                    id,
                    format!("{names}; maintenance_mode is set, so that nothing is synced until `{off}`"),
                )
            } else {
                CheckResult::ok(id, names)
            }
        }
        Ok((_, Err(error))) => unusable(&error),
        Err(error) => unusable(error),
    }
}

/// The answer for a site whose files cannot be used.
pub(in crate::health) fn unusable(error: &SiteConfigError) -> CheckResult {
    CheckResult::failed_by(CheckId::SiteConfig, error.to_string(), true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::CheckStatus;

    #[test]
    fn maintenance_is_told() {
        let told = |json| check(&Ok(SiteConfig::for_tests(json)));
        assert_eq!(told(r#"{"db_name": "x"}"#).status, CheckStatus::Ok);
        let paused = told(r#"{"db_name": "x", "maintenance_mode": 1}"#);
        assert_eq!(paused.status, CheckStatus::Warning);
        assert!(
            paused
                .message
                .contains("bench --site acme.localhost set-maintenance-mode off"),
            "{paused:?}"
        );
        assert!(told("{}").is_failure());
    }
}
