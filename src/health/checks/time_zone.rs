//! Does System Settings name a time zone that there is?

use crate::frappe::db::{Db, DbError};
use crate::frappe::zone::SiteZone;
use crate::health::{CheckId, CheckResult};

/// Reads System Settings.
pub(in crate::health) async fn check(db: &Db) -> CheckResult {
    let id = CheckId::TimeZone;
    let read = async { Ok::<_, DbError>((SiteZone::read(db).await?, SiteZone::unknown(db).await?)) };
    match read.await {
        Ok((zone, None)) => CheckResult::ok(id, format!("times are written as of {}", zone.name())),
        Ok((zone, Some(unknown))) => CheckResult::warning(
            id,
            format!(
                "`{unknown}` in System Settings is no time zone, so that times are written as of {}: choose another one under Time Zone there, for example Europe/Berlin",
                zone.name()
            ),
        ),
        Err(error) => CheckResult::failed(id, error.to_string()),
    }
}
