//! What a GitHub App may do: permissions by GitHub's names, each with a level.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a permission allows, the least first; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Look.
    Read,
    /// Change.
    Write,
    /// Manage.
    Admin,
}

impl Level {
    /// GitHub's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// The level that GitHub calls so.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Read, Self::Write, Self::Admin]
            .into_iter()
            .find(|level| level.as_str() == word)
    }
}

/// Permissions with their levels. A permission of a level that is not known here counts as not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grants(BTreeMap<String, Level>);

impl Grants {
    /// Nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The level of a permission.
    #[must_use]
    pub fn level(&self, permission: &str) -> Option<Level> {
        self.0.get(permission).copied()
    }

    /// True where `permission` is given at `level` or above.
    #[must_use]
    pub fn allows(&self, permission: &str, level: Level) -> bool {
        self.level(permission) >= Some(level)
    }

    /// The same with `permission` at `level` at least.
    #[must_use]
    pub fn with(mut self, permission: &str, level: Level) -> Self {
        self.add(permission, level);
        self
    }

    /// Gives `permission` at `level` at least.
    pub fn add(&mut self, permission: &str, level: Level) {
        let held = self.0.entry(permission.to_owned()).or_insert(level);
        *held = level.max(*held);
    }

    /// The same, each at `level` at most.
    #[must_use]
    pub fn at_most(&self, level: Level) -> Self {
        Self(self.0.iter().map(|(name, held)| (name.clone(), (*held).min(level))).collect())
    }

    /// As much of it as `granted` allows.
    #[must_use]
    pub fn within(&self, granted: &Self) -> Self {
        let common = |(name, level): (&String, &Level)| Some((name.clone(), granted.level(name)?.min(*level)));
        Self(self.0.iter().filter_map(common).collect())
    }

    /// What is in it and not in `granted`, or there at a lower level.
    #[must_use]
    pub fn beyond(&self, granted: &Self) -> Self {
        let lacks = |(name, level): &(&String, &Level)| !granted.allows(name, **level);
        let lacking = self.0.iter().filter(lacks);
        Self(lacking.map(|(name, level)| (name.clone(), *level)).collect())
    }

    /// True where nothing is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Permissions and levels, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Level)> {
        self.0.iter().map(|(name, level)| (name.as_str(), *level))
    }
}

impl<N: Into<String>> FromIterator<(N, Level)> for Grants {
    fn from_iter<I: IntoIterator<Item = (N, Level)>>(all: I) -> Self {
        Self(all.into_iter().map(|(name, level)| (name.into(), level)).collect())
    }
}

/// As GitHub writes them in its header: `contents=read, issues=write`.
impl fmt::Display for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, level)) in self.iter().enumerate() {
            let comma = if place > 0 { ", " } else { "" };
            write!(f, "{comma}{name}={}", level.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_level_includes_the_lower_ones() {
        let granted = Grants::none().with("issues", Level::Write).with("contents", Level::Read);
        assert!(granted.allows("issues", Level::Read) && granted.allows("issues", Level::Write));
        assert!(!granted.allows("contents", Level::Write) && !granted.allows("members", Level::Read));
        assert_eq!(granted.to_string(), "contents=read, issues=write");
        let again = granted.clone().with("issues", Level::Read);
        assert_eq!(again, granted, "what is given is not taken by asking for less");
    }

    #[test]
    fn what_is_wanted_is_cut_to_what_is_granted_and_the_rest_is_told() {
        let granted = Grants::none().with("issues", Level::Read).with("contents", Level::Write);
        let wanted = Grants::none()
            .with("issues", Level::Write)
            .with("contents", Level::Read)
            .with("members", Level::Read);
        assert_eq!(wanted.within(&granted).to_string(), "contents=read, issues=read");
        assert_eq!(wanted.beyond(&granted).to_string(), "issues=write, members=read");
        assert!(wanted.beyond(&wanted).is_empty());
    }
}
