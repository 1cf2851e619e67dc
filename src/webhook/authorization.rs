//! Somebody took back on GitHub what he had authorised (`github_app_authorization`): his tokens are gone here at once, and he is told.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::frappe::db::DbError;
use crate::frappe::realtime::Event;
use crate::frappe::site::Site;
use crate::frappe::zone::parse_frappe_text;
use crate::store::inbox::{self, Verdict};
use crate::store::{Stamp, grants, hooks};

use super::sent;

/// GitHub's name of the event.
pub(super) const EVENT: &str = "github_app_authorization";

/// GitHub's clock may be behind ours by so much: what was made just before it told of the end is ended.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// What his open desks show.
const TOLD: &str = "Your connection with GitHub was taken back there: connect GitHub again to act in your own name";

/// Does what the delivery `id` means, and says how it ends.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) async fn settle(site: &Site, stamp: &Stamp, id: &str) -> Result<Verdict, DbError> {
    let stored = inbox::read_payload(site.db(), id).await?;
    let account = match stored.map(|stored| sent::read(&stored)) {
        Some(Ok(payload)) => account(&payload),
        Some(Err(verdict)) => return Ok(verdict),
        None => None,
    };
    let Some(account) = account else {
        let reason = "the delivery does not say whose authorisation it is about";
        return Ok(Verdict::Errored(reason.to_owned()));
    };
    // Deliveries may wait for long, and somebody may have connected again meanwhile.
    let shown = inbox::find(site.db(), id).await?;
    let local = shown.and_then(|shown| parse_frappe_text(&shown.received_at));
    let first = hooks::first_tried(site.db(), id).await?;
    let told_at = told_at(stamp, local, first);
    Ok(if revoked(site, account, told_at).await?.is_empty() {
        Verdict::Ignored("nobody here is connected with that account, or he connected again since".to_owned())
    } else {
        Verdict::Processed
    })
}

/// When GitHub told of it: when it `first` tried to, where it was asked to do so again, and else what stands in the row, in the site's zone. In the hour
/// that autumn repeats that may mean two moments. The later one counts: a connection that was made between them is ended, and can be made again; one
/// that was taken back must not be used.
fn told_at(stamp: &Stamp, local: Option<NaiveDateTime>, first: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let received = local.map_or(stamp.now, |local| stamp.zone.to_utc_at_the_latest(local).min(stamp.now));
    first.map_or(received, |first| received.min(first + SKEW))
}

/// GitHub's number of whoever did; none where the payload does not say.
fn account(payload: &Value) -> Option<u64> {
    payload.pointer("/sender/id")?.as_u64()
}

/// Takes away the tokens of the account with that number, which were there when GitHub told of it, and tells their user. Gives who was told:
/// nobody where he is not connected, or connected again since.
///
/// # Errors
/// When the database cannot be written.
pub async fn revoked(site: &Site, account: u64, told_at: DateTime<Utc>) -> Result<Vec<String>, DbError> {
    let users = grants::revoke(site.db(), account, told_at).await?;
    let events: Vec<Event> = users.iter().map(|user| Event::alert(user, TOLD, "orange")).collect();
    if !events.is_empty() {
        site.tell(&events).await;
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frappe::zone::SiteZone;

    #[test]
    fn what_is_told_in_the_hour_that_autumn_repeats_ends_what_was_made_in_it() {
        let utc = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let zone = SiteZone::named("America/New_York");
        // Somebody connects in the second of both hours, and takes it back in it.
        let (made, told) = (utc("2026-11-01T06:10:00Z"), utc("2026-11-01T06:30:00Z"));
        let stamp = |now: &str| Stamp {
            now: utc(now),
            zone,
            user: "Administrator".into(),
        };
        let local = Some(zone.to_local(told));
        assert!(told_at(&stamp("2026-11-01T06:31:00Z"), local, None) >= made);
        assert_eq!(told_at(&stamp("2026-11-01T09:00:00Z"), local, None), told);
        // It is never told of later than it is worked on.
        let first = Some(zone.to_local(utc("2026-11-01T05:30:00Z")));
        assert_eq!(
            told_at(&stamp("2026-11-01T05:31:00Z"), first, None),
            utc("2026-11-01T05:31:00Z")
        );
        assert_eq!(
            told_at(&stamp("2026-11-01T05:31:00Z"), None, None),
            utc("2026-11-01T05:31:00Z")
        );
    }
}
