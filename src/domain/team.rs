//! The slug of a team.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longest slug; a team's name has at most this many characters.
const LONGEST: usize = 255;

/// The part of a team's address that names it within its organisation, safe as a segment of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamSlug(String);

/// Why a text is no slug; the sentence is meant for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the slug of a team: write it as in the team's address on GitHub, for example core-developers")]
pub struct InvalidTeamSlug(String);

impl TeamSlug {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `.` and `..` are refused because they change the meaning of a path.
fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST
        && text != "."
        && text != ".."
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

impl FromStr for TeamSlug {
    type Err = InvalidTeamSlug;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_slug(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidTeamSlug(text.chars().take(100).collect()))
        }
    }
}

impl fmt::Display for TeamSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for TeamSlug {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TeamSlug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f21_a_slug_is_one_safe_path_segment() {
        for good in ["core", "core-developers", "a_b", "v1.2"] {
            assert_eq!(good.parse::<TeamSlug>().expect("a slug").as_str(), good);
        }
        for bad in ["", ".", "..", "a/b", "core team", "a?x", "ü", "a@b.c", "a%2fb"] {
            let error = bad.parse::<TeamSlug>().expect_err("none").to_string();
            assert!(error.contains("is not the slug of a team"), "{error}");
        }
    }
}
