//! `Project.repository` and `Repository.project`, kept in step (F-32).
//!
//! Several Projects may name one repository, and several Repositories one Project: each side has one place for the other. Only an empty
//! place is ever filled, so that nobody's link is overwritten. What was said before is remembered, because an empty place beside a
//! filled one may mean two things: newly linked, or cleared just now.
//!
//! - A Project that is linked fills its Repository's empty place, and the other way round.
//! - A Project whose link is cleared or moved leaves its Repository, which then names the oldest of the Projects that still name it.
//! - A Repository whose link is cleared leaves its Project. One whose link is moved to another Project does not: the first may share it.
//! - A Project that shows an older state than the one we wrote was written back from a cached copy, and is mended.
//! - A Project that was linked by somebody who may neither read the repository nor works on it gets its former link back (`judge`): the
//!   people of a connected Project read, and its manager writes on GitHub. Until a link was looked at it is not remembered, and
//!   connects nothing.
//!
//! These two places are the main ones of many: each connection is a row of `GitHub Project Repository` (`rows`).
//!
//! - A link that counts has a row. A row that was made for a link alone goes when no place says it any more; one that somebody made stays,
//!   unless its link is cleared.
//! - A row that somebody deletes takes the links with it: the places then name the oldest other row, or nothing.
//! - A row that somebody makes fills an empty place.
//! - Of rows that say the same, which a merge of Projects leaves, one stays (`doubles`).

mod connections;
mod doubles;
mod judge;
mod read;
mod rows;
mod write;

use crate::frappe::cache::RedisDown;
use crate::frappe::db::{DbError, retry_conflicts};
use crate::frappe::pending;
use crate::frappe::realtime::Event;
use crate::frappe::site::Site;
use crate::frappe::zone::frappe_text;

use super::announce::tell_projects;
use super::applied::Touched;
use super::stamp::Stamp;
pub use connections::{Connection, Follower, connections_of, followers_of, not_mirrored};
use judge::Judged;
use read::State;
pub use rows::Flags;

const WHAT: &str = "keeping Projects and Repositories in step";

/// Why links could not be settled; what was not done is done the next time.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Frappe writes whole Projects back from its cache: while old copies cannot be dropped, no Project is written.
    #[error("{0}; links between Projects and Repositories wait for it")]
    Cache(#[from] RedisDown),
    /// The database cannot be read or written.
    #[error("{0}")]
    Db(#[from] DbError),
}

/// A DocType with its place for a link to the other one.
#[derive(Debug, PartialEq, Eq)]
struct Side {
    doctype: &'static str,
    table: &'static str,
    column: &'static str,
}

static PROJECT: Side = Side {
    doctype: "Project",
    table: "tabProject",
    column: "repository",
};
static REPOSITORY: Side = Side {
    doctype: "Repository",
    table: "tabRepository",
    column: "project",
};

/// Brings both sides in step, in the name of `user`, and gives the documents that were written. Where nothing changed, four statements
/// read and none writes.
///
/// # Errors
/// When the cache or the database cannot be used; nothing is written then.
pub async fn settle(site: &Site, user: &str) -> Result<Vec<Touched>, LinkError> {
    settle_with(site, user, None).await
}

/// `vouched` is a Project with the repository that it is to name: who wanted that was asked for his rights.
async fn settle_with(site: &Site, user: &str, vouched: Option<(&str, &str)>) -> Result<Vec<Touched>, LinkError> {
    let state = State::read(&mut site.db().conn().await?).await?;
    if state.is_settled() {
        return Ok(Vec::new());
    }
    site.caches().ping().await?;
    let stamp = Stamp::now(site, user).await?;
    let judged = Judged::of(site, &state.projects, vouched).await?;
    let touched = retry_conflicts(|| write::once(site.db(), &stamp, &judged)).await?;
    tell(site, &stamp, &touched).await;
    judge::tell(site, &judged).await;
    Ok(touched)
}

/// What connecting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// What the Project named before; empty for nothing.
    pub before: String,
    /// The documents that were written.
    pub touched: Vec<Touched>,
}

