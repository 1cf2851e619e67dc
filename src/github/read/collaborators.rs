//! Who has access.

use super::PER_PAGE;
use crate::domain::{Member, RepoName};
use crate::github::client::Client;
use crate::github::decode::wire;
use crate::github::pages::Pages;
use crate::github::wire::Collaborator;

impl Client {
    /// Everybody with access to `name`, directly or through teams and organisation. GitHub shows this to those who may push;
    /// to others it is [`Forbidden`](crate::github::ErrorKind::Forbidden).
    #[must_use]
    pub fn collaborators(&self, name: &RepoName) -> Pages<Member> {
        let segments = ["repos", name.owner(), name.name(), "collaborators"];
        let url = self.rest_url(&segments, &[("affiliation", "all"), PER_PAGE]);
        Pages::at(self, url, |raw| wire::<Collaborator>(raw.into()).map(Member::from))
    }
}
