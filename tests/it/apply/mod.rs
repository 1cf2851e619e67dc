//! `ChangeSet`s against `store::apply`: the one way into the mirror, whoever made the set.

mod conflicts;
mod gone;
mod made;
mod names;
mod pages;
mod parts;
mod people;
mod rename;
mod rename_odd;
mod stale;
mod texts;
mod touched;
mod transferred;
mod words;
mod zones;

use erpnext_github::domain::{Change, ChangeSet, Repository};
use erpnext_github::frappe::db::DbError;
use erpnext_github::frappe::users;
use erpnext_github::setup::{self, SetupOptions};
use erpnext_github::sim::mariadb::ScratchServer;
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};
use erpnext_github::store::{Applied, Counts, Lease, Stamp, Writer, apply, logins};

use crate::support::TestSite;

/// Who writes.
const WRITER: &str = "Administrator";

/// An installed site that changes are applied to; GitHub is not there.
pub(crate) struct Desk {
    /// The site.
    pub(crate) erp: TestSite,
}

impl Desk {
    /// A v15 site in New York.
    pub(crate) async fn new() -> Self {
        Self::in_zone("America/New_York").await
    }

    /// A v15 site in that zone.
    pub(crate) async fn in_zone(zone: &str) -> Self {
        let options = SiteOptions {
            time_zone: zone.to_owned(),
            ..SiteOptions::default()
        };
        Self::on(TestSite::with(FrappeMajor::V15, options).await).await
    }

    /// A v15 site on a server that no other test uses.
    pub(crate) async fn alone_on(server: &ScratchServer) -> Self {
        let small = SmallSite::create(server, FrappeMajor::V15, SiteOptions::default()).await;
        Self::on(TestSite::of(small.expect("a small site").into_site())).await
    }

    async fn on(erp: TestSite) -> Self {
        setup::install(erp.site(), &SetupOptions::default(), &|_: &str| {})
            .await
            .expect("installed");
        Self { erp }
    }

    /// Applies `changes` of one repository as one set, at the clock's present.
    pub(crate) async fn try_apply(&self, repository_id: u64, changes: Vec<Change>) -> Result<Applied, DbError> {
        self.try_apply_as((None, false), repository_id, changes).await
    }

    /// The same, as a run: the lease that it holds, and whether nothing was ever read as a whole.
    pub(crate) async fn try_apply_as(
        &self,
        (lease, is_first): (Option<&Lease>, bool),
        repository_id: u64,
        changes: Vec<Change>,
    ) -> Result<Applied, DbError> {
        let site = self.erp.site();
        let people = logins::people(site.db(), &users::people(site.db()).await?).await?;
        let stamp = Stamp::now(site, WRITER).await?;
        let writer = Writer {
            site,
            stamp: &stamp,
            people: &people,
            lease,
            is_first,
        };
        apply(&writer, &ChangeSet { repository_id, changes }).await
    }

    /// The same, and it must work.
    pub(crate) async fn apply(&self, repository_id: u64, changes: Vec<Change>) -> Applied {
        self.try_apply(repository_id, changes).await.expect("applied")
    }

    /// Applies a repository itself.
    pub(crate) async fn repository(&self, repository: &Repository) -> Applied {
        self.apply(repository.id, vec![Change::Repository(Box::new(repository.clone()))])
            .await
    }

    /// First value of a query.
    pub(crate) async fn value(&self, sql: &str) -> String {
        self.erp.value(sql).await
    }

    /// First column of a query, NULL as empty text.
    pub(crate) async fn column(&self, sql: &str) -> Vec<String> {
        let rows = self.erp.query(sql).await;
        rows.into_iter().map(|mut row| row.remove(0).unwrap_or_default()).collect()
    }

    /// Runs statements as somebody in ERPNext would.
    pub(crate) async fn execute(&self, sql: &str) {
        self.erp.scratch().execute(sql).await.expect("the statement runs");
    }
}

/// What an entity's line must be.
pub(crate) fn counts(created: u64, updated: u64, unchanged: u64) -> Counts {
    Counts {
        created,
        updated,
        unchanged,
        ..Counts::default()
    }
}
