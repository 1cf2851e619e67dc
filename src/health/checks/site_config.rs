//! Can the site's configuration be read, and does it name a database?

use crate::frappe::site_config::{SiteConfig, SiteConfigError};
use crate::health::{CheckId, CheckResult};

/// `read` is what reading it gave.
pub(in crate::health) fn check(read: &Result<SiteConfig, SiteConfigError>) -> CheckResult {
    let id = CheckId::SiteConfig;
    match read.as_ref().map(|config| (config, config.database())) {
        Ok((config, Ok(database))) => CheckResult::ok(
            id,
            format!(
                "{} names {} at {}",
                config.file().display(),
                database.database,
                database.endpoint
            ),
        ),
        Ok((_, Err(error))) => CheckResult::failed(id, error.to_string()),
        Err(error) => CheckResult::failed(id, error.to_string()),
    }
}
