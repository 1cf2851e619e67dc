//! Installations of GitHub Apps, and the tokens of these.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{App, Repository, Token, World, ids, same_account};

/// So long a token of an installation is good.
const TOKEN_LASTS: TimeDelta = TimeDelta::hours(1);

/// An App in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Database id.
    pub id: u64,
    /// Id of the App.
    pub app_id: u64,
    /// Login of the account.
    pub account: String,
    /// Ids of the repositories that were picked; none for all of the account.
    pub repositories: Option<BTreeSet<u64>>,
    /// What was granted: permission and level.
    pub permissions: BTreeMap<String, String>,
    /// What the App is told of it.
    pub events: Vec<String>,
    /// Since when it may do nothing, and by whom.
    pub suspended: Option<(DateTime<Utc>, String)>,
    /// Login of who had asked an owner for it.
    pub requester: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed.
    pub updated_at: DateTime<Utc>,
}

/// What a token of an installation may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The installation.
    pub installation: u64,
    /// Login of its account.
    pub account: String,
    /// Permission and level.
    pub permissions: BTreeMap<String, String>,
    /// Ids of the repositories that it was narrowed to; none for all of the installation.
    pub repositories: Option<BTreeSet<u64>>,
}

/// The order of levels.
fn rank(level: &str) -> usize {
    ["read", "write", "admin"]
        .iter()
        .position(|one| *one == level)
        .map_or(0, |at| at + 1)
}

/// True where `permissions` hold one at a level or above.
pub(crate) fn holds(permissions: &BTreeMap<String, String>, name: &str, level: &str) -> bool {
    permissions
        .get(name)
        .is_some_and(|held| rank(held) >= rank(level) && rank(level) > 0)
}

impl Installation {
    /// Picks repositories, by id, instead of all.
    pub fn only(&mut self, ids: impl IntoIterator<Item = u64>) -> &mut Self {
        self.repositories = Some(ids.into_iter().collect());
        self
    }

    /// Has it reach all repositories of the account.
    pub fn all(&mut self) -> &mut Self {
        self.repositories = None;
        self
    }

    /// Has it be there because somebody asked for it.
    pub fn requested_by(&mut self, login: &str) -> &mut Self {
        self.requester = Some(login.to_owned());
        self
    }

    /// Suspends it.
    pub fn suspend(&mut self, by: &str) -> &mut Self {
        self.suspended = Some((self.updated_at, by.to_owned()));
        self
    }

    /// Ends that.
    pub fn unsuspend(&mut self) -> &mut Self {
        self.suspended = None;
        self
    }

    /// Takes a permission, as if the App had asked for it later and nobody had accepted it yet.
    pub fn without(&mut self, permission: &str) -> &mut Self {
        self.permissions.remove(permission);
        self
    }

    /// True where it reaches a repository.
    #[must_use]
    pub fn reaches(&self, repository: &Repository) -> bool {
        let picked = self.repositories.as_ref();
        same_account(&self.account, &repository.owner) && picked.is_none_or(|ids| ids.contains(&repository.id))
    }

    /// `all` or `selected`.
    #[must_use]
    pub fn selection(&self) -> &'static str {
        if self.repositories.is_some() { "selected" } else { "all" }
    }

    /// Global node id.
    #[must_use]
    pub fn node_id(&self) -> String {
        ids::node("MDIzOkludGVncmF0aW9u", self.id)
    }
}

impl World {
    /// The App in an account, put there when it is not: with all that it asks for, for all repositories.
    pub fn install(&mut self, slug: &str, account: &str) -> &mut Installation {
        if self.account(account).is_none() {
            self.organization(account);
        }
        let app = self.app(slug).clone();
        let found = self
            .installations
            .values()
            .find(|one| one.app_id == app.id && same_account(&one.account, account));
        let id = found.map(|one| one.id);
        let id = id.unwrap_or_else(|| {
            self.installations_made += 1;
            ids::FIRST_INSTALLATION + self.installations_made
        });
        let now = self.now();
        self.installations.entry(id).or_insert_with(|| Installation {
            id,
            app_id: app.id,
            account: account.to_owned(),
            repositories: None,
            permissions: app.permissions,
            events: app.events,
            suspended: None,
            requester: None,
            created_at: now,
            updated_at: now,
        })
    }

    /// Has an owner accept all that the App asks for by now.
    pub fn accept_permissions(&mut self, installation: u64) {
        let Some(one) = self.installations.get_mut(&installation) else {
            return;
        };
        if let Some(app) = self.apps.iter().find(|app| app.id == one.app_id) {
            one.permissions.clone_from(&app.permissions);
            one.events.clone_from(&app.events);
        }
    }

    /// Removes an installation, whose tokens are worth nothing from then on.
    pub fn uninstall(&mut self, installation: u64) {
        self.installations.remove(&installation);
        let is_its = |token: &Token| token.grant.as_ref().is_some_and(|grant| grant.installation == installation);
        self.tokens.retain(|token| !is_its(token));
    }

    /// The App of an installation.
    #[must_use]
    pub fn app_of(&self, installation: &Installation) -> Option<&App> {
        self.apps.iter().find(|app| app.id == installation.app_id)
    }

    /// Makes a token of an installation, good for an hour; those that are over are forgotten.
    pub(crate) fn grant_token(&mut self, grant: Grant) -> Token {
        let now = self.now();
        self.tokens
            .retain(|token| token.grant.is_none() || token.expires_at.is_none_or(|at| now < at));
        self.tokens_granted += 1;
        let installation = self.installations.get(&grant.installation);
        let app = installation.and_then(|one| self.app_of(one));
        // As GitHub's newer ones: longer than forty characters, and with dots.
        let parts = [0, 1].map(|part| ids::sha(self.tokens_granted, part));
        let token = Token {
            secret: format!("ghs_{}_{}.{}", grant.installation, parts[0], parts[1]),
            login: app.map_or_else(String::new, |app| format!("{}[bot]", app.slug)),
            scopes: None,
            expires_at: Some(now + TOKEN_LASTS),
            sso: vec![grant.account.clone()],
            grant: Some(grant),
        };
        self.note_given(&token.secret);
        self.tokens.push(token.clone());
        token
    }

    /// True where a token of an installation reaches a repository.
    #[must_use]
    pub fn reaches(&self, grant: &Grant, repository: &Repository) -> bool {
        let installation = self.installations.get(&grant.installation);
        let narrowed = grant.repositories.as_ref();
        installation.is_some_and(|one| one.reaches(repository)) && narrowed.is_none_or(|ids| ids.contains(&repository.id))
    }
}

impl Token {
    /// True for a token of an installation in that account.
    #[must_use]
    pub fn is_installed_in(&self, login: &str) -> bool {
        self.grant.as_ref().is_some_and(|grant| same_account(&grant.account, login))
    }
}
