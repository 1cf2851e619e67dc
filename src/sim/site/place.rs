//! A site on a scratch server: what a small site and a dumped one have in common.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::bench::set_key;
use super::{Address, BenchFolder, Erp, SiteError};
use crate::clock::SharedClock;
use crate::frappe::db::Databases;
use crate::frappe::encryption_key::EncryptionKey;
use crate::frappe::site::Site;
use crate::frappe::site_config::{SITE_FILE, SiteConfig};
use crate::sim::mariadb::{Capture, Credentials, ScratchServer};

/// Connections that a site opened by [`ScratchSite::open`] may have.
const CONNECTIONS: usize = 20;

/// A site: a folder in a bench and a database. The folder goes with the last site of its bench, the database with the server or
/// with [`ScratchSite::drop_database`].
#[derive(Debug, Clone)]
pub struct ScratchSite {
    server: ScratchServer,
    bench: BenchFolder,
    name: String,
    credentials: Credentials,
}

impl ScratchSite {
    /// Writes the site's folder. The database is the caller's matter.
    pub(super) fn place(
        server: &ScratchServer,
        bench: BenchFolder,
        name: &str,
        credentials: Credentials,
        address: Address,
    ) -> Result<Self, SiteError> {
        use secrecy::ExposeSecret as _;
        let mut config = Map::new();
        config.insert("db_name".to_owned(), json!(credentials.database));
        config.insert("db_password".to_owned(), json!(credentials.password.expose_secret()));
        config.insert("db_type".to_owned(), json!("mariadb"));
        match address {
            Address::Tcp => {
                config.insert("db_host".to_owned(), json!("127.0.0.1"));
                config.insert("db_port".to_owned(), json!(server.port()));
            }
            Address::Socket => {
                config.insert("db_socket".to_owned(), json!(server.socket()));
            }
        }
        config.insert("encryption_key".to_owned(), json!(EncryptionKey::generate().expose_secret()));
        bench.add_site(name, &config)?;
        Ok(Self {
            server: server.clone(),
            bench,
            name: name.to_owned(),
            credentials,
        })
    }

    /// The bench's folder, for `--bench`.
    #[must_use]
    pub fn bench_root(&self) -> &Path {
        self.bench.root()
    }

    /// The bench, for more sites in it.
    #[must_use]
    pub fn bench(&self) -> &BenchFolder {
        &self.bench
    }

    /// The site's name, for `--site`.
    #[must_use]
    pub fn site_name(&self) -> &str {
        &self.name
    }

    /// The site's `site_config.json`.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.bench.sites().join(&self.name).join(SITE_FILE)
    }

    /// Schema, user and password.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The server that the database is on.
    #[must_use]
    pub fn server(&self) -> &ScratchServer {
        &self.server
    }

    /// Changes one key of `site_config.json` (`maintenance_mode`, `github_api_url`, ...); null removes it.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn set_config(&self, key: &str, value: Value) -> Result<(), SiteError> {
        set_key(&self.config_file(), key, value)
    }

    /// The configuration as the program reads it, read afresh; the environment is left out.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn config(&self) -> Result<SiteConfig, SiteError> {
        Ok(SiteConfig::read(&self.bench.sites(), &self.name, &BTreeMap::new())?)
    }

    /// The site as the program works with it, with connections of its own.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn open(&self, clock: SharedClock) -> Result<Site, SiteError> {
        Ok(Site::new(self.config()?, &Databases::new(CONNECTIONS), clock)?)
    }

    /// Adds what people add in ERPNext: users, projects, tasks, comments.
    #[must_use]
    pub fn erp(&self) -> Erp<'_> {
        Erp::new(self)
    }

    /// Runs one query as the server's administrator, so that it is in no [`Capture`], and gives every value as text.
    ///
    /// # Errors
    /// When the server refuses it.
    pub async fn query(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, SiteError> {
        Ok(self.server.query(&self.credentials.database, sql).await?)
    }

    /// Runs statements, separated by semicolons, as the server's administrator.
    ///
    /// # Errors
    /// When the server refuses one.
    pub async fn execute(&self, sql: &str) -> Result<(), SiteError> {
        Ok(self.server.run_sql(Some(&self.credentials.database), sql).await?)
    }

    /// The whole database as text; equal data gives an equal text.
    ///
    /// # Errors
    /// When the dump program fails.
    pub async fn dump(&self) -> Result<String, SiteError> {
        Ok(self.server.dump(&self.credentials.database).await?)
    }

    /// The named tables as text (`tabProject`).
    ///
    /// # Errors
    /// When the dump program fails.
    pub async fn dump_tables(&self, tables: &[&str]) -> Result<String, SiteError> {
        Ok(self.server.dump_tables(&self.credentials.database, tables).await?)
    }

    /// Begins to list the statements that the program runs on this site.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn capture(&self) -> Result<Capture, SiteError> {
        Ok(self.server.capture(self.credentials.user()).await?)
    }

    /// Closes the program's connections to this site and gives their number.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn kill_connections(&self) -> Result<usize, SiteError> {
        Ok(self.server.kill_connections(self.credentials.user()).await?)
    }

    /// Removes the database and its user.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn drop_database(&self) -> Result<(), SiteError> {
        Ok(self.server.drop_database(&self.credentials.database).await?)
    }
}
