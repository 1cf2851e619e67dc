//! From fields to the world: what each type of the schema is, and which file resolves its fields.

mod accounts;
mod connection;
mod git;
mod grants;
mod items;
mod parts;
mod query;
mod repositories;
#[cfg(test)]
mod tests;
mod written;

use serde_json::Value;

use super::findings::Weight;
use super::problem::FieldError;
use super::values::Values;
use crate::sim::github::view::View;
use crate::sim::github::world::{
    Account, AccountKind, Branch, Comment, Commit, Issue, Label, Milestone, Permission, PullRequest, Release, Repository, Review,
    Team, Usage,
};
use connection::{Connection, Edge};

/// An object of the schema, found in the world.
#[derive(Clone)]
pub(super) enum Thing<'w> {
    Query,
    RateLimit,
    Account(&'w Account),
    Team(&'w Team),
    Repository(&'w Repository),
    Issue(&'w Repository, &'w Issue),
    PullRequest(&'w Repository, &'w Issue, &'w PullRequest),
    /// A pull request and the place among those asked to review: people first, then teams.
    ReviewRequest(&'w Repository, &'w Issue, &'w PullRequest, usize),
    Label(&'w Repository, u64, &'w Label),
    Milestone(&'w Repository, &'w Milestone),
    Release(&'w Repository, &'w Release),
    Comment(&'w Repository, &'w Comment),
    /// A review and the number of its pull request.
    Review(&'w Repository, u64, &'w Review),
    Ref(&'w Repository, &'w Branch),
    Commit(&'w Repository, &'w str, &'w Commit),
    GitActor(&'w Commit),
    Connection(Box<Connection<'w>>),
    Edge(Box<Edge<'w>>),
    PageInfo(Box<Connection<'w>>),
}

/// What a field came to.
pub(super) enum Resolved<'w> {
    Json(Value),
    Thing(Thing<'w>),
    List(Vec<Result<Resolved<'w>, FieldError>>),
}

/// Result of resolving a field.
pub(super) type Field<'w> = Result<Resolved<'w>, FieldError>;

impl<'w> Resolved<'w> {
    /// A thing, or null.
    fn or_null(thing: Option<Thing<'w>>) -> Self {
        thing.map_or(Self::Json(Value::Null), Self::Thing)
    }
}

/// Makes a leaf.
#[expect(clippy::unnecessary_wraps, reason = "every field is a result, and most of them are leaves")]
fn json<'w>(value: impl Into<Value>) -> Field<'w> {
    Ok(Resolved::Json(value.into()))
}

/// GraphQL's `Int` has 32 bits; what is larger is null here, as ids of new issues are on GitHub.
fn int<'w>(value: u64) -> Field<'w> {
    json(i32::try_from(value).ok())
}

/// The world and the limits of the operation that is running.
#[derive(Clone, Copy)]
pub(super) struct Context<'w> {
    pub(super) view: View<'w>,
    pub(super) weight: Weight,
    pub(super) usage: Usage,
}

impl<'w> Context<'w> {
    /// Resolves a field of a thing.
    pub(super) fn resolve(&self, thing: &Thing<'w>, field: &str, arguments: &Values) -> Field<'w> {
        match thing {
            Thing::Query => self.query(field, arguments),
            Thing::RateLimit => self.rate_limit(field),
            Thing::Account(account) => self.account(account, field, arguments),
            Thing::Team(team) => self.team(team, field),
            Thing::Repository(repository) => self.repository(repository, field, arguments),
            Thing::Issue(home, item) => self.issue(home, item, field, arguments),
            Thing::PullRequest(home, item, pull) => self.pull_request(home, item, pull, field, arguments),
            Thing::ReviewRequest(home, item, pull, place) => self.review_request(home, item, pull, *place, field),
            Thing::Label(home, id, label) => self.label(home, *id, label, field),
            Thing::Milestone(home, milestone) => self.milestone(home, milestone, field),
            Thing::Release(home, release) => self.release(home, release, field),
            Thing::Comment(home, comment) => self.comment(home, comment, field),
            Thing::Review(home, number, review) => self.review(home, *number, review, field),
            Thing::Ref(home, branch) => git::reference(home, branch, field),
            Thing::Commit(home, sha, commit) => self.commit(home, sha, commit, field),
            Thing::GitActor(commit) => self.git_actor(commit, field),
            Thing::Connection(connection) => connection.field(field),
            Thing::Edge(edge) => edge.field(field),
            Thing::PageInfo(connection) => connection.page_info(field),
        }
    }

    /// An account by its login.
    fn actor(&self, login: Option<&str>) -> Option<Thing<'w>> {
        Some(Thing::Account(self.view.world.account(login?)?))
    }

    /// A page that people open.
    fn page(&self, path: &str) -> String {
        format!("{}{path}", self.view.web())
    }
}

impl Thing<'_> {
    /// Name of its type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::RateLimit => "RateLimit",
            Self::Account(account) => account.kind.as_str(),
            Self::Team(_) => "Team",
            Self::Repository(_) => "Repository",
            Self::Issue(..) => "Issue",
            Self::PullRequest(..) => "PullRequest",
            Self::ReviewRequest(..) => "ReviewRequest",
            Self::Label(..) => "Label",
            Self::Milestone(..) => "Milestone",
            Self::Release(..) => "Release",
            Self::Comment(..) => "IssueComment",
            Self::Review(..) => "PullRequestReview",
            Self::Ref(..) => "Ref",
            Self::Commit(..) => "Commit",
            Self::GitActor(_) => "GitActor",
            Self::Connection(connection) => connection.type_name(),
            Self::Edge(edge) => edge.type_name(),
            Self::PageInfo(_) => "PageInfo",
        }
    }
}

/// An item as the type that it is.
fn item<'w>(home: &'w Repository, item: &'w Issue) -> Thing<'w> {
    match &item.pull_request {
        Some(pull) => Thing::PullRequest(home, item, pull),
        None => Thing::Issue(home, item),
    }
}

/// GraphQL's word for a permission.
fn permission_word(permission: Permission) -> &'static str {
    match permission {
        Permission::Pull => "READ",
        Permission::Triage => "TRIAGE",
        Permission::Push => "WRITE",
        Permission::Maintain => "MAINTAIN",
        Permission::Admin => "ADMIN",
    }
}

/// True for an account that can own repositories.
fn is_owner(account: &Account) -> bool {
    matches!(account.kind, AccountKind::User | AccountKind::Organization)
}
