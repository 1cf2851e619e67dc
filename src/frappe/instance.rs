//! Stand-in until the frappe room brings its own: the instance id in `site_config.json`.

use super::site_config::SiteConfig;
use super::site_config_file;

/// Key in `site_config.json`.
pub const INSTANCE_KEY: &str = "erpnext_github_instance_id";

/// The id that the file holds now; read afresh.
#[must_use]
pub fn file_id(config: &SiteConfig) -> Option<String> {
    site_config_file::text(&config.file(), INSTANCE_KEY).ok().flatten()
}
