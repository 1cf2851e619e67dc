//! The site's own time zone: what people see is stored naive in it, as Frappe does.

use std::str::FromStr;

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::db::{Db, DbError};
use super::singles;

/// What Frappe assumes when System Settings names no zone (`frappe/utils/data.py`).
const FRAPPE_DEFAULT: Tz = Tz::Asia__Kolkata;

/// A site's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteZone(Tz);

impl SiteZone {
    /// The zone named in System Settings; Frappe's default where the field is empty or names no zone.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(db: &Db) -> Result<Self, DbError> {
        let name = singles::read_field(db, "System Settings", "time_zone").await?;
        Ok(Self::named(name.as_deref().unwrap_or_default()))
    }

    /// The name in System Settings where it is not empty and yet no zone's.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unknown(db: &Db) -> Result<Option<String>, DbError> {
        let name = singles::read_field(db, "System Settings", "time_zone")
            .await?
            .unwrap_or_default();
        let name = name.trim();
        Ok((!name.is_empty() && Tz::from_str(name).is_err()).then(|| name.to_owned()))
    }

    /// The zone of that IANA name, or Frappe's default.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(Tz::from_str(name.trim()).unwrap_or(FRAPPE_DEFAULT))
    }

    /// A moment as this site writes it, with microseconds.
    #[must_use]
    pub fn to_local(self, moment: DateTime<Utc>) -> NaiveDateTime {
        moment.with_timezone(&self.0).naive_local()
    }

    /// The moment that a stored value means; in the hour that autumn repeats the first is meant, in the hour that spring
    /// skips the clock is read as if it had not been put forward.
    #[must_use]
    pub fn to_utc(self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment.with_timezone(&Utc),
            LocalResult::None => {
                let hour = TimeDelta::hours(1);
                self.0
                    .from_local_datetime(&(local - hour))
                    .earliest()
                    .map_or_else(|| local.and_utc(), |moment| moment.with_timezone(&Utc) + hour)
            }
        }
    }

    /// The last moment that a stored value may mean: in the hour that autumn repeats, the second time.
    #[must_use]
    pub fn to_utc_at_the_latest(self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.0.from_local_datetime(&local) {
            LocalResult::Ambiguous(_, moment) => moment.with_timezone(&Utc),
            _ => self.to_utc(local),
        }
    }

    /// IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

/// Frappe's text form of a stored time: six digits, always, because `modified` is compared as text.
#[must_use]
pub fn frappe_text(local: NaiveDateTime) -> String {
    local.format("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

/// A stored time from its text form, with or without digits of a second, with a blank or `T` between date and time.
#[must_use]
pub fn parse_frappe_text(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim().replacen('T', " ", 1);
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn new_york_falls_back_without_losing_order() {
        let zone = SiteZone::named("America/New_York");
        let (first, second) = (utc("2026-11-01T05:30:00Z"), utc("2026-11-01T06:30:00Z"));
        assert_eq!(zone.to_local(first), zone.to_local(second), "the same hour twice");
        assert_eq!(zone.to_utc(zone.to_local(first)), first);
        assert_eq!(zone.to_utc_at_the_latest(zone.to_local(first)), second);
        let clear = utc("2026-11-01T08:30:00Z");
        assert_eq!(zone.to_utc_at_the_latest(zone.to_local(clear)), clear);
        assert_eq!(frappe_text(zone.to_local(first)), "2026-11-01 01:30:00.000000");
    }

    #[test]
    fn the_hour_that_spring_skips_is_still_a_moment() {
        let zone = SiteZone::named("America/New_York");
        let skipped = "2026-03-08T02:30:00".parse().expect("a time");
        assert_eq!(zone.to_utc(skipped), utc("2026-03-08T07:30:00Z"));
    }

    #[test]
    fn an_unknown_zone_is_frappes_default() {
        assert_eq!(SiteZone::named("").name(), "Asia/Kolkata");
    }
}
