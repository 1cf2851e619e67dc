//! To what a token of an installation is narrowed.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::domain::{Feature, Grants, Level};

/// GitHub takes no more repositories for a token; one for more is for all that the installation reaches.
const MOST: usize = 500;

/// What a token is for. The default is all that the installation may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Narrowing {
    permissions: Grants,
    repositories: BTreeSet<u64>,
}

impl Narrowing {
    /// What `features` need of what was granted: GitHub gives no token for what was not.
    #[must_use]
    pub fn to(features: impl IntoIterator<Item = Feature>, granted: &Grants) -> Self {
        Self::to_permissions(Grants::for_features(features).within(granted))
    }

    /// What reading takes of what was granted, whatever is read: one token for all repositories of an installation, which changes nothing.
    #[must_use]
    pub fn to_read(granted: &Grants) -> Self {
        Self::to_permissions(Grants::for_features(Feature::all()).at_most(Level::Read).within(granted))
    }

    /// These permissions, granted or not.
    #[must_use]
    pub fn to_permissions(permissions: Grants) -> Self {
        Self {
            permissions,
            repositories: BTreeSet::new(),
        }
    }

    /// The same for these repositories alone, by their numeric ids.
    #[must_use]
    pub fn in_repositories(self, ids: impl IntoIterator<Item = u64>) -> Self {
        Self {
            repositories: ids.into_iter().collect(),
            ..self
        }
    }

    /// The permissions; none for all.
    pub(super) fn permissions(&self) -> &Grants {
        &self.permissions
    }

    /// What is sent to GitHub.
    pub(super) fn body(&self) -> Value {
        let mut body = Map::new();
        if !self.permissions.is_empty() {
            body.insert("permissions".to_owned(), json!(self.permissions));
        }
        if (1..=MOST).contains(&self.repositories.len()) {
            body.insert("repository_ids".to_owned(), json!(self.repositories));
        }
        Value::Object(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g3_4_a_token_is_for_what_the_work_needs_and_was_granted() {
        let granted = Grants::none()
            .with("issues", Level::Write)
            .with("contents", Level::Read)
            .with("metadata", Level::Read);
        let mirror = Narrowing::to(Feature::of_the_mirror(), &granted).in_repositories([7, 3]);
        let expected = json!({
            "permissions": {"contents": "read", "issues": "read", "metadata": "read"},
            "repository_ids": [3, 7],
        });
        assert_eq!(mirror.body(), expected);
        assert_eq!(Narrowing::default().body(), json!({}));
        let many = Narrowing::default().in_repositories(0..501);
        assert_eq!(many.body(), json!({}), "GitHub takes 500 at most");
    }
}
