//! Who writes a row and when, as Frappe wants it said.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::frappe::zone::SiteZone;

/// What is kept for a number of days is kept for a hundred years at most: the desk takes any number, and not every one has a date.
pub(super) const KEPT_AT_MOST_DAYS: u32 = 36_500;

/// How long something is kept that the Settings want for `days` days.
pub(super) fn kept(days: u32) -> TimeDelta {
    TimeDelta::days(i64::from(days.min(KEPT_AT_MOST_DAYS)))
}

/// Values of `owner`, `modified_by`, `creation` and `modified`, and the zone for all other times of the row.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// User whose name stands in the rows.
    pub user: String,
    /// The site's zone.
    pub zone: SiteZone,
    /// The present moment.
    pub now: DateTime<Utc>,
}

impl Stamp {
    /// The present moment on `site`, in the name of `user`.
    ///
    /// # Errors
    /// When the site's zone cannot be read.
    pub async fn now(site: &Site, user: impl Into<String>) -> Result<Self, DbError> {
        Ok(Self {
            user: user.into(),
            zone: site.zone().await?,
            now: site.clock().now(),
        })
    }

    /// The present moment as the site writes it.
    #[must_use]
    pub fn local_now(&self) -> NaiveDateTime {
        self.zone.to_local(self.now)
    }
}
