//! With whose credential GitHub is asked for each repository, and in whose name.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;

use crate::domain::{Person, Services};
use crate::frappe::db::DbError;
use crate::github::{Client, GithubError};

/// GitHub for one repository.
#[derive(Debug, Clone)]
pub struct Reached {
    /// Asks with its credential. Where there is none to be had, each call fails with the sentence that says why.
    pub client: Client,
    /// Those that share the credential have the same one.
    pub group: String,
    /// What its credential is, whatever the repository and its owner are called: a run ends where it is another one by now.
    pub credential: String,
    /// What is read of it.
    pub services: Services,
    /// Somebody switched it off.
    pub is_off: bool,
    /// Its credential is the connection of a person, who lends it for reading: nothing is changed on GitHub in his name.
    pub is_lent: bool,
}

/// A repository among those that share its credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouped {
    /// Which group.
    pub group: String,
    /// Somebody switched it off, so that it is nothing for the schedule.
    pub is_off: bool,
    /// What is read of it.
    pub services: Services,
}

/// GitHub in the name of a person.
#[derive(Debug, Clone)]
pub struct Personal {
    /// Asks in his name.
    pub client: Client,
    /// His account: GitHub's number, and its login when he connected it.
    pub account: Person,
}

/// Finds credentials.
pub trait Reach: Send + Sync + 'static {
    /// GitHub for the repository of that name.
    fn of_repository<'a>(&'a self, repository: &'a str) -> BoxFuture<'a, Result<Reached, DbError>>;

    /// GitHub for the repository of that name as it was reached by the integration that let it go: for what is to be taken away there.
    fn of_repository_let_go<'a>(&'a self, repository: &'a str, integration: &'a str) -> BoxFuture<'a, Result<Reached, DbError>>;

    /// All repositories that are here, by name.
    fn groups(&self) -> BoxFuture<'_, Result<BTreeMap<String, Grouped>, DbError>>;

    /// The group of what has no credential of its own, and is no repository; none where the site has none either.
    fn of_site(&self) -> BoxFuture<'_, Result<Option<String>, DbError>>;

    /// GitHub in the name of `user`, who asked for a write in his own name. Nobody else's name will do.
    fn as_person<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Personal, GithubError>>;

    /// GitHub in the name of the site's App itself. Where that cannot be, each call fails with the sentence that says why.
    fn as_app(&self) -> BoxFuture<'_, Result<Client, DbError>>;
}
