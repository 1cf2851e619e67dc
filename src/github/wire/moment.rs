//! Points in time: text everywhere but in `push` payloads, whose repository has seconds since 1970.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A point in time in either spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::github) struct Moment(pub(in crate::github) DateTime<Utc>);

struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time as RFC 3339 text or as seconds since 1970")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
        DateTime::parse_from_rfc3339(text)
            .map(|time| Moment(time.to_utc()))
            .map_err(|error| E::custom(format_args!("`{text}` is not a time: {error}")))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Moment, E> {
        DateTime::from_timestamp(seconds, 0)
            .map(Moment)
            .ok_or_else(|| E::custom(format_args!("{seconds} is not a time")))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Moment, E> {
        self.visit_i64(i64::try_from(seconds).map_err(E::custom)?)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MomentVisitor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_and_seconds_are_the_same_moment() {
        let of = |text: &str| serde_json::from_str::<Moment>(text);
        let expected = of("1700000000").expect("seconds");
        for same in [
            "\"2023-11-14T22:13:20Z\"",
            "\"2023-11-14T23:13:20+01:00\"",
            "\"2023-11-14T22:13:20.000Z\"",
        ] {
            assert_eq!(of(same).expect(same), expected);
        }
        for bad in ["\"yesterday\"", "true", "99999999999999999", "18446744073709551615", "1.5"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_moment_is_read_from_either_spelling_in_every_zone(
            seconds in -62_167_219_200_i64..253_402_300_799, offset in -86_340..86_340_i32, noise in "\\PC{0,40}",
        ) {
            let moment = DateTime::from_timestamp(seconds, 0).expect("within four-digit years");
            let zone = chrono::FixedOffset::east_opt(offset / 60 * 60).expect("a zone");
            let read = serde_json::from_str::<Moment>(&seconds.to_string()).expect("seconds");
            prop_assert_eq!(read.0, moment);
            let text = moment.with_timezone(&zone).to_rfc3339();
            // A zone may push a moment out of the years that have four digits, which is no RFC 3339 any more.
            if text.len() == "2023-11-14T22:13:20+00:00".len() {
                let read = serde_json::from_value::<Moment>(text.clone().into());
                prop_assert_eq!(read.map(|read| read.0).ok(), Some(moment), "{}", text);
            }
            let _whatever = serde_json::from_value::<Moment>(noise.into());
        }
    }
}
