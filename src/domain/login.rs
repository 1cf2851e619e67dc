//! The login of an account.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longest login: 39 characters, and Enterprise Managed Users may add `_` and a short code of up to 9.
const LONGEST: usize = 48;

/// A login of a user or an organisation, checked against GitHub's own rules, so that it is safe as a segment of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login(String);

/// Why a text is no login; the sentence is meant for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the login of a user or an organisation")]
pub struct InvalidLogin(String);

impl Login {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// True for letters, digits and hyphens, not beginning with one, and `_` for managed users.
pub(super) fn is_login(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl FromStr for Login {
    type Err = InvalidLogin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_login(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidLogin(text.chars().take(100).collect()))
        }
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Login {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Login {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f21_a_login_is_one_safe_path_segment() {
        for good in ["a", "frappe", "octo-cat", "mona_acme", "0xff"] {
            assert_eq!(good.parse::<Login>().expect("a login").as_str(), good);
        }
        for bad in ["", "-a", "a/b", "..", "a b", "a?x", "ü", "a@b.c", &"a".repeat(49)] {
            let error = bad.parse::<Login>().expect_err("none").to_string();
            assert!(error.ends_with("is not the login of a user or an organisation"), "{error}");
        }
    }
}
