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

    /// Of a site whose bench is on another machine; none for what can be no folder of a site.
    #[must_use]
    pub fn named(site: &str) -> Option<Self> {
        let is_name = !site.is_empty()
            && site
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        is_name.then(|| Self {
            site: site.to_owned(),
            hosts: vec![site.to_ascii_lowercase()],
        })
    }

    /// The same, reached by these hosts too.
    #[must_use]
    pub fn with(mut self, hosts: &[String]) -> Self {
        for host in hosts.iter().map(|host| host.to_ascii_lowercase()) {
            if !self.hosts.contains(&host) {
                self.hosts.push(host);
            }
        }
        self
    }

    /// Whether one of its hosts is this one.
    pub(super) fn is(&self, host: &str) -> bool {
        self.hosts.iter().any(|one| one.eq_ignore_ascii_case(host))
    }
}
