//! The world that the fake GitHub shows: plain structs with rich defaults, which tests fill and change as they like.
//!
//! ```
//! use erpnext_github::sim::github::World;
//!
//! let mut world = World::default();
//! let web = world.repository("acme/web").with_issues(10).with_pull_requests(5);
//! web.close(3, "not_planned");
//! assert_eq!(web.items.len(), 15);
//! ```

mod access;
mod account;
mod app;
mod app_keys;
mod deployment;
mod evolve;
mod fill;
mod history;
mod hook;
pub(crate) mod ids;
mod installation;
mod invitation;
mod item;
mod limits;
mod lively;
mod moves;
mod oauth;
mod parts;
mod parts_story;
mod repository;
mod settle;
mod story;
mod text;

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

pub use access::{Affiliation, Collaborator, Permission};
pub use account::{Account, AccountKind, Team, Token};
pub use app::{Agreed, App};
pub use deployment::{Deployment, DeploymentStatus};
pub use hook::{Hook, HookAttempt};
pub(crate) use installation::holds;
pub use installation::{Grant, Installation};
pub use invitation::Invitation;
pub use item::{HeadRepository, Issue, ItemState, MergeState, PullRequest, ReviewDecision};
pub(crate) use limits::ANONYMOUS;
pub use limits::{Limits, Resource, Usage};
pub(crate) use oauth::{Asked, Exchanged, Pair};
pub use oauth::{Authorization, OAuthClient, OAuthWorld};
pub use parts::{Comment, Label, Milestone, Release, ReleaseAsset, Review};
pub use repository::{Block, Branch, Commit, Gone, Repository};
pub use text::Text;

use super::faults::Fault;
use crate::clock::{FixedClock, SharedClock};

/// How lists tell a client to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paging {
    /// `page=N` in every `Link`, with `last`.
    #[default]
    Numbers,
    /// `after=` and `before=` in the `Link` of the issues list, without `last`, as GitHub does for large repositories.
    Cursors,
}

/// Everything that exists on the fake GitHub.
#[derive(Clone)]
pub struct World {
    clock: SharedClock,
    /// Address of the pages that people open.
    pub web_url: String,
    /// Accounts by [`account_key`].
    pub accounts: BTreeMap<String, Account>,
    /// Teams of all organisations.
    pub teams: Vec<Team>,
    /// Repositories by id.
    pub repositories: BTreeMap<u64, Repository>,
    /// Names that repositories had once, in lower case, and the ids that they lead to.
    pub former_names: BTreeMap<String, u64>,
    /// Tokens that work.
    pub tokens: Vec<Token>,
    /// GitHub Apps.
    pub apps: Vec<App>,
    /// Manifests that somebody agreed to, and that are no Apps yet.
    pub agreed: Vec<Agreed>,
    /// Installations of Apps by id.
    pub installations: BTreeMap<u64, Installation>,
    /// Apps that people authorise, and what they authorised.
    pub oauth: OAuthWorld,
    /// Rate limits.
    pub limits: Limits,
    /// How the issues list is paged.
    pub paging: Paging,
    /// Pages of the lists of issues, comments and commits beyond this one answer 422 when they are asked for by number.
    pub last_numbered_page: Option<u64>,
    /// What goes wrong, and when.
    pub faults: Vec<Fault>,
    /// How many accounts were declared; the next id follows from it.
    made_accounts: u64,
    /// How many installations and their tokens there ever were.
    installations_made: u64,
    tokens_granted: u64,
}

/// The form of a login that is compared: lower case, without `[bot]`.
#[must_use]
pub fn account_key(login: &str) -> String {
    login.trim_end_matches("[bot]").to_ascii_lowercase()
}

/// True when two logins mean the same account.
#[must_use]
pub fn same_account(one: &str, other: &str) -> bool {
    one.trim_end_matches("[bot]")
        .eq_ignore_ascii_case(other.trim_end_matches("[bot]"))
}

impl Default for World {
    /// A world whose clock stands still at [`World::start_of_time`].
    fn default() -> Self {
        Self::new(FixedClock::at(Self::start_of_time()))
    }
}

impl World {
    /// Login of the account that the first token acts for; it owns the organisations that [`World::repository`] declares.
    pub const VIEWER: &'static str = "mona";
    /// The token that works in every new world.
    pub const TOKEN: &'static str = "a-token-of-the-fake-github";

