//! An installation of the App as it is followed here: where it began, how far it is, and what is to be done next.

/// Where an installation began. How far it is, [`Processing`] says; the two are apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    /// Somebody set out in the desk.
    #[default]
    Here,
    /// Somebody installed the App on GitHub's own pages.
    OnGithub,
}

impl Origin {
    /// The word in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Here => "initiated_here",
            Self::OnGithub => "initiated_on_github",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        if word == Self::OnGithub.as_str() {
            Self::OnGithub
        } else {
            Self::Here
        }
    }
}

/// How far an installation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Processing {
    /// GitHub has not told of it.
    #[default]
    Untold,
    /// GitHub told; what it is like is being read.
    Processing,
    /// It was read, and its repositories are followed.
    Processed,
    /// Whoever installed it is nobody here.
    UnmatchedUser,
    /// It cannot be read; it is tried again.
    Errored,
}

impl Processing {
    const ALL: [Self; 5] = [
        Self::Untold,
        Self::Processing,
        Self::Processed,
        Self::UnmatchedUser,
        Self::Errored,
    ];

    /// The word in the table; none for what GitHub has not told of.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Untold => "",
            Self::Processing => "processing",
            Self::Processed => "processed",
            Self::UnmatchedUser => "unmatched_user",
            Self::Errored => "errored",
        }
    }

    /// Reads the word; any other is none.
    #[must_use]
    pub fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|one| one.as_str() == word).unwrap_or_default()
    }
}

/// What stands between an installation and its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// GitHub is to tell of it.
    WaitsForGithub,
    /// What it is like is being read.
    IsRead,
    /// Whoever installed it is to connect his account.
    WaitsForUser,
    /// Whoever installed it is to choose a Project.
    WaitsForProject,
    /// Nothing.
    Done,
    /// An owner of the account suspended it.
    Suspended,
    /// It was uninstalled.
    Deleted,
    /// It could not be read.
    Failed,
}

impl Stage {
    /// The word that scripts are told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WaitsForGithub => "waits_for_github",
            Self::IsRead => "is_read",
            Self::WaitsForUser => "waits_for_user",
            Self::WaitsForProject => "waits_for_project",
            Self::Done => "done",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
            Self::Failed => "failed",
        }
    }

    /// True where it goes on by itself.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::WaitsForGithub | Self::IsRead)
    }
}

/// What is known of an installation, as far as its stage depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Course {
    /// Where it began.
    pub origin: Origin,
    /// How far it is.
    pub processing: Processing,
    /// A Project is named.
    pub has_project: bool,
    /// An owner suspended it.
    pub is_suspended: bool,
    /// It was uninstalled.
    pub is_deleted: bool,
}

impl Course {
    /// Its stage. One that somebody set out for without a Project needs none.
    #[must_use]
    pub fn stage(self) -> Stage {
        if self.is_deleted {
            return Stage::Deleted;
        }
        match self.processing {
            Processing::Untold => Stage::WaitsForGithub,
            Processing::UnmatchedUser => Stage::WaitsForUser,
            Processing::Errored => Stage::Failed,
            Processing::Processing => Stage::IsRead,
            Processing::Processed if self.is_suspended => Stage::Suspended,
            Processing::Processed if self.origin == Origin::OnGithub && !self.has_project => Stage::WaitsForProject,
            Processing::Processed => Stage::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processed(origin: Origin, has_project: bool) -> Course {
        Course {
            origin,
            processing: Processing::Processed,
            has_project,
            ..Course::default()
        }
    }

    #[test]
    fn g0_10_origin_and_processing_are_words_of_their_own() {
        for one in Processing::ALL {
            assert_eq!(Processing::of(one.as_str()), one);
        }
        for one in [Origin::Here, Origin::OnGithub] {
            assert_eq!(Origin::of(one.as_str()), one);
        }
        assert_eq!(Processing::of("something else"), Processing::Untold);
    }

    #[test]
    fn g0_8_only_what_began_on_github_waits_for_a_project() {
        assert_eq!(processed(Origin::Here, true).stage(), Stage::Done);
        assert_eq!(processed(Origin::Here, false).stage(), Stage::Done);
        assert_eq!(processed(Origin::OnGithub, false).stage(), Stage::WaitsForProject);
        assert_eq!(processed(Origin::OnGithub, true).stage(), Stage::Done);
    }

    #[test]
    fn what_is_gone_or_suspended_is_said_before_all_else() {
        let gone = Course {
            is_deleted: true,
            is_suspended: true,
            ..Course::default()
        };
        assert_eq!(gone.stage(), Stage::Deleted);
        let suspended = Course {
            is_suspended: true,
            ..processed(Origin::OnGithub, false)
        };
        assert_eq!(suspended.stage(), Stage::Suspended);
        assert!(Course::default().stage().is_under_way() && !suspended.stage().is_under_way());
    }
}