/// Connects a Project with a repository, whatever it named before, in the name of `user`, who may do so, and brings both sides in step.
///
/// # Errors
/// When the cache or the database cannot be used.
pub async fn connect(site: &Site, user: &str, project: &str, repository: &str) -> Result<Connected, LinkError> {
    site.caches().ping().await?;
    let stamp = Stamp::now(site, user).await?;
    let (before, mut touched) = retry_conflicts(|| write::connect(site.db(), &stamp, project, repository)).await?;
    tell(site, &stamp, &touched).await;
    touched.extend(settle_with(site, user, Some((project, repository))).await?);
    Ok(Connected { before, touched })
}

/// Connects a Project with one more repository, in the name of `user`, who may do so: the row is his from now on. What is told of flags is
/// set. The Project's own place is filled where it is empty.
///
/// # Errors
/// When the cache or the database cannot be used.
pub async fn join(site: &Site, user: &str, link: (&str, &str), flags: &Flags) -> Result<Vec<Touched>, LinkError> {
    join_by(site, user, link, (flags, None)).await
}

/// The same because an installation of the App, by GitHub's number, reaches the repository: what it connects goes with it. What was connected
/// before stays as it was.
///
/// # Errors
/// As [`join`].
pub async fn join_for(site: &Site, user: &str, link: (&str, &str), installation: u64) -> Result<Vec<Touched>, LinkError> {
    join_by(site, user, link, (&Flags::default(), Some(installation))).await
}

async fn join_by(
    site: &Site,
    user: &str,
    link: (&str, &str),
    (flags, installation): (&Flags, Option<u64>),
) -> Result<Vec<Touched>, LinkError> {
    site.caches().ping().await?;
    let stamp = Stamp::now(site, user).await?;
    let touched = retry_conflicts(|| write::join(site.db(), &stamp, link, flags, installation)).await?;
    tell(site, &stamp, &touched).await;
    tell_projects(site, &[link.0.to_owned()]).await;
    Ok(touched)
}

/// Takes a connection back, in the name of `user`, who may do so; none where there was none.
///
/// # Errors
/// When the cache or the database cannot be used.
pub async fn part(site: &Site, user: &str, link: (&str, &str)) -> Result<Option<Vec<Touched>>, LinkError> {
    site.caches().ping().await?;
    let stamp = Stamp::now(site, user).await?;
    let touched = retry_conflicts(|| write::part(site.db(), &stamp, link)).await?;
    if let Some(touched) = &touched {
        tell(site, &stamp, touched).await;
        tell_projects(site, &[link.0.to_owned()]).await;
    }
    Ok(touched)
}

/// Says what of a connected repository is to reach the Project; false where they are not connected.
///
/// # Errors
/// When the database cannot be written.
pub async fn follow(site: &Site, user: &str, link: (&str, &str), flags: &Flags) -> Result<bool, DbError> {
    let stamp = Stamp::now(site, user).await?;
    let touched = retry_conflicts(|| rows::follow(site.db(), &stamp, link, flags)).await?;
    let Some(touched) = touched else { return Ok(false) };
    tell(site, &stamp, &touched).await;
    tell_projects(site, &[link.0.to_owned()]).await;
    Ok(true)
}

/// After the commit: old copies are dropped, open forms and lists are told.
async fn tell(site: &Site, stamp: &Stamp, touched: &[Touched]) {
    if let Err(error) = pending::flush_drops(site).await {
        tracing::warn!(site = site.name(), error = %error, "cached Projects are dropped later");
    }
    let events: Vec<Event> = touched
        .iter()
        .flat_map(|one| {
            [
                Event::doc_update(one.doctype, &one.name, &frappe_text(one.modified)),
                Event::list_update(one.doctype, &one.name, &stamp.user),
            ]
        })
        .collect();
    site.tell(&events).await;
}
