//! The checks behind `doctor` and `/readyz`, on real sites.

mod examination;
mod readiness;
mod way;

use erpnext_github::frappe::site::Site;
use erpnext_github::setup::{self, SetupOptions};

/// Installs without a word.
async fn install(site: &Site) {
    setup::install(site, &SetupOptions::default(), &|_| ())
        .await
        .expect("installed");
}
