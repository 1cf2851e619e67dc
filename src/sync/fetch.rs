//! The repositories that there are: their documents are made or brought up to date, and nothing in them is read.

use crate::domain::{Change, ChangeSet, Repository};
use crate::frappe::site::Site;
use crate::github::{GithubError, PAGE_SIZE, Pages};
use crate::store::rename::{self, Carried, Steps};
use crate::store::{Applied, People, Stamp, Writer, apply};
use crate::telemetry::Rows;

use super::{SyncContext, SyncError, announce};

/// What came of the list.
#[derive(Debug, Default)]
pub struct FetchedRepositories {
    /// How many were listed and stored.
    pub stored: Rows,
    /// What could not be read or stored: which repository, and why.
    pub failures: Vec<(String, String)>,
    /// What ended the list early; what came before it is stored.
    pub broken: Option<GithubError>,
}

impl FetchedRepositories {
    /// How many GitHub listed.
    #[must_use]
    pub fn total(&self) -> u64 {
        let Rows {
            created,
            updated,
            unchanged,
        } = self.stored;
        created + updated + unchanged + self.failures.len() as u64
    }
}

/// Stores the repositories of `owner`, or all that the token reaches. One that is odd stops none of the others (F-30); whether one was
/// synced, is followed, or belongs to a Project is not touched (F-29).
///
/// # Errors
/// When the database cannot be used, or we were asked to stop.
pub async fn fetch_repositories(context: &SyncContext, owner: Option<&str>) -> Result<FetchedRepositories, SyncError> {
    let mut pages = match owner {
        Some(owner) => context.client.repositories_of(owner),
        None => context.client.repositories_reached(),
    };
    let mut fetched = FetchedRepositories::default();
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    while let Some(repositories) = next(context, &mut pages, &mut fetched).await? {
        for repository in repositories {
            match store(context, &stamp, &repository).await {
                Ok(rows) => {
                    fetched.stored.created += rows.created;
                    fetched.stored.updated += rows.updated;
                    fetched.stored.unchanged += rows.unchanged;
                    context.reporter.stored(rows);
                }
                Err(SyncError::Db(error)) if error.is_outage() => return Err(error.into()),
                Err(SyncError::Stopped) => return Err(SyncError::Stopped),
                Err(error) => fetched.failures.push((repository.name.to_string(), error.to_string())),
            }
            context.reporter.advanced(1);
        }
        context.checkpoint().await?;
    }
    context.reporter.finished();
    Ok(fetched)
}

/// The next page; none after the last one, and where the list broke off.
async fn next(
    context: &SyncContext,
    pages: &mut Pages<Repository>,
    fetched: &mut FetchedRepositories,
) -> Result<Option<Vec<Repository>>, SyncError> {
    match pages.next().await {
        Ok(Some(page)) => {
            if fetched.total() == 0 {
                let total = page
                    .total_pages
                    .map_or(page.items.len() as u64, |pages| u64::from(pages) * PAGE_SIZE);
                context.reporter.started(Some(total), "repositories");
            }
            fetched
                .failures
                .extend(page.odd.into_iter().map(|odd| (odd.what, odd.reason)));
            Ok(Some(page.items))
        }
        Ok(None) => Ok(None),
        Err(error) if error.is_stopped() => Err(error.into()),
        Err(error) => {
            fetched.broken = Some(error);
            Ok(None)
        }
    }
}

async fn store(context: &SyncContext, stamp: &Stamp, repository: &Repository) -> Result<Rows, SyncError> {
    let go_on = || !context.stop.is_cancelled();
    let applied = keep_repository(&context.site, &context.owner, stamp, repository, &go_on).await?;
    announce::changed(context, &applied.touched).await;
    Ok(applied.rows())
}

/// Makes the document of a repository, or brings it up to date, as process `owner` and while `go_on` says so; nothing in it is read.
///
/// # Errors
/// When the database cannot be used, the repository is being moved to another name by somebody else, or `go_on` says to stop.
pub async fn keep_repository(
    site: &Site,
    owner: &str,
    stamp: &Stamp,
    repository: &Repository,
    go_on: &(dyn Fn() -> bool + Send + Sync),
) -> Result<Applied, SyncError> {
    // The row of a repository names nobody.
    let people = People::default();
    let writer = Writer {
        site,
        stamp,
        people: &people,
        lease: None,
        is_first: false,
    };
    match rename::carry_large_alone(&writer, owner, repository, Steps::default(), &go_on).await? {
        Carried::All => {}
        Carried::InPart => return Err(SyncError::Stopped),
        Carried::Busy(holder) => return Err(SyncError::busy(repository.name.as_str(), holder)),
    }
    let change = Change::Repository(Box::new(repository.clone()));
    Ok(apply(&writer, &ChangeSet::one(repository.id, change)).await?)
}
