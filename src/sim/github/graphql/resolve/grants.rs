//! What an installation of a GitHub App may read in GraphQL.

use super::super::problem::FieldError;
use super::{Context, Thing};
use crate::sim::github::rest::{NOT_ACCESSIBLE, may_read};
use crate::sim::github::world::Repository;

impl Context<'_> {
    /// Refuses a field of a repository for want of a permission.
    pub(super) fn granted_field(&self, home: &Repository, field: &str) -> Result<(), FieldError> {
        self.granted(
            home,
            match field {
                "issue" | "issues" => "issues",
                "pullRequest" | "pullRequests" => "pulls",
                "issueOrPullRequest" | "labels" | "milestones" => "labels",
                "defaultBranchRef" | "object" | "ref" | "refs" | "releases" => "contents",
                _ => "",
            },
        )
    }

    /// Refuses a thing that was asked for by its id.
    pub(super) fn granted_thing(&self, thing: &Thing<'_>) -> Result<(), FieldError> {
        match thing {
            Thing::Issue(home, _) => self.granted(home, "issues"),
            Thing::PullRequest(home, ..) | Thing::Review(home, ..) => self.granted(home, "pulls"),
            Thing::Comment(home, _) | Thing::Label(home, ..) | Thing::Milestone(home, _) => self.granted(home, "labels"),
            Thing::Release(home, _) => self.granted(home, "contents"),
            _ => Ok(()),
        }
    }

    fn granted(&self, home: &Repository, part: &str) -> Result<(), FieldError> {
        let grant = self.view.caller.token.as_ref().and_then(|token| token.grant.as_ref());
        if grant.is_none_or(|grant| may_read(grant, home, part)) {
            return Ok(());
        }
        Err(FieldError::of_kind("FORBIDDEN", NOT_ACCESSIBLE.to_owned()))
    }
}
