//! What an integration does for its repositories: services that are switched on and off at any time.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Repositories with their branches, commits, releases, labels and milestones. Members are read as long as anything is: by them people read it.
    Repositories,
    /// Pull requests with their reviews and comments.
    PullRequests,
    /// Issues with their comments.
    Issues,
    /// Webhooks on GitHub, and what they deliver.
    Webhooks,
}

impl Service {
    /// As forms call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Repositories => "Repositories",
            Self::PullRequests => "Pull Requests",
            Self::Issues => "Issues",
            Self::Webhooks => "Webhooks",
        }
    }
}

/// Which of them are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Services {
    /// Repositories and their parts are read.
    pub repositories: bool,
    /// Pull requests are read.
    pub pull_requests: bool,
    /// Issues are read.
    pub issues: bool,
    /// Webhooks are managed, and deliveries taken.
    pub webhooks: bool,
}

impl Default for Services {
    /// All of them.
    fn default() -> Self {
        Self {
            repositories: true,
            pull_requests: true,
            issues: true,
            webhooks: true,
        }
    }
}

impl Services {
    /// True when that one is on.
    #[must_use]
    pub fn is_on(&self, service: Service) -> bool {
        match service {
            Service::Repositories => self.repositories,
            Service::PullRequests => self.pull_requests,
            Service::Issues => self.issues,
            Service::Webhooks => self.webhooks,
        }
    }

    /// True when something is read at all.
    #[must_use]
    pub fn reads_anything(&self) -> bool {
        self.repositories || self.pull_requests || self.issues
    }

    /// True when members are read: who is one reads what else is stored of the repository, and who is none any more does not, whatever is read of it.
    #[must_use]
    pub fn reads_members(&self) -> bool {
        self.reads_anything()
    }

    /// True when comments are read: they are of issues and of pull requests.
    #[must_use]
    pub fn reads_comments(&self) -> bool {
        self.issues || self.pull_requests
    }

    /// True when comments of pull requests, or of issues, are read.
    #[must_use]
    pub fn reads_comment(&self, of_pull_request: bool) -> bool {
        if of_pull_request { self.pull_requests } else { self.issues }
    }

    /// The service that keeps a delivery of `event` from being taken, if one that is off does. Of a comment nobody knows whose it is before
    /// it is read: `of_pull_request` says it, where it is known.
    #[must_use]
    pub fn keeps_out(&self, event: &str, of_pull_request: bool) -> Option<Service> {
        if !self.webhooks {
            return Some(Service::Webhooks);
        }
        let (service, is_on) = match event {
            "issue_comment" if of_pull_request => (Service::PullRequests, self.pull_requests),
            "issues" | "issue_comment" => (Service::Issues, self.issues),
            "pull_request" | "deployment" | "deployment_status" => (Service::PullRequests, self.pull_requests),
            event if event.starts_with("pull_request_") => (Service::PullRequests, self.pull_requests),
            "push" | "create" | "delete" | "release" | "label" | "milestone" | "repository" | "star" | "commit_comment"
            | "public" => (Service::Repositories, self.repositories),
            "member" | "team_add" => (Service::Repositories, self.reads_members()),
            _ => return None,
        };
        (!is_on).then_some(service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g1_a_service_that_is_off_keeps_its_own_events_out_and_no_others() {
        let all = Services::default();
        let events = [
            "push",
            "issues",
            "issue_comment",
            "pull_request_review",
            "release",
            "ping",
            "meta",
        ];
        assert!(events.iter().all(|event| all.keeps_out(event, false).is_none()));
        let no_issues = Services { issues: false, ..all };
        assert_eq!(no_issues.keeps_out("issues", false), Some(Service::Issues));
        assert_eq!(no_issues.keeps_out("issue_comment", false), Some(Service::Issues));
        assert_eq!(
            no_issues.keeps_out("issue_comment", true),
            None,
            "a comment of a pull request"
        );
        assert_eq!(no_issues.keeps_out("push", false), None);
        let no_pulls = Services {
            pull_requests: false,
            ..all
        };
        for event in [
            "pull_request",
            "pull_request_review",
            "pull_request_review_comment",
            "deployment_status",
        ] {
            assert_eq!(no_pulls.keeps_out(event, false), Some(Service::PullRequests), "{event}");
        }
        let no_repositories = Services {
            repositories: false,
            ..all
        };
        for event in ["push", "create", "delete", "release", "label", "milestone", "repository"] {
            assert_eq!(
                no_repositories.keeps_out(event, false),
                Some(Service::Repositories),
                "{event}"
            );
        }
        let nothing = Services {
            pull_requests: false,
            issues: false,
            ..no_repositories
        };
        for event in ["member", "team_add"] {
            assert_eq!(
                no_repositories.keeps_out(event, false),
                None,
                "whoever was removed must not read on"
            );
            assert_eq!(nothing.keeps_out(event, false), Some(Service::Repositories));
        }
        let no_webhooks = Services { webhooks: false, ..all };
        assert_eq!(no_webhooks.keeps_out("ping", false), Some(Service::Webhooks));
        assert!(no_webhooks.reads_anything() && no_webhooks.reads_comments());
    }
}
