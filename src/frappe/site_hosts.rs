//! Which site of a bench a host means, as bench's nginx tells it to Frappe: the folder of that name, else the site that names the host.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use super::bench::Bench;
use super::site_config::SiteConfig;

/// What was found out is taken for true this long: a page asks a hundred times in a second, and sites come and go.
const MEMORY: Duration = Duration::from_secs(10);
/// Hosts that are remembered, at most: anybody may write one.
const MOST_HOSTS: usize = 1000;

/// Lists names of sites.
type Names = dyn Fn() -> Vec<String> + Send + Sync;

/// Which site a host means on a bench that is asked very often.
pub struct SiteHosts {
    bench: Bench,
    names: Box<Names>,
    known: Mutex<(Instant, HashMap<String, Option<String>>)>,
}

impl SiteHosts {
    /// Of the sites of `bench` that `names` lists.
    pub fn new(bench: Bench, names: impl Fn() -> Vec<String> + Send + Sync + 'static) -> Self {
        Self {
            bench,
            names: Box::new(names),
            known: Mutex::new((Instant::now(), HashMap::new())),
        }
    }

    /// The site that `host` means, or that is meant where hosts tell nothing.
    #[must_use]
    pub fn site_of(&self, host: &str) -> Option<String> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0.elapsed() > MEMORY || known.1.len() >= MOST_HOSTS {
            *known = (Instant::now(), HashMap::new());
        }
        if let Some(site) = known.1.get(host) {
            return site.clone();
        }
        let names = (self.names)();
        let site = site_of_host(&self.bench, &names, host).or_else(|| default_site(&self.bench, &names));
        known.1.insert(host.to_owned(), site.clone());
        site
    }
}

/// The site among `names` that `host` means; none where nobody answers to it. The sites' files are read where no folder has the name.
#[must_use]
pub fn site_of_host(bench: &Bench, names: &[String], host: &str) -> Option<String> {
    if let Some(folder) = names.iter().find(|name| name.eq_ignore_ascii_case(host)) {
        return Some(folder.clone());
    }
    let host = host.to_ascii_lowercase();
    let answers = |name: &&String| bench.site(name).is_ok_and(|config| config.hosts().contains(&host));
    names.iter().find(answers).cloned()
}

/// The site that is meant where the host tells none, as on a bench of a developer: the only one, else the bench's `default_site`.
#[must_use]
pub fn default_site(bench: &Bench, names: &[String]) -> Option<String> {
    if let [only] = names {
        return Some(only.clone());
    }
    // The bench's common file is part of every site's configuration.
    let chosen = names.iter().find_map(|name| bench.site(name).ok()?.text("default_site"));
    chosen.filter(|chosen| names.contains(chosen))
}

/// The address at which people open a site, as `frappe.utils.get_url` makes it where no request is there to tell: `host_name`, else the
/// folder's name with `http_port`; none where that is no web address.
#[must_use]
pub fn address(config: &SiteConfig) -> Option<Url> {
    let secure = config.text("ssl_certificate").is_some();
    let scheme = if secure { "https" } else { "http" };
    let text = match ["host_name", "hostname"].into_iter().find_map(|key| config.text(key)) {
        Some(named) if named.contains("://") => named,
        Some(named) => format!("{scheme}://{named}"),
        None => match config.text("http_port").filter(|_| !secure) {
            Some(port) => format!("http://{}:{port}", config.site),
            None => format!("{scheme}://{}", config.site),
        },
    };
    Url::parse(&text)
        .ok()
        .filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_is_made_as_frappe_makes_it() {
        for (config, address_of) in [
            ("{}", "http://acme.localhost/"),
            (r#"{"http_port": 8080}"#, "http://acme.localhost:8080/"),
            (r#"{"ssl_certificate": "/c", "http_port": 80}"#, "https://acme.localhost/"),
            (r#"{"host_name": "https://erp.example.com"}"#, "https://erp.example.com/"),
            (r#"{"host_name": "erp.example.com"}"#, "http://erp.example.com/"),
        ] {
            let found = address(&SiteConfig::for_tests(config)).expect("an address");
            assert_eq!(found.as_str(), address_of, "{config}");
        }
        assert_eq!(address(&SiteConfig::for_tests(r#"{"host_name": "ftp://x"}"#)), None);
    }

    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    fn bench(common: &str, sites: &[(&str, &str)]) -> (tempfile::TempDir, Bench, Vec<String>) {
        let root = tempfile::tempdir().expect("a folder");
        for (name, config) in sites {
            let folder = root.path().join("sites").join(name);
            std::fs::create_dir_all(&folder).expect("made");
            std::fs::write(folder.join("site_config.json"), config).expect("written");
        }
        std::fs::write(root.path().join("sites/common_site_config.json"), common).expect("written");
        let bench = Bench::locate(Some(root.path()), Path::new("/"), BTreeMap::new()).expect("a bench");
        let names = bench.site_names();
        (root, bench, names)
    }

    #[test]
    fn a_host_is_a_folder_or_named_by_a_site() {
        let (_root, bench, names) = bench(
            "{}",
            &[
                ("a.local", r#"{"host_name": "https://erp.example.com"}"#),
                ("b.local", r#"{"domains": ["shop.example.com"]}"#),
            ],
        );
        for (host, site) in [
            ("a.local", Some("a.local")),
            ("A.LOCAL", Some("a.local")),
            ("erp.example.com", Some("a.local")),
            ("Shop.example.com", Some("b.local")),
            ("localhost", None),
        ] {
            assert_eq!(site_of_host(&bench, &names, host).as_deref(), site, "{host}");
        }
        assert_eq!(default_site(&bench, &names), None);
        assert_eq!(default_site(&bench, &names[..1]).as_deref(), Some("a.local"));
        let only = SiteHosts::new(bench, || vec!["a.local".to_owned()]);
        for host in ["localhost", "erp.example.com", "localhost"] {
            assert_eq!(only.site_of(host).as_deref(), Some("a.local"), "{host}");
        }
    }

    #[test]
    fn the_benchs_default_is_one_of_its_sites() {
        for (common, site) in [
            (r#"{"default_site": "b.local"}"#, Some("b.local")),
            (r#"{"default_site": "gone"}"#, None),
        ] {
            let (_root, bench, names) = bench(common, &[("a.local", "{}"), ("b.local", "{}")]);
            assert_eq!(default_site(&bench, &names).as_deref(), site);
        }
    }
}
