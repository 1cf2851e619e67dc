//! The `sid` cookie, looked up in `tabSessions`.
//!
//! Frappe keeps a copy in Redis that nobody but Python can read. The row is enough: it is written at login, deleted at logout,
//! and gets the CSRF token at once; only `lastupdate` may lag behind.

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;
use secrecy::{ExposeSecret, SecretString};

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::frappe::zone::{SiteZone, parse_frappe_text};

use super::account::{self, Account};
use super::{AuthError, session_data};

/// Frappe writes `lastupdate` to the table at most this seldom, so that a session in use may look this much older.
const LAG: TimeDelta = TimeDelta::seconds(600);
/// Expiry where nothing is set: of version 14, and of later ones.
const DEFAULT_EXPIRY: [&str; 2] = ["06:00:00", "240:00:00"];
/// Expiry of version 14's mobile sessions where nothing is set.
const DEFAULT_MOBILE_EXPIRY: &str = "720:00:00";

/// Where the expiry is set: of all sessions, and of version 14's mobile ones.
const EXPIRY: &str = "session_expiry";
const MOBILE_EXPIRY: &str = "session_expiry_mobile";

/// A session that is alive.
#[derive(Debug)]
pub(super) struct Live {
    /// Whose it is; none where he is disabled, or not there any more.
    pub(super) account: Option<Account>,
    /// What writes must bring along; none before the desk was first loaded, and for version 14's mobile sessions.
    pub(super) csrf_token: Option<SecretString>,
}

/// Looks a session up; none for a sid that is unknown or whose time is over.
///
/// # Errors
/// [`AuthError::NotUnderstood`] where the row cannot be read as Frappe writes it; others when the database cannot be read.
pub(super) async fn look_up(site: &Site, sid: &SecretString) -> Result<Option<Live>, AuthError> {
    const WHAT: &str = "reading a session";
    let major = site.version().await?.major;
    // With what is needed to tell whether it lives still: a call is one question less often.
    let device = if major == 14 { "IFNULL(s.device, '')" } else { "''" };
    let settings = "(SELECT value FROM `tabSingles` WHERE doctype = 'System Settings' AND field = ? LIMIT 1)";
    let expiry = if major < 16 {
        "(SELECT defvalue FROM `tabDefaultValue` WHERE parent = '__default' AND defkey = ? LIMIT 1)"
    } else {
        settings
    };
    let user = account::COLUMNS;
    let sql = format!(
        "SELECT IFNULL(s.sessiondata, ''), IFNULL(CAST(s.lastupdate AS CHAR), ''), {device}, {settings}, {expiry}, {expiry}, {user} \
         FROM `tabSessions` s LEFT JOIN `tabUser` u ON u.name = s.user WHERE s.sid = BINARY ? LIMIT 1"
    );
    let params = ("time_zone", EXPIRY, MOBILE_EXPIRY, sid.expose_secret());
    let Some(mut row) = site.db().row(WHAT, &sql, params).await? else {
        return Ok(None);
    };
    let account = account::take(&mut row, 6);
    let mut text = |at: usize| row.take_opt::<Option<String>, _>(at).and_then(Result::ok).flatten();
    let (data, last_update, device) = (
        text(0).unwrap_or_default(),
        text(1).unwrap_or_default(),
        text(2).unwrap_or_default(),
    );
    let (zone, expiry, mobile_expiry) = (text(3), text(4), text(5));
    let (Some(last_update), Some(data)) = (parse_frappe_text(&last_update), session_data::parse(&data)) else {
        return Err(AuthError::NotUnderstood);
    };
    let mobile = device == "mobile";
    let (zone, now) = (SiteZone::named(zone.as_deref().unwrap_or_default()), site.clock().now());
    let expiry = match (major, mobile) {
        (14, true) => lifetime(mobile_expiry.as_deref(), DEFAULT_MOBILE_EXPIRY),
        (14, false) => lifetime(expiry.as_deref(), DEFAULT_EXPIRY[0]),
        _ => lifetime(expiry.as_deref(), DEFAULT_EXPIRY[1]),
    };
    if now > zone.to_utc(last_update) + expiry + LAG {
        return Ok(None);
    }
    let end = match &data.session_end {
        Some(end) => Some(moment(end, zone).ok_or(AuthError::NotUnderstood)?),
        None => None,
    };
    if end.is_some_and(|end| now > end) {
        return Ok(None);
    }
    Ok(Some(Live {
        account,
        csrf_token: data.csrf_token.filter(|_| !mobile),
    }))
}

/// The session that was used last, whoever's it is.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn newest(site: &Site) -> Result<Option<SecretString>, DbError> {
    let sql = "SELECT sid FROM `tabSessions` WHERE sid IS NOT NULL ORDER BY lastupdate DESC LIMIT 1";
    let row = site.db().row("reading the newest session", sql, ()).await?;
    Ok(row.map(|row| SecretString::from(<(String,)>::from_row(row).0)))
}

/// How long a session lives without activity.
fn lifetime(set: Option<&str>, fallback: &str) -> TimeDelta {
    set.and_then(duration).or_else(|| duration(fallback)).unwrap_or_default()
}

/// `HH:MM` or `HH:MM:SS`, hours without bound; none for anything else and for nothing.
fn duration(text: &str) -> Option<TimeDelta> {
    let mut parts = text.trim().split(':').map(|part| part.parse::<u32>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    if parts.next().is_some() {
        return None;
    }
    let all = i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds);
    (all > 0).then(|| TimeDelta::seconds(all))
}

/// A moment that a session names, with a zone of its own or in the site's.
fn moment(text: &str, zone: SiteZone) -> Option<DateTime<Utc>> {
    match DateTime::parse_from_rfc3339(text.trim()) {
        Ok(zoned) => Some(zoned.to_utc()),
        Err(_) => parse_frappe_text(text).map(|local| zone.to_utc(local)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiries_are_read_in_both_forms() {
        for (text, hours) in [("170:00", 170), ("06:00:00", 6), (" 240:00:00 ", 240)] {
            assert_eq!(duration(text), Some(TimeDelta::hours(hours)), "{text}");
        }
        for text in ["", "soon", "1", "1:2:3:4", "0:00", "-1:00"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_may_have_a_zone() {
        for text in [
            "2026-01-02T03:04:05+00:00",
            "2026-01-02 03:04:05.678901",
            "2026-01-02T03:04:05",
        ] {
            let there = moment(text, SiteZone::named("America/New_York")).expect("a moment");
            assert_eq!(
                there.timestamp() / 3600 % 24,
                if text.contains('+') { 3 } else { 8 },
                "{text}"
            );
        }
        assert!(moment("tomorrow", SiteZone::named("UTC")).is_none());
    }
}
