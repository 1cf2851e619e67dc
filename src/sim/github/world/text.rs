//! The text of an issue or pull request: kept, or made anew whenever it is shown, so that a million of them fit into memory.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::{Serialize, Serializer};

use super::fill::title;
use super::ids;

/// Lines that fillers are put together from.
const LINES: u64 = 1_024;

/// Markdown.
#[derive(Debug, Clone)]
pub enum Text {
    /// What somebody wrote.
    Written(String),
    /// The same text every time, another one for each `step`.
    Filler {
        /// What it follows from.
        step: u64,
        /// Its length at least; one line more at most.
        bytes: u32,
    },
}

impl Text {
    /// Markdown of at least `bytes` bytes, different for each `step`.
    #[must_use]
    pub(super) fn filler(step: u64, bytes: usize) -> Self {
        Self::Filler {
            step,
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
        }
    }

    /// The text.
    #[must_use]
    pub fn show(&self) -> Cow<'_, str> {
        match self {
            Self::Written(text) => Cow::Borrowed(text),
            Self::Filler { step, bytes } => Cow::Owned(filler(*step, *bytes as usize)),
        }
    }
}

/// Texts are the same where they read the same.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.show() == other.show()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Written(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Written(text.to_owned())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.show())
    }
}

/// A head line that no other step has, then lines of a common stock from a place that depends on the step: copying them costs a page of a
/// hundred texts less than a tenth of a millisecond.
pub(super) fn filler(step: u64, bytes: usize) -> String {
    static STOCK: LazyLock<Vec<String>> = LazyLock::new(|| (0..LINES).map(line).collect());
    let mut text = String::with_capacity(bytes + 160);
    // Writing to a String cannot fail.
    let _infallible = write!(text, "### What happens\n\nSeen in case {step}.\n\n");
    let start = usize::try_from(ids::mix(17, step) % LINES).unwrap_or(0);
    for line in STOCK.iter().cycle().skip(start) {
        if text.len() >= bytes {
            break;
        }
        text.push_str(line);
    }
    text
}

fn line(number: u64) -> String {
    format!("- {} (`{:08x}`)\n", title(number), ids::mix(19, number) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filler_is_the_same_every_time_and_its_own() {
        let text = Text::filler(7, 1_500);
        assert_eq!(text.show(), text.show());
        assert!((1_500..1_600).contains(&text.show().len()), "{}", text.show().len());
        assert_ne!(text, Text::filler(8, 1_500));
        assert_ne!(Text::filler(LINES, 1_500), Text::filler(2 * LINES, 1_500));
        assert_eq!(text, Text::from(text.show().into_owned()), "whoever wrote it");
        let json = serde_json::to_string(&text).unwrap_or_default();
        assert_eq!(json, serde_json::to_string(&*text.show()).unwrap_or_default());
    }
}
