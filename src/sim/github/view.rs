//! What an answer is made from: the world, the caller, and parts that were rendered before.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};

use super::answer::Answer;
use super::caller::Caller;
use super::world::{Issue, Permission, Repository, World};

/// What a list is sorted by, and the numbers of its items.
pub(super) type Listing = Arc<[(i64, u64)]>;

/// Texts and lists that stay the same until the world changes.
#[derive(Debug, Default)]
pub(super) struct Cache {
    fragments: RefCell<HashMap<String, Arc<str>>>,
    listings: RefCell<HashMap<String, Listing>>,
    items: OnceCell<HashMap<u64, (u64, u64)>>,
}

/// The world as one caller sees it.
#[derive(Clone, Copy)]
pub(super) struct View<'w> {
    pub(super) world: &'w World,
    pub(super) cache: &'w Cache,
    pub(super) caller: &'w Caller,
    /// Address of the API without a slash at its end.
    pub(super) base: &'w str,
}

impl<'w> View<'w> {
    /// Address of the pages that people open.
    pub(super) fn web(&self) -> &'w str {
        &self.world.web_url
    }

    /// A text under `key`, made once until the world changes.
    pub(super) fn fragment(&self, key: String, make: impl FnOnce() -> String) -> Arc<str> {
        if let Some(found) = self.cache.fragments.borrow().get(&key) {
            return found.clone();
        }
        // Making it may need other fragments, so nothing is borrowed meanwhile.
        let text: Arc<str> = make().into();
        self.cache.fragments.borrow_mut().insert(key, text.clone());
        text
    }

    /// A list of sort keys under `key`, made once until the world changes.
    pub(super) fn listing(&self, key: String, make: impl FnOnce() -> Vec<(i64, u64)>) -> Listing {
        self.cache
            .listings
            .borrow_mut()
            .entry(key)
            .or_insert_with(|| make().into())
            .clone()
    }

    /// An item by the database id of its issue or of its pull request.
    pub(super) fn item_by_id(&self, id: u64) -> Option<(&'w Repository, &'w Issue)> {
        let places = self.cache.items.get_or_init(|| {
            let repositories = self.world.repositories.values();
            let places = repositories.flat_map(|repository| {
                repository.items.values().map(|item| {
                    let id = item.pull_request.as_ref().map_or(item.id, |pull| pull.id);
                    (id, (repository.id, item.number))
                })
            });
            places.collect()
        });
        let (repository, number) = places.get(&id)?;
        let repository = self.world.repositories.get(repository)?;
        Some((repository, repository.item(*number)?))
    }

    /// What the caller may do on a repository.
    pub(super) fn permission(&self, repository: &Repository) -> Option<Permission> {
        self.world.permission(repository, self.caller.token.as_ref())
    }

    /// True when the caller may see the repository with an id.
    pub(super) fn may_see(&self, repository_id: u64) -> bool {
        let found = self.world.repositories.get(&repository_id);
        found.is_some_and(|repository| self.permission(repository).is_some())
    }

    /// Repositories that the caller may see, by id.
    pub(super) fn visible(&self) -> impl Iterator<Item = &'w Repository> {
        let view = *self;
        self.world
            .repositories
            .values()
            .filter(move |repository| view.permission(repository).is_some())
    }

    /// The repository that a path names, in whichever of GitHub's two forms; a former name is answered with a redirect to `rest`.
    pub(super) fn repository_at(&self, place: &Place<'_>, rest: &str) -> Result<&'w Repository, Answer> {
        let found = match place {
            Place::Id(id) => id.parse().ok().and_then(|id: u64| self.world.repositories.get(&id)),
            Place::Name(owner, name) => self.world.find(&format!("{owner}/{name}")),
        };
        if let Some(repository) = found {
            return self.admit(repository);
        }
        if let Place::Name(owner, name) = place
            && let Some(repository) = self.world.find_former(&format!("{owner}/{name}"))
            && self.permission(repository).is_some()
        {
            return Err(Answer::moved(&format!("{}/repositories/{}{rest}", self.base, repository.id)));
        }
        Err(Answer::not_found())
    }

    fn admit(&self, repository: &'w Repository) -> Result<&'w Repository, Answer> {
        if self.permission(repository).is_none() {
            return Err(Answer::not_found());
        }
        if self.world.lacks_sso(repository, self.caller.token.as_ref()) {
            let message = "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.";
            let url = format!("{}/orgs/{}/sso?authorization_request=fake", self.web(), repository.owner);
            let answer = Answer::error(
                403,
                message,
                "articles/authenticating-to-a-github-organization-with-saml-single-sign-on",
            );
            return Err(answer.header("X-GitHub-SSO", &format!("required; url={url}")));
        }
        match repository.blocked {
            None => Ok(repository),
            Some(block) => Err(blocked(block, self.web())),
        }
    }
}

fn blocked(block: super::world::Block, web: &str) -> Answer {
    use super::world::Block;
    let (status, reason) = match block {
        Block::Legal => (451, "dmca"),
        Block::Terms => (403, "tos"),
    };
    let mut answer = Answer::error(status, "Repository access blocked", "rest");
    answer.edit(|body| {
        body["block"] = serde_json::json!({
            "reason": reason,
            "created_at": "2026-01-05T00:00:00Z",
            "html_url": format!("{web}/github/{reason}"),
        });
    });
    answer
}

/// How a path names a repository.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'p> {
    /// `/repos/OWNER/NAME`.
    Name(&'p str, &'p str),
    /// `/repositories/ID`.
    Id(&'p str),
}

/// A moment as GitHub writes it.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
