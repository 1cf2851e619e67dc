//! What this program does with GitHub, and which permissions of a GitHub App each of it needs.
//!
//! The needs are those of GitHub's page "Permissions required for GitHub Apps", by the names of its REST description (`app-permissions`).
//! Managing a repository's webhooks needs `repository_hooks`, not `administration`; an App has a webhook of its own and does without both.

use super::{Grants, Level, OwnerKind};

/// Something that can be greyed out because a permission is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// Issues, their comments, labels and milestones are mirrored.
    Issues,
    /// Pull requests and their reviews are mirrored.
    PullRequests,
    /// Branches, commits and releases are mirrored.
    Code,
    /// Who has access is mirrored.
    Members,
    /// Teams are known: those that are asked for a review, and those with access.
    Teams,
    /// Addresses of deployments are shown.
    Previews,
    /// Issues are opened, changed and assigned.
    WriteIssues,
    /// Pull requests are opened, and reviews asked for.
    WritePullRequests,
    /// Access is given and taken: collaborators and teams.
    ManageAccess,
    /// Webhooks of single repositories are managed.
    RepositoryHooks,
    /// Webhooks of organisations are managed.
    OrganizationHooks,
}

/// A permission that a feature needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// GitHub's name of it.
    pub permission: &'static str,
    /// At least.
    pub level: Level,
    /// There is such a thing in organisations alone.
    pub of_organizations: bool,
}

/// A permission that is missing for a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// What cannot be done.
    pub feature: Feature,
    /// What it needs.
    pub need: Need,
    /// What is granted instead, if anything is.
    pub has: Option<Level>,
}

const fn of_repositories(permission: &'static str, level: Level) -> Need {
    Need {
        permission,
        level,
        of_organizations: false,
    }
}

const fn of_organizations(permission: &'static str, level: Level) -> Need {
    Need {
        permission,
        level,
        of_organizations: true,
    }
}

/// Feature, what it is called, what it needs. All need `metadata`, which every App has.
const TABLE: [(Feature, &str, &[Need]); 11] = [
    (Feature::Issues, "mirroring issues", &[of_repositories("issues", Level::Read)]),
    (
        Feature::PullRequests,
        "mirroring pull requests",
        &[of_repositories("pull_requests", Level::Read)],
    ),
    (
        Feature::Code,
        "mirroring branches, commits and releases",
        &[of_repositories("contents", Level::Read)],
    ),
    (
        Feature::Members,
        "mirroring members",
        &[of_repositories("metadata", Level::Read)],
    ),
    (Feature::Teams, "knowing teams", &[of_organizations("members", Level::Read)]),
    (
        Feature::Previews,
        "showing previews",
        &[of_repositories("deployments", Level::Read)],
    ),
    (
        Feature::WriteIssues,
        "opening and assigning issues",
        &[of_repositories("issues", Level::Write)],
    ),
    (
        Feature::WritePullRequests,
        "opening pull requests and asking for reviews",
        &[of_repositories("pull_requests", Level::Write)],
    ),
    (
        Feature::ManageAccess,
        "giving and taking access",
        &[
            of_repositories("administration", Level::Write),
            of_organizations("members", Level::Read),
        ],
    ),
    (
        Feature::RepositoryHooks,
        "managing webhooks of repositories",
        &[of_repositories("repository_hooks", Level::Write)],
    ),
    (
        Feature::OrganizationHooks,
        "managing webhooks of organisations",
        &[of_organizations("organization_hooks", Level::Write)],
    ),
];

