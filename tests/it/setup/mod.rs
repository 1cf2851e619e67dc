//! Installing into sites, removing again, and everything that may come between.

mod administrator;
mod broken_off;
mod child_owners;
mod client_scripts;
mod contract;
mod copies;
mod in_use;
mod install;
mod keep_data;
mod others;
mod patches;
mod permissions;
mod refusals;
mod settings_form;
mod synced;
mod uninstall;
mod work_log;
mod workspace;

use std::time::Duration;

use erpnext_github::frappe::site::Site;
use erpnext_github::setup::{InstallReport, Patience, SetupError, SetupOptions, UninstallOptions, UninstallReport};

/// Patience of a test.
const HURRIED: Patience = Patience {
    wait_seconds: 1,
    attempts: 2,
    pause: Duration::from_millis(200),
};

fn options() -> SetupOptions {
    SetupOptions {
        patience: HURRIED,
        ..SetupOptions::default()
    }
}

/// Installs without a word.
async fn try_install(site: &Site) -> Result<InstallReport, SetupError> {
    erpnext_github::setup::install(site, &options(), &|_| ()).await
}

/// Installs, and takes it for granted that it goes well.
async fn install(site: &Site) -> InstallReport {
    try_install(site).await.expect("installed")
}

/// Removes without a word.
async fn try_uninstall(site: &Site, keep_data: bool) -> Result<UninstallReport, SetupError> {
    let options = UninstallOptions {
        keep_data,
        patience: HURRIED,
    };
    erpnext_github::setup::uninstall(site, &options, &|_| ()).await
}

/// Removes everything, and takes it for granted that it goes well.
async fn uninstall(site: &Site) -> UninstallReport {
    try_uninstall(site, false).await.expect("uninstalled")
}
