//! Branches.

use super::PER_PAGE;
use crate::domain::{Branch, RepoName};
use crate::github::client::Client;
use crate::github::decode::wire;
use crate::github::pages::Pages;
use crate::github::wire::ShortBranch;

impl Client {
    /// All branches of `name` with their heads; when a head was committed is asked with
    /// [`Self::commit_dates`](Client::commit_dates). An empty repository has none.
    #[must_use]
    pub fn branches(&self, name: &RepoName) -> Pages<Branch> {
        let url = self.rest_url(&["repos", name.owner(), name.name(), "branches"], &[PER_PAGE]);
        Pages::at(self, url, |raw| wire::<ShortBranch>(raw.into()).map(Branch::from))
    }
}