impl Feature {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(feature, ..)| *feature)
    }

    /// What an App of ours is made for. Its own webhook tells what those of repositories and organisations would.
    pub fn of_an_app() -> impl Iterator<Item = Self> {
        Self::all().filter(|feature| !matches!(feature, Self::RepositoryHooks | Self::OrganizationHooks))
    }

    /// What keeping a mirror takes, and no more.
    pub fn of_the_mirror() -> impl Iterator<Item = Self> {
        [
            Self::Issues,
            Self::PullRequests,
            Self::Code,
            Self::Members,
            Self::Teams,
            Self::Previews,
        ]
        .into_iter()
    }

    fn row(self) -> Option<&'static (Self, &'static str, &'static [Need])> {
        TABLE.iter().find(|(feature, ..)| *feature == self)
    }

    /// What it is called within a sentence.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().map_or("", |(_, name, _)| name)
    }

    /// What it needs.
    #[must_use]
    pub fn needs(self) -> &'static [Need] {
        self.row().map_or(&[], |(.., needs)| needs)
    }

    /// What is missing for it where `granted` was granted for an account of that kind.
    #[must_use]
    pub fn missing(self, granted: &Grants, kind: OwnerKind) -> Vec<Missing> {
        let applies = |need: &&Need| kind == OwnerKind::Organization || !need.of_organizations;
        let lacking = self.needs().iter().filter(applies);
        lacking
            .filter(|need| !granted.allows(need.permission, need.level))
            .map(|need| Missing {
                feature: self,
                need: *need,
                has: granted.level(need.permission),
            })
            .collect()
    }
}

impl Need {
    /// What GitHub's pages call the permission.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self.permission {
            "administration" => "Administration",
            "contents" => "Contents",
            "deployments" => "Deployments",
            "issues" => "Issues",
            "members" => "Members",
            "metadata" => "Metadata",
            "organization_hooks" | "repository_hooks" => "Webhooks",
            "pull_requests" => "Pull requests",
            other => other,
        }
    }
}

impl Missing {
    /// Why the feature cannot be used, in a sentence without its end.
    #[must_use]
    pub fn reason(&self) -> String {
        let Need {
            level, of_organizations, ..
        } = self.need;
        let place = if of_organizations { "organisation" } else { "repository" };
        let word = |level: Level| match level {
            Level::Read => "reading",
            Level::Write => "writing",
            Level::Admin => "managing",
        };
        let has = self
            .has
            .map_or_else(|| "it has none".to_owned(), |has| format!("it has {}", word(has)));
        format!(
            "{} needs the {place} permission {} for {} ({has})",
            self.feature.as_str(),
            self.need.label(),
            word(level)
        )
    }
}

impl Grants {
    /// What `features` need together.
    #[must_use]
    pub fn for_features(features: impl IntoIterator<Item = Feature>) -> Self {
        let mut all = Self::none().with("metadata", Level::Read);
        for need in features.into_iter().flat_map(Feature::needs) {
            all.add(need.permission, need.level);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn g3_7_every_feature_says_which_permission_it_lacks() {
        let none = Grants::none();
        let named: BTreeSet<&str> = Feature::all().map(Feature::as_str).collect();
        assert_eq!(named.len(), Feature::all().count(), "each has a name of its own");
        for feature in Feature::all() {
            let missing = feature.missing(&none, OwnerKind::Organization);
            assert_eq!(missing.len(), feature.needs().len(), "{feature:?}");
            let enough = Grants::for_features([feature]);
            assert_eq!(feature.missing(&enough, OwnerKind::Organization), Vec::new());
            assert_ne!(
                missing[0].need.label(),
                missing[0].need.permission,
                "{feature:?} has words for people"
            );
        }
        let reads = Grants::none().with("issues", Level::Read);
        let missing = Feature::WriteIssues.missing(&reads, OwnerKind::User);
        assert_eq!(
            missing[0].reason(),
            "opening and assigning issues needs the repository permission Issues for writing (it has reading)"
        );
    }

    #[test]
    fn a_person_has_no_organisation_permissions_to_lack() {
        let granted = Grants::none().with("administration", Level::Write);
        assert_eq!(Feature::Teams.missing(&granted, OwnerKind::User), Vec::new());
        assert_eq!(Feature::ManageAccess.missing(&granted, OwnerKind::User), Vec::new());
        assert_eq!(
            Feature::ManageAccess.missing(&granted, OwnerKind::Organization)[0].reason(),
            "giving and taking access needs the organisation permission Members for reading (it has none)"
        );
    }

    #[test]
    fn an_app_is_made_for_all_but_hooks_and_the_mirror_only_reads() {
        let app = Grants::for_features(Feature::of_an_app());
        assert_eq!(
            app.to_string(),
            "administration=write, contents=read, deployments=read, issues=write, members=read, metadata=read, pull_requests=write"
        );
        let mirror = Grants::for_features(Feature::of_the_mirror());
        assert!(mirror.iter().all(|(_, level)| level == Level::Read), "{mirror}");
        assert!(mirror.beyond(&app).is_empty());
    }
}
