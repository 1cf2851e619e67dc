//! `install`: makes a site what the embedded files say, whether it is new, half-way, older, or as it should be.
//!
//! The order is what makes a kill at any statement harmless: what is made is recorded first; tables and columns come before the
//! rows that speak of them; rows, settings and secrets are one transaction; the version is written last. A second run finds
//! what is left to do by looking, not by remembering.

use std::collections::BTreeMap;

use super::blueprint::Patch;
use super::error::SetupError;
use super::ledger::{self, Entry, Kind};
use super::options::{Reporter, SetupOptions};
use super::polite::{Lightness, Polite};
use super::report::InstallReport;
use super::rows;
use super::schema_work::{ColumnChange, IndexChange};
use super::state;
use super::work::Work;
use crate::frappe::cache::Caches;
use crate::frappe::db::{DbConn, DbError, Params, Refusal, Value};
use crate::frappe::encryption_key::{self, EncryptionKey};
use crate::frappe::instance::{self, InstanceError, InstanceState};
use crate::frappe::site::Site;
use crate::frappe::zone::frappe_text;
use crate::store::project_links::{self, LinkError};
use crate::store::readers;

/// How often the whole is begun anew when somebody else wrote the same rows meanwhile.
const ATTEMPTS: usize = 4;

/// Installs, upgrades or repairs a site. Changes nothing where nothing is to be changed.
///
/// # Errors
/// When the site is refused, a table stays in use, or something cannot be written; what was made by then is recorded, invisible
/// to Frappe, and completed by the next run.
pub async fn install(site: &Site, options: &SetupOptions, reporter: &Reporter<'_>) -> Result<InstallReport, SetupError> {
    let mut report = InstallReport::new(site.name());
    let mut attempt = 1;
    loop {
        let run = Run { site, options, reporter };
        match run.once(&mut report).await {
            Err(SetupError::Db(error)) if attempt < ATTEMPTS && is_race(&error) => attempt += 1,
            done => return done.map(|()| report),
        }
    }
}

/// Another installation, or a user, was there first: looking again settles it.
fn is_race(error: &DbError) -> bool {
    matches!(error.refusal(), Some(Refusal::Conflict | Refusal::Duplicate))
}

/// One attempt.
struct Run<'a> {
    site: &'a Site,
    options: &'a SetupOptions,
    reporter: &'a Reporter<'a>,
}

