//! Jobs that run once a day, at an hour of the site's own clock.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};

use crate::frappe::zone::SiteZone;

/// A moment that lies this far ahead is none.
const DAY: TimeDelta = TimeDelta::days(1);

/// True when the daily hour `at` has come, in the site's zone, since the job was begun last.
///
/// An hour that autumn repeats counts once, one that spring skips counts when it would have ended. What was begun tomorrow, by a clock
/// that was wrong, was not begun.
pub(super) fn is_due(at: NaiveTime, zone: SiteZone, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    let today = zone.to_local(now).date();
    let today_at = zone.to_utc(today.and_time(at));
    let latest = if today_at <= now {
        today_at
    } else {
        zone.to_utc((today - Days::new(1)).and_time(at))
    };
    last.is_none_or(|last| last < latest || last - now >= DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn once_a_day_even_when_the_hour_comes_twice() {
        let zone = SiteZone::named("America/New_York");
        let at = NaiveTime::from_hms_opt(1, 30, 0).expect("a time");
        // 1 November 2026: half past one comes at 05:30 and again at 06:30 UTC.
        assert!(!is_due(
            at,
            zone,
            Some(utc("2026-10-31T05:31:00Z")),
            utc("2026-11-01T05:29:00Z")
        ));
        assert!(is_due(
            at,
            zone,
            Some(utc("2026-10-31T05:31:00Z")),
            utc("2026-11-01T05:30:00Z")
        ));
        assert!(!is_due(
            at,
            zone,
            Some(utc("2026-11-01T05:30:10Z")),
            utc("2026-11-01T06:30:30Z")
        ));
        assert!(is_due(at, zone, None, utc("2026-11-01T00:00:00Z")), "never begun: at once");
        assert!(
            is_due(at, zone, Some(utc("2027-11-01T05:30:10Z")), utc("2026-11-01T06:30:30Z")),
            "a clock was wrong"
        );
    }
}
