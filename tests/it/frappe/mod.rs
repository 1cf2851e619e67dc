//! How a Frappe site keeps things, against real servers.

mod auth;
mod caches;
mod connections;
mod error_log;
mod instance;
mod pending;
mod permissions;
pub(crate) mod redis_server;
mod secrets;
mod sentinel;
mod singles;
mod tell;
mod users;
mod versions;

use std::collections::BTreeMap;

use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::site::Site;
use erpnext_github::frappe::site_config::SiteConfig;
use erpnext_github::frappe::site_config_file::set_key;
use erpnext_github::sim::site::FrappeMajor;

use crate::support::TestSite;

/// The site as a later run would hold it: its configuration read again, after some keys of its file were changed.
fn anew(site: &Site, keys: &[(&str, &str)]) -> Site {
    let config = site.config();
    for (key, value) in keys {
        set_key(&config.file(), key, &serde_json::Value::from(*value)).expect("the configuration can be changed");
    }
    let sites = config.folder.parent().expect("a site lies in a folder");
    let config = SiteConfig::read(sites, &config.site, &BTreeMap::new()).expect("the configuration can be read");
    Site::new(config, &Databases::new(4), site.clock().clone()).expect("the configuration names a database")
}

/// Runs statements that a test needs done before or between.
async fn sql(site: &Site, statements: &[&str]) {
    for statement in statements {
        site.db().exec("preparing a test", statement, ()).await.expect("done");
    }
}

/// The first column of the first row as text; `NULL` where it is that.
async fn one(site: &Site, query: &str) -> String {
    let query = format!("SELECT IFNULL(CAST(({query}) AS CHAR), 'NULL')");
    let row = site.db().row("looking at what a test did", &query, ()).await.expect("read");
    row.and_then(|row| row.get(0)).expect("a row")
}

/// The table of our own installation, as `setup` makes it.
const SITE_TABLE: &str = "CREATE TABLE IF NOT EXISTS erpnext_github_site (k varchar(64) NOT NULL PRIMARY KEY, v text)";
/// The table of recorded cache drops, likewise.
const DROP_TABLE: &str = "CREATE TABLE IF NOT EXISTS erpnext_github_cache_drop \
    (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, doctype varchar(140), name varchar(255), made_at datetime(6))";