    /// Where the clock of a default world stands: a Monday morning in UTC.
    #[must_use]
    pub fn start_of_time() -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_442_000, 0).unwrap_or_default()
    }

    /// A world with one user, [`World::VIEWER`], and one token, [`World::TOKEN`].
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        let mut world = Self {
            clock,
            web_url: "https://github.com".to_owned(),
            accounts: BTreeMap::new(),
            teams: Vec::new(),
            repositories: BTreeMap::new(),
            former_names: BTreeMap::new(),
            tokens: vec![Token::classic(Self::TOKEN, Self::VIEWER)],
            apps: Vec::new(),
            agreed: Vec::new(),
            installations: BTreeMap::new(),
            oauth: OAuthWorld::default(),
            limits: Limits::default(),
            paging: Paging::default(),
            last_numbered_page: None,
            faults: Vec::new(),
            made_accounts: 0,
            installations_made: 0,
            tokens_granted: 0,
        };
        world.user(Self::VIEWER).named("Mona");
        world
    }

    /// The reference workload on `acme/reference`: so many issues, pull requests, branches and members, texts of about 1.5 KB.
    #[must_use]
    pub fn reference(issues: u64, pull_requests: u64, branches: u64, members: u64) -> Self {
        let mut world = Self::default();
        world
            .repository("acme/reference")
            .with_mixed_items(issues, pull_requests, 1_500)
            .with_branches(branches)
            .with_members(members);
        world
    }

    /// The present moment, in whole seconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(0)
    }

    /// Lets another clock tell the time.
    #[must_use]
    pub fn with_clock(mut self, clock: SharedClock) -> Self {
        for repository in self.repositories.values_mut() {
            repository.clock = clock.clone();
        }
        self.clock = clock;
        self
    }

    /// An account by its login, whatever its case and with or without `[bot]`.
    #[must_use]
    pub fn account(&self, login: &str) -> Option<&Account> {
        self.accounts.get(&account_key(login))
    }

    /// A user, declared when there is none of that login.
    pub fn user(&mut self, login: &str) -> &mut Account {
        self.declare(login, AccountKind::User)
    }

    /// A bot, declared when there is none of that login; `[bot]` may be written or left out.
    pub fn bot(&mut self, login: &str) -> &mut Account {
        self.declare(login, AccountKind::Bot)
    }

    /// An organisation, declared when there is none of that login; a new one is owned by [`World::VIEWER`].
    pub fn organization(&mut self, login: &str) -> &mut Account {
        let new = self.account(login).is_none();
        let organization = self.declare(login, AccountKind::Organization);
        if new {
            organization.owners.push(Self::VIEWER.to_owned());
        }
        organization
    }

    fn declare(&mut self, login: &str, kind: AccountKind) -> &mut Account {
        let created_at = self.now() - TimeDelta::days(2_000);
        let made = &mut self.made_accounts;
        self.accounts.entry(account_key(login)).or_insert_with(|| {
            *made += 1;
            Account::new(ids::FIRST_ACCOUNT + *made, login, kind, created_at)
        })
    }

    /// A team, declared when its organisation has none of that slug.
    pub fn team(&mut self, organization: &str, slug: &str) -> &mut Team {
        self.organization(organization);
        let place = self.teams.iter().position(|team| team.is(organization, slug));
        let place = place.unwrap_or_else(|| {
            self.teams.push(Team {
                id: 9_000_001 + self.teams.len() as u64,
                organization: organization.to_owned(),
                slug: slug.to_owned(),
                name: slug.to_owned(),
                description: None,
                members: Vec::new(),
                repositories: BTreeMap::new(),
            });
            self.teams.len() - 1
        });
        &mut self.teams[place]
    }

    /// Gives a team access to a repository of its organisation; both are declared when there are none of those names.
    pub fn grant_team(&mut self, full_name: &str, slug: &str, permission: Permission) -> &mut Team {
        let home = self.repository(full_name);
        let (id, owner) = (home.id, home.owner.clone());
        let team = self.team(&owner, slug);
        team.repositories.insert(id, permission);
        team
    }

    /// A token, made when there is none with that secret; a new one is a classic token of `login`.
    pub fn token(&mut self, secret: &str, login: &str) -> &mut Token {
        self.user(login);
        let place = self.tokens.iter().position(|token| token.secret == secret);
        let place = place.unwrap_or_else(|| {
            self.tokens.push(Token::classic(secret, login));
            self.tokens.len() - 1
        });
        &mut self.tokens[place]
    }

    /// A repository by `owner/name`, made when there is none of that name: public, with a commit on `main` and
    /// [`World::VIEWER`] as its first collaborator (or its owner, where that is a user). An unknown owner becomes an organisation.
    pub fn repository(&mut self, full_name: &str) -> &mut Repository {
        let (owner, name) = full_name.split_once('/').unwrap_or((full_name, "repository"));
        let id = self.find(full_name).map(|found| found.id);
        let id = id.unwrap_or_else(|| {
            if self.account(owner).is_none() {
                self.organization(owner);
            }
            self.make_repository(owner, name)
        });
        let clock = &self.clock;
        self.repositories
            .entry(id)
            .or_insert_with(|| Repository::new(clock.clone(), id, owner, name))
    }

    fn make_repository(&mut self, owner: &str, name: &str) -> u64 {
        let last = self.repositories.keys().next_back().copied();
        let former = self.former_names.values().max().copied();
        let id = last.max(former).map_or(ids::FIRST_REPOSITORY, |id| id + 1);
        let mut repository = Repository::new(self.clock.clone(), id, owner, name);
        let organization = self
            .account(owner)
            .is_some_and(|account| account.kind == AccountKind::Organization);
        let mut first = Collaborator::new(if organization { Self::VIEWER } else { owner }, Permission::Admin);
        if organization {
            first.affiliation = Affiliation::Organization;
        }
        repository.collaborators.push(first);
        self.former_names.remove(&repository.full_name().to_ascii_lowercase());
        self.repositories.insert(id, repository);
        id
    }

    /// A repository by its present name, whatever its case.
    #[must_use]
    pub fn find(&self, full_name: &str) -> Option<&Repository> {
        self.repositories.values().find(|repository| {
            full_name.split_once('/').is_some_and(|(owner, name)| {
                repository.owner.eq_ignore_ascii_case(owner) && repository.name.eq_ignore_ascii_case(name)
            })
        })
    }

    /// A repository by a name that it had once.
    #[must_use]
    pub fn find_former(&self, full_name: &str) -> Option<&Repository> {
        let id = self.former_names.get(&full_name.to_ascii_lowercase())?;
        self.repositories.get(id)
    }
}

impl Team {
    /// True when this is the team of that organisation and slug.
    #[must_use]
    pub fn is(&self, organization: &str, slug: &str) -> bool {
        self.organization.eq_ignore_ascii_case(organization) && self.slug.eq_ignore_ascii_case(slug)
    }
}
