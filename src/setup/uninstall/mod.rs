//! `uninstall`: removes what the ledger says, and what hangs on it. The reverse of an installation, with the same promise: what
//! speaks of a thing goes before the thing, and a kill at any statement is settled by the next run.
//!
//! With `keep_data` everything that Frappe knows of us goes (DocTypes with their fields and permissions, custom fields, roles,
//! connections, webhooks, the integration user), while the data stays: our tables with their rows, our columns on Project, Task
//! and User with their values and indexes, GitHub Settings with its secrets, what people wrote about our documents (comments,
//! tags, assignments), and the ledger, so that a later `install` takes it all up again and a later `uninstall` can remove it.

mod hanging;
mod losses;
mod references;
mod report;
mod rows;

use super::blueprint::Blueprint;
use super::error::SetupError;
use super::ledger::{self, Entry, Kind, Ledger};
use super::options::{Reporter, UninstallOptions};
use super::polite::{Lightness, Polite};
use super::schema::{Catalog, quoted};
use crate::frappe::cache::Caches;
use crate::frappe::db::retry_conflicts;
use crate::frappe::instance;
use crate::frappe::site::Site;

pub use losses::{Loss, Losses, losses};
pub use report::UninstallReport;

/// Removes everything that setup made on a site, or all but the data.
///
/// # Errors
/// When a table stays in use, or something cannot be written; the next run removes the rest.
pub async fn uninstall(site: &Site, options: &UninstallOptions, reporter: &Reporter<'_>) -> Result<UninstallReport, SetupError> {
    let blueprint = Blueprint::embedded()?;
    let mut report = UninstallReport::new(site.name());
    let ledger = Ledger::read(&mut site.db().conn().await?).await?;
    let internal = Catalog::read(&mut site.db().conn().await?, &owned(&blueprint.internal_tables())).await?;
    if ledger.is_empty() && blueprint.internal_tables().iter().all(|table| !internal.has_table(table)) {
        return Ok(report);
    }
    reporter("rows");
    let removed = retry_conflicts(|| rows::remove(site, &ledger, &internal, options.keep_data)).await?;
    report.rows = removed.rows;
    report.kept = removed.kept;
    reporter("caches");
    if let Err(error) = Caches::connect(site.config()).drop_everything().await {
        let todo = format!(
            "{error}; once it can be reached, run `bench --site {} clear-cache`",
            site.name()
        );
        report.warnings.push(todo);
    }
    forget_instance(site, &mut report).await;
    if options.keep_data {
        return Ok(report);
    }
    let removal = Removal {
        site,
        polite: Polite::new(site.db(), options.patience),
        reporter,
    };
    let removed = removal
        .all(&ledger, (&blueprint.internal_tables(), &internal), &mut report)
        .await;
    removed.map_err(SetupError::in_removal)?;
    Ok(report)
}

/// The id in the site's own file; a file that cannot be written is no reason to stop.
async fn forget_instance(site: &Site, report: &mut UninstallReport) {
    let config = site.config().clone();
    let forgotten = tokio::task::spawn_blocking(move || instance::forget(&config)).await;
    if let Ok(Err(error)) = forgotten {
        let todo = format!("{error}: remove the line \"{}\" by hand", instance::FILE_KEY);
        report.warnings.push(todo);
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The part of a removal that is DDL.
struct Removal<'a> {
    site: &'a Site,
    polite: Polite<'a>,
    reporter: &'a Reporter<'a>,
}

impl Removal<'_> {
    /// What stands in the ledger, then our internal tables, the ledger last: as long as it is there, something may be left.
    async fn all(
        &self,
        ledger: &Ledger,
        (internal, there): (&[&str], &Catalog),
        report: &mut UninstallReport,
    ) -> Result<(), SetupError> {
        self.columns_and_indexes(ledger, report).await?;
        self.tables(ledger, report).await?;
        (self.reporter)("our own tables");
        for table in internal {
            self.polite.drop_table(table).await?;
            report.tables.extend(there.has_table(table).then(|| (*table).to_owned()));
        }
        Ok(())
    }

    /// Our columns and indexes on tables of others; the indexes first, in a statement of their own, because MariaDB drops an
    /// index with its last column.
    async fn columns_and_indexes(&self, ledger: &Ledger, report: &mut UninstallReport) -> Result<(), SetupError> {
        let mut tables: Vec<&str> = ledger
            .of_kind(Kind::Column)
            .chain(ledger.of_kind(Kind::Index))
            .map(|entry| entry.table.as_str())
            .collect();
        tables.sort_unstable();
        tables.dedup();
        let catalog = Catalog::read(&mut self.site.db().conn().await?, &owned(&tables)).await?;
        for table in tables {
            let Some(there) = catalog.table(table) else { continue };
            (self.reporter)(&format!("columns and indexes of {table}"));
            let of_table = |kind| ledger.of_kind(kind).filter(move |entry| entry.table == table);
            let indexes: Vec<&Entry> = of_table(Kind::Index)
                .filter(|entry| there.indexes.contains_key(&entry.item))
                .collect();
            let columns: Vec<&Entry> = of_table(Kind::Column)
                .filter(|entry| there.columns.contains_key(&entry.item))
                .collect();
            self.drop_all(table, "INDEX", &indexes).await?;
            self.drop_all(table, "COLUMN", &columns).await?;
            report.indexes += indexes.len();
            report.columns += columns.len();
            self.strike(Kind::Index, table, of_table(Kind::Index)).await?;
            self.strike(Kind::Column, table, of_table(Kind::Column)).await?;
        }
        Ok(())
    }

    async fn drop_all(&self, table: &str, what: &str, entries: &[&Entry]) -> Result<(), SetupError> {
        if entries.is_empty() {
            return Ok(());
        }
        let changes: Vec<String> = entries
            .iter()
            .map(|entry| format!("DROP {what} IF EXISTS {}", quoted(&entry.item)))
            .collect();
        self.polite.alter(table, &changes, Lightness::Online).await
    }

    async fn strike(&self, kind: Kind, table: &str, entries: impl Iterator<Item = &Entry>) -> Result<(), SetupError> {
        let items: Vec<&str> = entries.map(|entry| entry.item.as_str()).collect();
        Ok(ledger::strike(&mut self.site.db().conn().await?, kind, table, &items).await?)
    }

    async fn tables(&self, ledger: &Ledger, report: &mut UninstallReport) -> Result<(), SetupError> {
        for entry in ledger.of_kind(Kind::Table) {
            (self.reporter)(&format!("table {}", entry.table));
            self.polite.drop_table(&entry.table).await?;
            report.tables.push(entry.table.clone());
            ledger::strike(&mut self.site.db().conn().await?, Kind::Table, &entry.table, &[""]).await?;
        }
        Ok(())
    }
}
