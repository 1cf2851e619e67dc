//! To what a token of an installation is narrowed.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::domain::{Feature, Grants, Level, OwnerKind};

/// GitHub takes no more repositories for a token; one for more is for all that the installation reaches.
const MOST: usize = 500;

/// What a token is for. The default is all that the installation may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Narrowing {
    /// None for all.
    permissions: Option<Grants>,
    /// What the work needs and was not granted, where it cannot be done for that.
    lacks: Grants,
    repositories: BTreeSet<u64>,
}

impl Narrowing {
    /// What `features` need of what was granted: GitHub gives no token for what was not.
    #[must_use]
    pub fn to(features: impl IntoIterator<Item = Feature>, granted: &Grants) -> Self {
        Self::of_granted(Grants::for_features(features), granted)
    }

    /// What reading takes of what was granted, whatever is read: one token for all repositories of an installation, which changes nothing. GitHub gives
    /// metadata to every App that reaches repositories, so that there is always something to name.
    #[must_use]
    pub fn to_read(granted: &Grants) -> Self {
        let granted = granted.clone().with("metadata", Level::Read);
        Self::of_granted(Grants::for_features(Feature::all()).at_most(Level::Read), &granted)
    }

    /// What one of `features` needs that lacks nothing of it in an account of that kind. A write is of several where each of them will do.
    #[must_use]
    pub fn to_write(features: &[Feature], granted: &Grants, kind: OwnerKind) -> Self {
        let missing = |feature: Feature| feature.missing(granted, kind);
        let needed = Grants::for_features(features.iter().copied());
        if features.iter().any(|feature| missing(*feature).is_empty()) {
            return Self::of_granted(needed, granted);
        }
        let lacking = features.iter().flat_map(|feature| missing(*feature));
        Self {
            lacks: lacking.map(|one| (one.need.permission, one.need.level)).collect(),
            ..Self::of_granted(needed, granted)
        }
    }

    /// These permissions, granted or not.
    #[must_use]
    pub fn to_permissions(permissions: Grants) -> Self {
        Self {
            permissions: Some(permissions),
            ..Self::default()
        }
    }

    /// As much of `needed` as was granted. Where that is nothing all of it is lacking: a token for nothing in particular is one for everything.
    fn of_granted(needed: Grants, granted: &Grants) -> Self {
        let usable = needed.within(granted);
        Self {
            lacks: if usable.is_empty() { needed } else { Grants::none() },
            ..Self::to_permissions(usable)
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
    pub(super) fn permissions(&self) -> Option<&Grants> {
        self.permissions.as_ref()
    }

    /// What is lacking, where GitHub is not to be asked.
    pub(super) fn lacks(&self) -> Option<&Grants> {
        Some(&self.lacks).filter(|lacks| !lacks.is_empty())
    }

    /// What is sent to GitHub.
    pub(super) fn body(&self) -> Value {
        let mut body = Map::new();
        if let Some(permissions) = &self.permissions {
            body.insert("permissions".to_owned(), json!(permissions));
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

    #[test]
    fn where_nothing_of_what_is_needed_was_granted_no_token_is_asked_for() {
        let granted = Grants::none().with("issues", Level::Write).with("contents", Level::Read);
        let lacks = |narrowing: &Narrowing| narrowing.lacks().map(Grants::to_string);
        assert_eq!(lacks(&Narrowing::default()), None, "all that there is");
        assert_eq!(lacks(&Narrowing::to_read(&granted)), None);
        let least = json!({"permissions": {"metadata": "read"}});
        assert_eq!(Narrowing::to_read(&Grants::none()).body(), least);
        let previews = Narrowing::to([Feature::Previews], &granted);
        assert_eq!(lacks(&previews).as_deref(), Some("deployments=read, metadata=read"));
        assert_ne!(previews.body(), json!({}), "that would be everything");
    }

    #[test]
    fn a_write_needs_all_of_one_of_its_features() {
        let granted = Grants::none()
            .with("issues", Level::Write)
            .with("administration", Level::Write)
            .with("metadata", Level::Read);
        let narrowed = |features: &[Feature], kind| {
            let narrowing = Narrowing::to_write(features, &granted, kind);
            let body = narrowing.body()["permissions"].to_string();
            narrowing.lacks().map(Grants::to_string).ok_or(body)
        };
        let (organization, person) = (OwnerKind::Organization, OwnerKind::User);
        let either = [Feature::WriteIssues, Feature::WritePullRequests];
        let issues = r#"{"issues":"write","metadata":"read"}"#.to_owned();
        assert_eq!(narrowed(&either, organization), Err(issues));
        let pulls = narrowed(&[Feature::WritePullRequests], person);
        assert_eq!(pulls.as_deref(), Ok("pull_requests=write"));
        let access = narrowed(&[Feature::ManageAccess], organization);
        assert_eq!(access.as_deref(), Ok("members=read"));
        let alone = r#"{"administration":"write","metadata":"read"}"#.to_owned();
        assert_eq!(narrowed(&[Feature::ManageAccess], person), Err(alone), "he has no members");
    }
}
