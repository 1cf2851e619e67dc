//! Names that are checked once and trusted afterwards.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::login::is_login;

/// Longest repository name that GitHub accepts.
const NAME_MAX: usize = 100;

/// A repository's `owner/name`, checked against GitHub's own rules, so that it is safe as two segments of a URL.
///
/// GitHub keeps the case and ignores it when comparing; so does this type.
#[derive(Clone)]
pub struct RepoName {
    full: String,
    slash: usize,
}

/// Why a text is not a repository name; the sentence is meant for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a repository name: write it as OWNER/NAME, for example frappe/erpnext")]
pub struct InvalidRepoName(pub String);

impl RepoName {
    /// The part before the slash.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.full[..self.slash]
    }

    /// The part after the slash.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.full[self.slash + 1..]
    }

    /// `owner/name`, in GitHub's own case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.full
    }
}

/// True for a repository's own name; `.` and `..` are refused because they change the meaning of a path.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= NAME_MAX
        && text != "."
        && text != ".."
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

impl FromStr for RepoName {
    type Err = InvalidRepoName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('/') {
            Some((owner, name)) if is_login(owner) && is_name(name) => Ok(Self {
                full: text.to_owned(),
                slash: owner.len(),
            }),
            _ => Err(InvalidRepoName(text.chars().take(200).collect())),
        }
    }
}

impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full)
    }
}

impl fmt::Debug for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.full, f)
    }
}

impl PartialEq for RepoName {
    fn eq(&self, other: &Self) -> bool {
        self.full.eq_ignore_ascii_case(&other.full)
    }
}

impl Eq for RepoName {}

impl Hash for RepoName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.full.to_ascii_lowercase().hash(state);
    }
}

impl Serialize for RepoName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.full)
    }
}

impl<'de> Deserialize<'de> for RepoName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_two_safe_path_segments() {
        let name: RepoName = "frappe/erpnext.github-io_2".parse().expect("valid");
        assert_eq!((name.owner(), name.name()), ("frappe", "erpnext.github-io_2"));
        for bad in [
            "",
            "a",
            "a/",
            "/b",
            "a/b/c",
            "a/..",
            "a/.",
            "../b",
            "a b/c",
            "a/b?x",
            "a/b#1",
            "o/../../user",
            "-a/b",
            "a/ü",
        ] {
            assert!(bad.parse::<RepoName>().is_err(), "{bad} must be refused");
        }
    }

    #[test]
    fn case_is_kept_and_ignored() {
        let (upper, lower): (RepoName, RepoName) = ("Acme/Web".parse().expect("valid"), "acme/web".parse().expect("valid"));
        assert_eq!(upper, lower);
        assert_eq!(upper.to_string(), "Acme/Web");
    }
}
