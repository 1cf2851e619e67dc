//! JSON in which a text is no text: half of a surrogate pair, or bytes that are no UTF-8. One odd title must not cost the rest of what
//! GitHub tells, so that U+FFFD stands for what cannot be read. What is stored stays as it was sent.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// The characters of an escape: `\ud800`.
const ESCAPE: usize = 6;

/// Reads a payload. Only where that fails it is gone through for what is no text.
///
/// # Errors
/// When it is no JSON, or not of that shape; the first reason is told.
pub fn read<T: DeserializeOwned>(payload: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(payload).or_else(|error| {
        let text = String::from_utf8_lossy(payload);
        let mended = with_whole_pairs(&text);
        let is_other = matches!(text, Cow::Owned(_)) || mended != text;
        let again = is_other.then(|| serde_json::from_str(&mended).ok()).flatten();
        again.ok_or(error)
    })
}

/// The text with U+FFFD for every escape that is half of a surrogate pair.
fn with_whole_pairs(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let length = match unit(escape) {
            Some(0xD800..=0xDBFF) if escape.get(ESCAPE..).and_then(unit).is_some_and(is_second) => 2 * ESCAPE,
            Some(0xD800..=0xDFFF) => {
                mended.push('\u{fffd}');
                rest = &escape[ESCAPE..];
                continue;
            }
            Some(_) => ESCAPE,
            // Another escape: what it stands before begins none.
            None => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        let (whole, after) = escape.split_at(length);
        mended.push_str(whole);
        rest = after;
    }
    mended.push_str(rest);
    mended
}

fn is_second(unit: u32) -> bool {
    (0xDC00..=0xDFFF).contains(&unit)
}

/// The number of the escape that a text begins with, if it does.
fn unit(text: &str) -> Option<u32> {
    let digits = text.get(..ESCAPE)?.strip_prefix("\\u")?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn half_a_pair_is_one_odd_character_and_all_else_stays() {
        for (text, read_as) in [
            (r#""\ud800""#, "\u{fffd}"),
            (r#""a\udc00b""#, "a\u{fffd}b"),
            (r#""\ud83d\ude00\ud83d""#, "\u{1f600}\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\\ud800 \ud800""#, "\\ud800 \u{fffd}"),
            (r#""\ud800\n\"\u00e9""#, "\u{fffd}\n\"\u{e9}"),
        ] {
            assert_eq!(read::<Value>(text.as_bytes()).expect("a text"), json!(read_as), "{text}");
        }
        assert_eq!(read::<Value>(b"\"a\xffb\"").expect("a text"), json!("a\u{fffd}b"));
        for odd in [
            "\"\\ud8\"",
            "\"\\",
            "{\"\\ud800\"",
            "\\ud800",
            "\"\\u\u{e9}\u{e9}\u{e9}\u{e9}\"",
        ] {
            assert!(read::<Value>(odd.as_bytes()).is_err(), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn what_is_json_is_read_as_it_is(text in "\\PC{0,40}") {
            let whole = json!({"title": text});
            prop_assert_eq!(read::<Value>(whole.to_string().as_bytes()).expect("an object"), whole.clone());
            prop_assert_eq!(with_whole_pairs(&whole.to_string()), whole.to_string());
        }

        #[test]
        fn no_bytes_are_too_odd(bytes in prop::collection::vec(prop_oneof![Just(b'\\'), Just(b'u'), Just(b'd'), Just(b'8'), Just(b'"'), any::<u8>()], 0..40)) {
            let _whatever = read::<Value>(&bytes);
        }
    }
}