impl Run<'_> {
    async fn once(&self, report: &mut InstallReport) -> Result<(), SetupError> {
        let work = Work::survey(self.site, self.options).await?;
        let ours = state::ours()?;
        self.refuse(&work, &ours)?;
        report.warnings.clone_from(&work.warnings);
        let key = self.key_for(&work).await?;
        self.run_patches(&work.patches, report).await?;
        self.record_intents(&work).await?;
        self.change_schema(&work, report).await?;
        self.write_rows(&work, key.as_ref(), report).await?;
        let finished = work.stored.installed.as_ref() == Some(&ours);
        self.identify(work.stored.installed.is_some(), report).await?;
        if report.is_visible() || !finished {
            // Who was given the role by hand before must not read everything until somebody looks.
            readers::settle(self.site).await?;
            if work.stored.installed.is_some() {
                self.connect(report).await?;
            }
            self.drop_caches(report).await;
        }
        if !finished {
            state::write(&mut self.site.db().conn().await?, &ours).await?;
            report.recorded_version = Some(ours.binary);
        }
        Ok(())
    }

    fn refuse(&self, work: &Work, ours: &state::Installed) -> Result<(), SetupError> {
        let mut reasons = work.refusals();
        if let Some(there) = work.stored.installed.as_ref().filter(|there| there.schema > ours.schema) {
            reasons.push(format!(
                "it was installed by erpnext-github {}, which is newer than this one ({}): use that, or a later one",
                there.binary, ours.binary
            ));
        }
        if reasons.is_empty() {
            return Ok(());
        }
        Err(SetupError::Refused {
            site: self.site.name().to_owned(),
            reasons,
        })
    }

    /// What ran is recorded together. Who dies before that runs it again, which each statement of a patch bears.
    async fn run_patches(&self, patches: &[&Patch], report: &mut InstallReport) -> Result<(), SetupError> {
        if patches.is_empty() {
            return Ok(());
        }
        let mut conn = self.site.db().conn().await?;
        let mut ran = Ok(());
        for patch in patches {
            (self.reporter)(&format!("patch {}", patch.name));
            ran = run_patch(&mut conn, patch).await;
            if ran.is_err() {
                break;
            }
            report.patches.push(patch.name.clone());
        }
        if !report.patches.is_empty() {
            let now = self
                .site
                .clock()
                .now()
                .naive_utc()
                .format("%Y-%m-%d %H:%M:%S%.6f")
                .to_string();
            let rows = vec!["(?, ?)"; report.patches.len()].join(", ");
            let values = report
                .patches
                .iter()
                .flat_map(|name| [Value::from(name.as_str()), Value::from(now.as_str())]);
            let sql = format!("INSERT IGNORE INTO `erpnext_github_patch` (name, applied_at) VALUES {rows}");
            conn.exec("recording patches", &sql, Params::Positional(values.collect()))
                .await?;
        }
        Ok(ran?)
    }

    /// MariaDB commits DDL by itself, so that it is recorded beforehand.
    async fn record_intents(&self, work: &Work) -> Result<(), SetupError> {
        let tables = work.tables.iter().map(|table| Entry::new(Kind::Table, &table.name, ""));
        let columns = work.columns.iter().filter(|column| column.foreign && !column.modify);
        let columns = columns.map(|column| Entry::new(Kind::Column, &column.table, &column.column));
        let indexes = work.indexes.iter().filter(|index| index.foreign);
        let indexes = indexes.map(|index| Entry::new(Kind::Index, &index.table, &index.index.name));
        let entries: Vec<Entry> = tables.chain(columns).chain(indexes).collect();
        if entries.is_empty() {
            return Ok(());
        }
        Ok(ledger::record(&mut self.site.db().conn().await?, &entries).await?)
    }

    /// Tables of others first: they are what may fail.
    async fn change_schema(&self, work: &Work, report: &mut InstallReport) -> Result<(), SetupError> {
        let polite = Polite::new(self.site.db(), self.options.patience);
        for foreign in [true, false] {
            if !foreign && !work.tables.is_empty() {
                let mut conn = self.site.db().conn().await?;
                for table in &work.tables {
                    (self.reporter)(&format!("table {}", table.name));
                    conn.exec("creating a table", &table.create(), ()).await?;
                    report.tables.push(table.name.clone());
                }
            }
            for (table, columns) in by_table(work.columns.iter().filter(|one| one.foreign == foreign), |one| &one.table) {
                (self.reporter)(&format!("columns of {table}"));
                let changes: Vec<String> = columns.iter().map(|one| column_clause(one)).collect();
                let lightness = if foreign { Lightness::Instant } else { Lightness::Any };
                polite.alter(table, &changes, lightness).await?;
                report
                    .columns
                    .extend(columns.iter().map(|one| format!("{table}.{}", one.column)));
            }
            for (table, indexes) in by_table(work.indexes.iter().filter(|one| one.foreign == foreign), |one| &one.table) {
                (self.reporter)(&format!("indexes of {table}"));
                let changes: Vec<String> = indexes.iter().map(|one| index_clause(one)).collect();
                polite.alter(table, &changes, Lightness::Online).await?;
                report
                    .indexes
                    .extend(indexes.iter().map(|one| format!("{table}.{}", one.index.name)));
            }
        }
        Ok(())
    }

    /// The site's key, where a secret is to be made; created when there is none.
    async fn key_for(&self, work: &Work) -> Result<Option<EncryptionKey>, SetupError> {
        if work.secrets.len() == 0 {
            return Ok(None);
        }
        let config = self.site.config().clone();
        let key = tokio::task::spawn_blocking(move || encryption_key::ensure(&config)).await;
        match key {
            Ok(key) => Ok(Some(key?)),
            Err(panicked) => Err(DbError::Lost {
                what: "creating the encryption key",
                reason: panicked.to_string(),
            }
            .into()),
        }
    }

    /// Rows, settings and secrets, all or nothing.
    async fn write_rows(&self, work: &Work, key: Option<&EncryptionKey>, report: &mut InstallReport) -> Result<(), SetupError> {
        if !work.writes_rows() {
            return Ok(());
        }
        (self.reporter)("rows, settings and secrets");
        let now = frappe_text(self.site.zone().await?.to_local(self.site.clock().now()));
        let mut tx = self.site.db().begin().await?;
        let changed = rows::apply(&mut tx, &work.catalog, &work.rows, &now).await?;
        super::settings::write(&mut tx, &work.settings, &now).await?;
        if let Some(key) = key {
            work.secrets.make(&mut tx, key).await?;
        }
        for doctype in work.touched_doctypes() {
            let sql = "UPDATE `tabDocType` SET modified = ? WHERE name = ?";
            tx.exec("telling browsers of a changed form", sql, (&now, doctype)).await?;
        }
        tx.commit().await?;
        report.rows_inserted += changed.inserted;
        report.rows_updated += changed.updated;
        report.settings += work.settings.len();
        report.secrets += work.secrets.len();
        Ok(())
    }

    /// Links that an older version kept in step have their rows. On a new site nobody looked at any link yet; `serve` will.
    async fn connect(&self, report: &mut InstallReport) -> Result<(), SetupError> {
        match project_links::settle(self.site, "Administrator").await {
            Ok(_) => Ok(()),
            Err(LinkError::Db(error)) => Err(error.into()),
            Err(waits @ LinkError::Cache(_)) => {
                report
                    .warnings
                    .push(format!("{waits}; `serve` does it once the cache can be reached"));
                Ok(())
            }
        }
    }

    /// On a first installation the site becomes ours; later a copy stays passive until somebody adopts it.
    async fn identify(&self, installed_before: bool, report: &mut InstallReport) -> Result<(), SetupError> {
        match instance::state(self.site).await? {
            InstanceState::Ours => Ok(()),
            InstanceState::Passive { reason } if installed_before => {
                report.warnings.push(reason);
                Ok(())
            }
            _ if installed_before => Ok(()),
            _ => self.make_ours(report).await,
        }
    }

    /// Writes the id into database and file until both hold the same: another installation may be doing so too.
    async fn make_ours(&self, report: &mut InstallReport) -> Result<(), SetupError> {
        let entry = Entry::new(Kind::FileKey, "site_config.json", instance::FILE_KEY);
        ledger::record(&mut self.site.db().conn().await?, &[entry]).await?;
        for _ in 0..ATTEMPTS {
            match instance::adopt(self.site).await {
                Err(error @ InstanceError::NotWritable { .. }) => {
                    report.warnings.push(error.to_string());
                    return Ok(());
                }
                done => done.map(drop)?,
            }
            if instance::state(self.site).await? == InstanceState::Ours {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A running bench sees the new forms without a restart; where its cache cannot be reached, the operator is told.
    async fn drop_caches(&self, report: &mut InstallReport) {
        (self.reporter)("caches");
        if let Err(error) = Caches::connect(self.site.config()).drop_everything().await {
            report.warnings.push(format!(
                "{error}; once it can be reached, run `bench --site {} clear-cache`",
                self.site.name()
            ));
        }
    }
}

async fn run_patch(conn: &mut DbConn, patch: &Patch) -> Result<(), DbError> {
    for statement in &patch.statements {
        conn.exec("running a patch", statement, ()).await?;
    }
    Ok(())
}

fn by_table<'a, T>(changes: impl Iterator<Item = &'a T>, table: impl Fn(&'a T) -> &'a String) -> BTreeMap<&'a str, Vec<&'a T>> {
    let mut tables: BTreeMap<&str, Vec<&T>> = BTreeMap::new();
    for change in changes {
        tables.entry(table(change)).or_default().push(change);
    }
    tables
}

fn column_clause(column: &ColumnChange) -> String {
    if column.modify {
        format!("MODIFY COLUMN IF EXISTS {}", column.definition)
    } else {
        format!("ADD COLUMN IF NOT EXISTS {}", column.definition)
    }
}

fn index_clause(index: &IndexChange) -> String {
    format!("ADD {}", index.index.sql(true))
}
