//! The names that one site answers to.

use crate::frappe::site_config::SiteConfig;

/// A site and the hosts that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteNames {
    /// Folder name.
    pub site: String,
    /// Its hosts in lower case, the folder's name among them.
    pub hosts: Vec<String>,
}

impl SiteNames {
    /// As the site's configuration names them (`host_name`, `domains`).
    #[must_use]
    pub fn of(config: &SiteConfig) -> Self {
        let mut hosts = vec![config.site.to_ascii_lowercase()];
        for host in config.hosts() {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        Self {
            site: config.site.clone(),
            hosts,
        }
    }

    /// Whether one of its hosts is this one.
    pub(super) fn is(&self, host: &str) -> bool {
        self.hosts.iter().any(|one| one.eq_ignore_ascii_case(host))
    }
}
