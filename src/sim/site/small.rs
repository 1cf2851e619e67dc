//! The small site.

use std::ops::Deref;

use super::{BenchFolder, FrappeMajor, ScratchSite, SiteError, seed, tables};
use crate::sim::mariadb::{Credentials, ScratchServer};

/// How a site reaches its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Address {
    /// `db_host` and `db_port`: what every version of Frappe knows.
    #[default]
    Tcp,
    /// `db_socket`: version 15 and later.
    Socket,
}

/// Where the bench says its Redis servers are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisUrls {
    /// `redis_cache`, and version 14's `redis_socketio`, as bench sets them up.
    pub cache: String,
    /// `redis_queue`.
    pub queue: String,
}

impl Default for RedisUrls {
    /// Nobody listens there: a connection is refused at once.
    fn default() -> Self {
        Self {
            cache: "redis://127.0.0.1:1".to_owned(),
            queue: "redis://127.0.0.1:1".to_owned(),
        }
    }
}

/// What is different from one small site to another.
#[derive(Debug, Clone)]
pub struct SiteOptions {
    /// Folder name.
    pub site_name: String,
    /// IANA name of the site's zone.
    pub time_zone: String,
    /// How the database is reached.
    pub address: Address,
    /// The bench's Redis servers; used when the site makes its own bench.
    pub redis: RedisUrls,
}

impl Default for SiteOptions {
    fn default() -> Self {
        Self {
            site_name: "erp.example.com".to_owned(),
            time_zone: "America/New_York".to_owned(),
            address: Address::default(),
            redis: RedisUrls::default(),
        }
    }
}

/// A site with the core tables of a Frappe version and a few rows: users Administrator, Guest, jane@example.com (System Manager,
/// Projects Manager) and bob@example.com (Projects User), the project PROJ-0001 with the tasks TASK-2026-00001 and 00002.
#[derive(Debug, Clone)]
pub struct SmallSite(ScratchSite);

impl SmallSite {
    /// Makes the site in a bench of its own.
    ///
    /// # Errors
    /// When a file cannot be written or the server refuses.
    pub async fn create(server: &ScratchServer, major: FrappeMajor, options: SiteOptions) -> Result<Self, SiteError> {
        let bench = BenchFolder::create(server, &options.redis)?;
        Self::create_in(&bench, server, major, options).await
    }

    /// Makes the site in a bench that is there; each site of a bench needs a name of its own.
    ///
    /// # Errors
    /// When a file cannot be written or the server refuses.
    pub async fn create_in(
        bench: &BenchFolder,
        server: &ScratchServer,
        major: FrappeMajor,
        options: SiteOptions,
    ) -> Result<Self, SiteError> {
        let credentials = Credentials::invent(schema_name());
        let sql = format!("{}{}", credentials.create_sql(), contents_sql(major, &options)?);
        server.run_sql(None, &sql).await?;
        ScratchSite::place(server, bench.clone(), &options.site_name, credentials, options.address).map(Self)
    }

    /// The site without the knowledge that it is a small one.
    #[must_use]
    pub fn into_site(self) -> ScratchSite {
        self.0
    }
}

impl Deref for SmallSite {
    type Target = ScratchSite;

    fn deref(&self) -> &ScratchSite {
        &self.0
    }
}

/// All statements that fill a new schema. Nothing is asked of the server, so that a site costs one round trip.
fn contents_sql(major: FrappeMajor, options: &SiteOptions) -> Result<String, SiteError> {
    Ok(format!(
        // A compressed table is kept uncompressed where tables have no file of their own; strict mode would refuse it.
        "SET SESSION innodb_strict_mode = OFF;\n{}START TRANSACTION;\n{}COMMIT;\n",
        tables::create_sql(major)?,
        seed::sql(major, options)?
    ))
}

/// A name as bench makes them: an underscore and sixteen hexadecimal digits.
pub(super) fn schema_name() -> String {
    format!("_{}", hex::encode(rand::random::<[u8; 8]>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_its_own_statements() {
        let sql = |major| contents_sql(major, &SiteOptions::default()).expect("statements");
        let (v14, v15, v16) = (sql(FrappeMajor::V14), sql(FrappeMajor::V15), sql(FrappeMajor::V16));
        assert!(v14.contains("CREATE SEQUENCE `version_id_seq`") && !v15.contains("SEQUENCE"));
        assert!(v16.contains("`docstatus` tinyint(4)") && v15.contains("`docstatus` int(1)"));
        assert!(v15.contains("`row_format`") && !v14.contains("`row_format`"));
        assert!(v15.contains("America/New_York"));
    }
}
