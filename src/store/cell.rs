//! One value of a column, as we want it and as the database gives it.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

use crate::domain::text::{cut_bytes, cut_chars};
use crate::frappe::db::Value;

/// Characters of a Data, Link or Select column without a length of its own.
pub(super) const DATA: usize = 140;
/// Bytes of a Small Text or Text column.
const TEXT_BYTES: usize = 65_535;

/// A value for a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Text of any kind.
    Text(String),
    /// Int, Check and `github_version`.
    Int(i64),
    /// Datetime, naive, in the zone that the column is kept in.
    Time(NaiveDateTime),
}

impl Cell {
    /// Text for a Data column of `max` characters: what is longer is cut.
    pub(super) fn data(text: &str, max: usize) -> Self {
        Self::Text(cut_chars(text, max).to_owned())
    }

    /// Text for a Small Text column.
    pub(super) fn small_text(text: &str) -> Self {
        Self::Text(cut_bytes(text, TEXT_BYTES).to_owned())
    }

    /// Text for a Data column, or nothing.
    pub(super) fn data_or_null(text: Option<&str>, max: usize) -> Self {
        text.map_or(Self::Null, |text| Self::data(text, max))
    }

    /// A numeric id as the Data columns keep it.
    pub(super) fn id(id: Option<u64>) -> Self {
        id.map_or(Self::Null, |id| Self::Text(id.to_string()))
    }

    /// A number; GitHub's counts and epochs fit.
    pub(super) fn int(number: impl TryInto<i64>) -> Self {
        Self::Int(number.try_into().unwrap_or(i64::MAX))
    }

    /// A Check.
    pub(super) fn check(on: bool) -> Self {
        Self::Int(i64::from(on))
    }

    /// A time, or nothing.
    pub(super) fn time_or_null(time: Option<NaiveDateTime>) -> Self {
        time.map_or(Self::Null, Self::Time)
    }

    /// True when the stored value says the same. An empty text and NULL do: a save in the desk turns one into the other.
    pub(super) fn says(&self, stored: &Value) -> bool {
        match (self, stored) {
            (Self::Null, Value::NULL) => true,
            (Self::Null, Value::Bytes(bytes)) => bytes.is_empty(),
            (Self::Text(text), Value::NULL) => text.is_empty(),
            (Self::Text(text), Value::Bytes(bytes)) => text.as_bytes() == bytes.as_slice(),
            (Self::Int(wanted), Value::Int(stored)) => wanted == stored,
            (Self::Int(wanted), Value::UInt(stored)) => u64::try_from(*wanted).is_ok_and(|wanted| wanted == *stored),
            (Self::Time(wanted), stored) => time_of(stored) == Some(*wanted),
            _ => false,
        }
    }
}

impl Cell {
    /// Bytes of it in a statement, about.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len() + 12,
            _ => 16,
        }
    }
}

impl From<Cell> for Value {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Null => Self::NULL,
            Cell::Text(text) => Self::Bytes(text.into_bytes()),
            Cell::Int(number) => Self::Int(number),
            Cell::Time(time) => time_value(time),
        }
    }
}

/// The bytes of a value; none for NULL and for anything else.
pub(super) fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// The text of a value; empty for NULL and for anything else.
pub(super) fn text(value: Value) -> String {
    bytes(value)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}

/// The number of a value, which a Data column holds as text; 0 for NULL and for anything else.
pub(super) fn number(value: &Value) -> u64 {
    match value {
        Value::UInt(number) => *number,
        Value::Int(number) => u64::try_from(*number).unwrap_or_default(),
        Value::Bytes(bytes) => std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        _ => 0,
    }
}

/// A naive time as the driver wants it.
pub(super) fn time_value(time: NaiveDateTime) -> Value {
    let (date, clock) = (time.date(), time.time());
    // A leap second counts as the last microsecond of its second, which MariaDB accepts.
    let micros = (clock.nanosecond() / 1_000).min(999_999);
    let small = |number: u32| u8::try_from(number).unwrap_or(0);
    Value::Date(
        u16::try_from(date.year()).unwrap_or(0),
        small(date.month()),
        small(date.day()),
        small(clock.hour()),
        small(clock.minute()),
        small(clock.second()),
        micros,
    )
}

/// The naive time of a datetime value; none for NULL and for anything else.
pub(super) fn time_of(value: &Value) -> Option<NaiveDateTime> {
    let Value::Date(year, month, day, hour, minute, second, micros) = *value else {
        return None;
    };
    NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))?.and_hms_micro_opt(
        u32::from(hour),
        u32::from(minute),
        u32::from(second),
        micros,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_compares_as_frappe_would() {
        assert!(Cell::Null.says(&Value::Bytes(Vec::new())));
        assert!(Cell::Text(String::new()).says(&Value::NULL));
        assert!(Cell::Text("a".to_owned()).says(&Value::Bytes(b"a".to_vec())));
        assert!(
            !Cell::Text("a".to_owned()).says(&Value::Bytes(b"A".to_vec())),
            "case is a difference"
        );
        assert!(Cell::Int(7).says(&Value::UInt(7)) && !Cell::Int(7).says(&Value::NULL));
        let time: NaiveDateTime = "2026-03-08T02:30:00.000001".parse().expect("a time");
        assert!(Cell::Time(time).says(&time_value(time)));
        assert!(!Cell::Time(time).says(&Value::NULL));
    }

    #[test]
    fn a_value_is_read_as_what_is_wanted_and_nothing_where_it_is_none() {
        assert_eq!(text(Value::Bytes(b"a".to_vec())), "a");
        assert_eq!((text(Value::NULL), text(Value::Int(7))), (String::new(), String::new()));
        let numbers = [
            Value::UInt(7),
            Value::Int(7),
            Value::Bytes(b"7".to_vec()),
            Value::Int(-7),
            Value::NULL,
        ];
        assert_eq!(numbers.map(|value| number(&value)), [7, 7, 7, 0, 0]);
    }

    #[test]
    fn long_text_is_cut_to_its_column() {
        assert_eq!(Cell::data(&"ü".repeat(141), DATA), Cell::Text("ü".repeat(140)));
        assert_eq!(Cell::small_text(&"ü".repeat(40_000)), Cell::Text("ü".repeat(32_767)));
    }
}
