//! Names of documents and rows, as Frappe forms them and as we form stable ones.

use rand::Rng;
use sha2::{Digest, Sha256};

/// Longest name that a document may have: `name` is a varchar(140).
pub const NAME_MAX: usize = 140;

/// The digits of base 32 with extended hex alphabet (RFC 4648, section 7), in lower case as Frappe's own names have them.
const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
/// Length of Frappe's random names.
const RANDOM_LENGTH: usize = 10;
/// Bytes of a hash that a stable name is made of: 80 bits are 16 digits, and no two of a site's rows will share them.
const STABLE_BYTES: usize = 10;

/// A name for a document that has no better one: what Frappe's naming rule `hash` gives.
#[must_use]
pub fn random_name() -> String {
    let mut rng = rand::rng();
    (0..RANDOM_LENGTH)
        .map(|_| char::from(DIGITS[rng.random_range(0..DIGITS.len())]))
        .collect()
}

/// A child row's name, made of what the row is, so that the same row has the same name in every sync and on every site.
///
/// The parts tell everything: kind and id of the parent, field, key. Their borders count, so that `["a", "bc"]` and
/// `["ab", "c"]` differ.
#[must_use]
pub fn stable_child_name(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    base32(&hash.finalize()[..STABLE_BYTES])
}

/// The full name where a document may have it, else `fallback`, which must be short.
#[must_use]
pub fn document_name(full: String, fallback: impl FnOnce() -> String) -> String {
    if full.chars().count() <= NAME_MAX { full } else { fallback() }
}

/// Five bits a digit, the first bits first; a rest of fewer bits is filled up with zeros.
fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    (0..bytes.len() * 8)
        .step_by(5)
        .map(|from| (from..from + 5).fold(0, |digit, at| digit << 1 | usize::from(bit(at))))
        .map(|digit| char::from(DIGITS[digit]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_the_rfc() {
        // RFC 4648, section 10, without padding.
        assert_eq!(base32(b"foobar"), "cpnmuoj1e8");
        assert_eq!(base32(b"fo"), "cpng");
        assert_eq!(base32(b""), "");
    }

    #[test]
    fn random_names_are_frappes() {
        let names: std::collections::BTreeSet<String> = (0..1000).map(|_| random_name()).collect();
        assert_eq!(names.len(), 1000);
        for name in names {
            assert_eq!(name.len(), 10);
            assert!(name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'v')), "{name}");
        }
    }

    #[test]
    fn stable_names_are_stable() {
        let name = stable_child_name(&["Repository", "42", "branches_table", "main"]);
        assert_eq!(name, stable_child_name(&["Repository", "42", "branches_table", "main"]));
        assert_eq!(name.len(), 16);
        assert_ne!(name, stable_child_name(&["Repository", "42", "branches_tablem", "ain"]));
        // Rows are found by this name: it may not change with a release.
        insta::assert_snapshot!(name, @"n7j1batbp272jjlt");
    }

    #[test]
    fn a_long_name_gives_way() {
        let long = "ä".repeat(140);
        assert_eq!(document_name(long.clone(), || "gh-1-#2".to_owned()), long);
        assert_eq!(document_name(long + "x", || "gh-1-#2".to_owned()), "gh-1-#2");
    }
}
