//! One value of a row, as we write it and as we compare it.

use mysql_async::Value;
use serde::{Deserialize, Serialize};

/// A value. Frappe keeps numbers, flags and texts; times are texts to us.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Cell {
    /// Nothing.
    Null,
    /// A number or flag.
    Int(i64),
    /// A text.
    Text(String),
}

impl Cell {
    /// The value of a property in a JSON file; none for lists and objects.
    pub(crate) fn of_json(value: &serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::Null => Some(Self::Null),
            serde_json::Value::Bool(flag) => Some(Self::Int(i64::from(*flag))),
            serde_json::Value::Number(number) => number.as_i64().map(Self::Int),
            serde_json::Value::String(text) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }

    /// The value that MariaDB gave.
    pub(crate) fn of_db(value: &Value) -> Self {
        match value {
            Value::Bytes(bytes) => Self::Text(String::from_utf8_lossy(bytes).into_owned()),
            Value::Int(number) => Self::Int(*number),
            Value::UInt(number) => i64::try_from(*number).map_or(Self::Null, Self::Int),
            _ => Self::Null,
        }
    }

    /// Equal to Frappe: an empty text and nothing are the same, and so are a number and its digits.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.text() == other.text()
    }

    /// Empty, or zero.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(self.text().as_ref(), "" | "0")
    }

    /// As text.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Null => "".into(),
            Self::Int(number) => number.to_string().into(),
            Self::Text(text) => text.as_str().into(),
        }
    }
}

impl From<&Cell> for Value {
    fn from(cell: &Cell) -> Self {
        match cell {
            Cell::Null => Self::NULL,
            Cell::Int(number) => Self::Int(*number),
            Cell::Text(text) => Self::Bytes(text.as_bytes().to_vec()),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_is_frappes() {
        assert!(Cell::Null.is_same(&Cell::from("")));
        assert!(Cell::Int(1).is_same(&Cell::from("1")));
        assert!(!Cell::Int(0).is_same(&Cell::Null));
        assert!(Cell::Int(0).is_blank() && Cell::Null.is_blank() && !Cell::from("a").is_blank());
    }

    #[test]
    fn a_recorded_value_comes_back_as_it_was() {
        for cell in [Cell::Null, Cell::Int(3), Cell::from("3")] {
            let text = serde_json::to_string(&cell).expect("JSON");
            let back: Cell = serde_json::from_str(&text).expect("a cell");
            assert_eq!(format!("{back:?}"), format!("{cell:?}"));
        }
    }
}
