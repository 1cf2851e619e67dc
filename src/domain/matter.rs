//! What a delivery is about, as far as a Project may want to be told of it.

/// A kind of news of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// The repository itself: its branches, commits, members, settings.
    Repository,
    /// Issues, comments on them, labels and milestones.
    Issues,
    /// Pull requests, comments on them and reviews.
    PullRequests,
    /// Releases and deployments.
    Releases,
}

impl Matter {
    /// What an event is about. GitHub calls a comment on a pull request one on an issue: `on_pull_request` tells them apart.
    #[must_use]
    pub fn of(event: &str, on_pull_request: bool) -> Self {
        match event {
            "issue_comment" if on_pull_request => Self::PullRequests,
            "issues" | "issue_comment" | "label" | "milestone" => Self::Issues,
            "pull_request" | "pull_request_review" | "pull_request_review_comment" => Self::PullRequests,
            "release" | "deployment" | "deployment_status" => Self::Releases,
            _ => Self::Repository,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_belongs_to_what_it_is_on() {
        assert_eq!(Matter::of("issue_comment", false), Matter::Issues);
        assert_eq!(Matter::of("issue_comment", true), Matter::PullRequests);
        assert_eq!(Matter::of("push", false), Matter::Repository);
        assert_eq!(Matter::of("deployment_status", false), Matter::Releases);
    }
}
