//! Does MariaDB answer and let us in, and is it one that we can work with?

use crate::frappe::db::{Db, OLDEST, ServerVersion};
use crate::health::{CheckId, CheckResult};

/// Asks for the version, which is the smallest question there is.
pub(in crate::health) async fn check(db: &Db) -> (CheckResult, CheckResult) {
    let endpoint = &db.spec().endpoint;
    match ServerVersion::read(db).await {
        Ok(version) => (
            CheckResult::ok(CheckId::Database, format!("MariaDB at {endpoint} answers")),
            judge(&version),
        ),
        Err(error) => (
            CheckResult::failed_by(CheckId::Database, error.to_string(), error.is_outage()),
            CheckResult::skipped(CheckId::DatabaseVersion, CheckId::Database),
        ),
    }
}

fn judge(version: &ServerVersion) -> CheckResult {
    let (major, minor) = OLDEST;
    let id = CheckId::DatabaseVersion;
    if version.is_supported() {
        CheckResult::ok(id, version.to_string())
    } else if version.is_mariadb() {
        CheckResult::failed(
            id,
            format!("{version} is too old: MariaDB {major}.{minor} or later is needed"),
        )
    } else {
        CheckResult::failed(
            id,
            format!("{version} is no MariaDB: MariaDB {major}.{minor} or later is needed"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_or_foreign_server_is_named() {
        for (text, failed) in [("10.11.6-MariaDB", false), ("10.2.1-MariaDB", true), ("8.0.36", true)] {
            let result = judge(&ServerVersion::of(text));
            assert_eq!(result.is_failure(), failed, "{result:?}");
            assert!(result.message.contains(text), "{result:?}");
        }
    }
}
