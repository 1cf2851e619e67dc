//! Labels, milestones, releases, comments and commits: what a repository has in lists of their own.

use chrono::{DateTime, SecondsFormat, Utc};
use url::Url;

use super::PER_PAGE;
use crate::domain::{Comment, Commit, Label, Milestone, Release, RepoName};
use crate::github::client::Client;
use crate::github::origin::same_origin;
use crate::github::pages::Pages;
use crate::github::payload;

impl Client {
    /// All labels of `name`.
    #[must_use]
    pub fn labels(&self, name: &RepoName) -> Pages<Label> {
        let url = self.rest_url(&["repos", name.owner(), name.name(), "labels"], &[PER_PAGE]);
        Pages::at(self, url, |raw| payload::label(raw))
    }

    /// All milestones of `name`, open and closed. Where issues are switched off GitHub may answer
    /// [`Gone`](crate::github::ErrorKind::Gone).
    #[must_use]
    pub fn milestones(&self, name: &RepoName) -> Pages<Milestone> {
        let segments = ["repos", name.owner(), name.name(), "milestones"];
        let url = self.rest_url(&segments, &[("state", "all"), PER_PAGE]);
        Pages::at(self, url, |raw| payload::milestone(raw))
    }

    /// All releases of `name`, newest first; drafts for those who may push.
    #[must_use]
    pub fn releases(&self, name: &RepoName) -> Pages<Release> {
        let url = self.rest_url(&["repos", name.owner(), name.name(), "releases"], &[PER_PAGE]);
        Pages::at(self, url, |raw| payload::release(raw))
    }

    /// Comments on issues and pull requests of `name`, the one that changed last first. What changes while they are read comes to the
    /// front, so that it hides nothing; it is not seen either, but it is newer than the first answer's `Date`.
    #[must_use]
    pub fn comments(&self, name: &RepoName) -> Pages<Comment> {
        let segments = ["repos", name.owner(), name.name(), "issues", "comments"];
        let url = self.rest_url(&segments, &[("sort", "updated"), ("direction", "desc"), PER_PAGE]);
        Pages::at(self, url, |raw| payload::comment(raw))
    }

    /// The list of [`Self::comments`] or of [`Self::comments_since`] from a page on whose address it gave before; none where that is not an
    /// address of this GitHub.
    #[must_use]
    pub fn comments_from(&self, place: &str) -> Option<Pages<Comment>> {
        let url = Url::parse(place).ok()?;
        same_origin(&url, &self.hosts().api).then(|| Pages::at(self, url, |raw| payload::comment(raw)))
    }

    /// Comments that changed at or after `since` (GitHub's clock, whole seconds), the one that changed first first. Where GitHub gives
    /// no further page of a long list, this begins another one.
    #[must_use]
    pub fn comments_since(&self, name: &RepoName, since: DateTime<Utc>) -> Pages<Comment> {
        let segments = ["repos", name.owner(), name.name(), "issues", "comments"];
        let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        let query = [("sort", "updated"), ("direction", "asc"), PER_PAGE, ("since", since.as_str())];
        Pages::at(self, self.rest_url(&segments, &query), |raw| payload::comment(raw))
    }

    /// Commits that `branch` of `name` leads back to and that were committed at or after `since`, newest first; they do not say on which
    /// branch they were seen. An empty repository answers [`Conflict`](crate::github::ErrorKind::Conflict). Where GitHub gives no further
    /// page of a long list, `until` begins another one: at commits that were committed at or before that moment.
    #[must_use]
    pub fn commits(&self, name: &RepoName, branch: &str, since: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Pages<Commit> {
        let text = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (since, until) = (text(since), until.map(text));
        let segments = ["repos", name.owner(), name.name(), "commits"];
        let query = [("sha", branch), ("since", since.as_str()), PER_PAGE];
        let query: Vec<(&str, &str)> = query
            .into_iter()
            .chain(until.as_deref().map(|until| ("until", until)))
            .collect();
        Pages::at(self, self.rest_url(&segments, &query), |raw| payload::commit(raw, ""))
    }
}
