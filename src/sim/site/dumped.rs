//! A real site's dump as a site to try things on.

use std::ops::Deref;
use std::path::Path;

use super::small::schema_name;
use super::{Address, BenchFolder, RedisUrls, ScratchSite, SiteError};
use crate::sim::mariadb::ScratchServer;

/// A site loaded from a dump, `.sql` or `.sql.gz`. Its `encryption_key` is a new one: secrets of the dump stay closed.
#[derive(Debug, Clone)]
pub struct DumpSite(ScratchSite);

impl DumpSite {
    /// Loads the dump into a new schema and makes a bench with the site `real.example.com` around it.
    ///
    /// # Errors
    /// When the dump cannot be read or the server refuses a statement of it.
    pub async fn create(server: &ScratchServer, dump: &Path) -> Result<Self, SiteError> {
        let bench = BenchFolder::create(server, &RedisUrls::default())?;
        let credentials = server.create_database(&schema_name()).await?;
        server.load_dump(&credentials.database, dump).await?;
        ScratchSite::place(server, bench, "real.example.com", credentials, Address::Tcp).map(Self)
    }

    /// The site without the knowledge where it came from.
    #[must_use]
    pub fn into_site(self) -> ScratchSite {
        self.0
    }
}

impl Deref for DumpSite {
    type Target = ScratchSite;

    fn deref(&self) -> &ScratchSite {
        &self.0
    }
}
