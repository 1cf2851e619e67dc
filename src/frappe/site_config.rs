//! A site's configuration: `site_config.json` over `common_site_config.json`, with Frappe's environment overrides.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::db::{DbSpec, DbTls, Endpoint};

/// Name of the site's own file.
pub const SITE_FILE: &str = "site_config.json";
/// Name of the bench's file, in `sites/`.
pub const COMMON_FILE: &str = "common_site_config.json";

/// Environment variables that outrank the files (Frappe 15 and 16), and the key that each stands for.
const OVERRIDES: [(&str, &str); 9] = [
    ("FRAPPE_REDIS_QUEUE", "redis_queue"),
    ("FRAPPE_REDIS_CACHE", "redis_cache"),
    ("FRAPPE_DB_TYPE", "db_type"),
    ("FRAPPE_DB_SOCKET", "db_socket"),
    ("FRAPPE_DB_HOST", "db_host"),
    ("FRAPPE_DB_PORT", "db_port"),
    ("FRAPPE_DB_USER", "db_user"),
    ("FRAPPE_DB_NAME", "db_name"),
    ("FRAPPE_DB_PASSWORD", "db_password"),
];

/// Where Frappe's own code looks for the caches when nothing is configured.
const DEFAULT_REDIS_CACHE: &str = "redis://127.0.0.1:13311";
/// The same for the queue.
const DEFAULT_REDIS_QUEUE: &str = "redis://127.0.0.1:11311";
/// The same for version 14's realtime.
const DEFAULT_REDIS_SOCKETIO: &str = "redis://127.0.0.1:12311";

/// Port of the bench's web server where none is configured.
const DEFAULT_WEBSERVER_PORT: &str = "8000";
/// Where a site's configuration may name another address of the bench.
const BENCH_URL: &str = "erpnext_github_bench_url";

/// Why a site's configuration cannot be used; each sentence names the file.
#[derive(Debug, thiserror::Error)]
pub enum SiteConfigError {
    /// There is no such site.
    #[error("there is no site `{site}` in {bench}: known sites are {known}")]
    Unknown {
        /// What was asked for.
        site: String,
        /// The bench.
        bench: PathBuf,
        /// Names that exist, or "none".
        known: String,
    },
    /// A file cannot be read or is no JSON object.
    #[error("{path}: {reason}; correct the file")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A key is missing or makes no sense.
    #[error("{path}: `{key}` {reason}")]
    Key {
        /// The file that should hold it.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
}

/// One site's merged configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct SiteConfig {
    /// Folder name: the site's name everywhere.
    pub site: String,
    /// The site's folder.
    pub folder: PathBuf,
    values: Map<String, Value>,
}

impl std::fmt::Debug for SiteConfig {
    /// The values hold passwords and keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SiteConfig")
            .field("site", &self.site)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl SiteConfig {
    /// Reads both files of the site in `sites/<site>` and lays `environment` over them.
    ///
    /// # Errors
    /// When a file cannot be read or holds no object.
    pub fn read(sites: &Path, site: &str, environment: &BTreeMap<String, String>) -> Result<Self, SiteConfigError> {
        let folder = sites.join(site);
        let mut values = match read_object(&sites.join(COMMON_FILE)) {
            Ok(values) => values,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Map::new(),
            Err(error) => {
                return Err(SiteConfigError::Unreadable {
                    path: sites.join(COMMON_FILE),
                    reason: error.to_string(),
                });
            }
        };
        let path = folder.join(SITE_FILE);
        let own = read_object(&path).map_err(|error| SiteConfigError::Unreadable {
            path,
            reason: error.to_string(),
        })?;
        values.extend(own);
        for (variable, key) in OVERRIDES {
            if let Some(value) = environment.get(variable).filter(|value| !value.is_empty()) {
                values.insert(key.to_owned(), Value::String(value.clone()));
            }
        }
        Ok(Self {
            site: site.to_owned(),
            folder,
            values,
        })
    }

    /// A configuration that is in no file.
    #[cfg(test)]
    pub(crate) fn for_tests(json: &str) -> Self {
        Self {
            site: "acme.localhost".to_owned(),
            folder: PathBuf::from("/nowhere/sites/acme.localhost"),
            values: serde_json::from_str(json).unwrap_or_default(),
        }
    }

    /// The site's own file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.join(SITE_FILE)
    }

    /// A text value; numbers are given as text too.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        match self.values.get(key)? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A flag as Frappe's `cint` reads it: 1, true and "1" are on.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        match self.values.get(key) {
            Some(Value::Bool(on)) => *on,
            Some(Value::Number(number)) => number.as_f64().is_some_and(|number| number != 0.0),
            Some(Value::String(text)) => text.trim().parse::<f64>().is_ok_and(|number| number != 0.0),
            _ => false,
        }
    }

    /// A list of texts; a single text is a list of one.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<String> {
        match self.values.get(key) {
            Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => self.text(key).into_iter().collect(),
        }
    }

    /// The hosts that the site is reached by beside its folder's name, in lower case: `host_name`, and `domains`, whose entries are
    /// texts or objects with a `domain` (bench writes either).
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        let named = ["host_name", "hostname"].into_iter().filter_map(|key| self.text(key));
        let domains = self.values.get("domains").and_then(Value::as_array);
        let domains = domains
            .into_iter()
            .flatten()
            .filter_map(|entry| entry["domain"].as_str().or(entry.as_str()));
        let mut hosts = Vec::new();
        for text in named.chain(domains.map(str::to_owned)) {
            let host = host_of(&text).to_ascii_lowercase();
            if !host.is_empty() && !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        hosts
    }

    /// Base address of GitHub's REST interface, where it is not github.com's (design: boot configuration).
    #[must_use]
    pub fn github_api_url(&self) -> Option<String> {
        self.text("github_api_url")
    }

    /// Address of GitHub's GraphQL interface, likewise.
    #[must_use]
    pub fn github_graphql_url(&self) -> Option<String> {
        self.text("github_graphql_url")
    }

    /// Base address of GitHub's pages, likewise.
    #[must_use]
    pub fn github_web_url(&self) -> Option<String> {
        self.text("github_web_url")
    }

    /// True where the bench switched its realtime messages off.
    #[must_use]
    pub fn realtime_is_off(&self) -> bool {
        self.flag("disable_async")
    }

    /// The key that encrypts the site's secrets, if there is one.
    #[must_use]
    pub fn encryption_key(&self) -> Option<SecretString> {
        self.text("encryption_key").map(SecretString::from)
    }

    /// Address of the cache.
    #[must_use]
    pub fn redis_cache(&self) -> String {
        self.text("redis_cache").unwrap_or_else(|| DEFAULT_REDIS_CACHE.to_owned())
    }

    /// Address of the queue, which also carries realtime from version 15.
    #[must_use]
    pub fn redis_queue(&self) -> String {
        self.text("redis_queue").unwrap_or_else(|| DEFAULT_REDIS_QUEUE.to_owned())
    }

    /// Address that carries realtime in version 14.
    #[must_use]
    pub fn redis_socketio(&self) -> String {
        self.text("redis_socketio")
            .unwrap_or_else(|| DEFAULT_REDIS_SOCKETIO.to_owned())
    }

    /// Address of the bench's web server: what `--bench-url` says, else this machine with bench's own port.
    #[must_use]
    pub fn bench_url(&self) -> String {
        let port = self
            .text("webserver_port")
            .unwrap_or_else(|| DEFAULT_WEBSERVER_PORT.to_owned());
        self.text(BENCH_URL).unwrap_or_else(|| format!("http://127.0.0.1:{port}"))
    }

    /// The same configuration with another address of the bench, where one is given; with `behind` where it names none itself.
    #[must_use]
    pub fn with_bench_url(mut self, url: Option<&str>, behind: Option<&str>) -> Self {
        let behind = behind.filter(|_| self.text(BENCH_URL).is_none());
        if let Some(url) = url.or(behind) {
            self.values.insert(BENCH_URL.to_owned(), Value::String(url.to_owned()));
        }
        self
    }

    /// True while the bench is in maintenance: work pauses.
    #[must_use]
    pub fn maintenance_mode(&self) -> bool {
        self.flag("maintenance_mode")
    }

    /// How to reach the site's database.
    ///
    /// # Errors
    /// When `db_name` is missing, the engine is not MariaDB, or a port or a TLS file makes no sense.
    pub fn database(&self) -> Result<DbSpec, SiteConfigError> {
        let key_error = |key, reason: &str| SiteConfigError::Key {
            path: self.file(),
            key,
            reason: reason.to_owned(),
        };
        if let Some(engine) = self.text("db_type").filter(|engine| engine != "mariadb") {
            return Err(key_error(
                "db_type",
                &format!("is `{engine}`: only MariaDB sites can be served"),
            ));
        }
        let database = self
            .text("db_name")
            .ok_or_else(|| key_error("db_name", "is missing: it names the site's database"))?;
        let port = match self.text("db_port") {
            None => 3306,
            Some(text) => text
                .parse()
                .map_err(|_| key_error("db_port", &format!("is `{text}`: write a port number")))?,
        };
        let endpoint = match self.text("db_socket") {
            Some(socket) => Endpoint::Socket(socket.into()),
            None => Endpoint::Tcp(self.text("db_host").unwrap_or_else(|| "127.0.0.1".to_owned()), port),
        };
        let mut users = vec![database.clone()];
        users.extend(self.text("db_user").filter(|user| *user != database));
        Ok(DbSpec {
            site: self.site.clone(),
            database,
            users,
            password: SecretString::from(self.text("db_password").unwrap_or_default()),
            endpoint,
            tls: self.tls()?,
        })
    }

    fn tls(&self) -> Result<Option<DbTls>, SiteConfigError> {
        let file = |key: &'static str| match self.text(key).map(PathBuf::from) {
            Some(path) if !path.is_file() => Err(SiteConfigError::Key {
                path: self.file(),
                key,
                reason: format!("names {}, which is not a file: correct the path", path.display()),
            }),
            path => Ok(path),
        };
        // As Frappe does: TLS is used when all three are there.
        Ok(match (file("db_ssl_ca")?, file("db_ssl_cert")?, file("db_ssl_key")?) {
            (Some(ca), Some(cert), Some(key)) => Some(DbTls {
                ca,
                cert,
                key,
                check_hostname: self.flag("db_ssl_check_hostname"),
            }),
            _ => None,
        })
    }
}

/// Reads a file that holds one JSON object.
pub(crate) fn read_object(path: &Path) -> std::io::Result<Map<String, Value>> {
    let text = std::fs::read_to_string(path)?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(values)) => Ok(values),
        Ok(_) => Err(std::io::Error::other("holds JSON that is no object")),
        Err(error) => Err(std::io::Error::other(format!("is no JSON ({error})"))),
    }
}

/// The host in an address, or in what is only a host and a port.
fn host_of(text: &str) -> &str {
    let rest = text.trim().split_once("://").map_or(text.trim(), |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn hosts_are_read_in_all_forms() {
        let config = SiteConfig::for_tests(
            r#"{"host_name": "https://ERP.example.com:8443/x", "domains": ["a.example.com", {"domain": "b.example.com", "ssl_certificate": "/c"}, {}, 3, "a.example.com"]}"#,
        );
        assert_eq!(config.hosts(), ["erp.example.com", "a.example.com", "b.example.com"]);
        assert!(SiteConfig::for_tests("{}").hosts().is_empty());
    }

    use secrecy::ExposeSecret;

    use super::*;

    fn database(json: &str) -> Result<DbSpec, SiteConfigError> {
        SiteConfig::for_tests(json).database()
    }

    fn refused(json: &str) -> String {
        database(json).expect_err("refused").to_string()
    }

    #[test]
    fn the_site_wins_over_the_bench_and_the_environment_over_both() {
        let sites = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(sites.path().join("s")).expect("made");
        let common = r#"{"db_host": "common", "redis_cache": "redis://common", "maintenance_mode": 1}"#;
        std::fs::write(sites.path().join(COMMON_FILE), common).expect("written");
        let own = r#"{"db_name": "own", "db_host": "own", "db_port": 3307}"#;
        std::fs::write(sites.path().join("s").join(SITE_FILE), own).expect("written");
        let read = |environment: &[(&str, &str)]| {
            let owned = environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            SiteConfig::read(sites.path(), "s", &owned.collect()).expect("readable")
        };

        let config = read(&[]);
        assert_eq!(
            config.database().expect("usable").endpoint,
            Endpoint::Tcp("own".to_owned(), 3307)
        );
        assert_eq!(config.redis_cache(), "redis://common");
        assert!(config.maintenance_mode());

        let config = read(&[
            ("FRAPPE_DB_HOST", "db"),
            ("FRAPPE_DB_PORT", "3306"),
            ("FRAPPE_DB_NAME", "named"),
            ("FRAPPE_DB_USER", "user"),
            ("FRAPPE_DB_PASSWORD", "secret"),
            ("FRAPPE_REDIS_CACHE", "redis://redis-cache:6379"),
            ("FRAPPE_REDIS_QUEUE", ""),
        ]);
        let spec = config.database().expect("usable");
        assert_eq!(spec.endpoint, Endpoint::Tcp("db".to_owned(), 3306));
        assert_eq!(
            (spec.database.as_str(), spec.users),
            ("named", vec!["named".to_owned(), "user".to_owned()])
        );
        assert_eq!(spec.password.expose_secret(), "secret");
        assert_eq!(config.redis_cache(), "redis://redis-cache:6379");
        assert_eq!(config.redis_queue(), DEFAULT_REDIS_QUEUE, "an empty variable is none");

        let config = read(&[("FRAPPE_DB_SOCKET", "/run/mysqld.sock")]);
        assert_eq!(
            config.database().expect("usable").endpoint,
            Endpoint::Socket("/run/mysqld.sock".into())
        );
    }

    #[test]
    fn frappes_defaults_hold() {
        let spec = database(r#"{"db_name": "_1bd", "db_type": "mariadb"}"#).expect("usable");
        assert_eq!(spec.endpoint, Endpoint::Tcp("127.0.0.1".to_owned(), 3306));
        assert_eq!(spec.users, ["_1bd"]);
        assert!(spec.tls.is_none());
    }

    #[test]
    fn the_schemas_name_is_the_first_user_tried() {
        // Frappe up to 15 ignores db_user, 16 honours it.
        let spec = database(r#"{"db_name": "_1bd", "db_user": "erp"}"#).expect("usable");
        assert_eq!(spec.users, ["_1bd", "erp"]);
        let spec = database(r#"{"db_name": "_1bd", "db_user": "_1bd"}"#).expect("usable");
        assert_eq!(spec.users, ["_1bd"]);
    }

    #[test]
    fn what_makes_no_sense_is_named_with_the_file() {
        let message = refused(r#"{"db_name": "x", "db_type": "postgres"}"#);
        assert!(
            message.contains("site_config.json: `db_type` is `postgres`: only MariaDB"),
            "{message}"
        );
        let message = refused(r#"{"db_port": 3306}"#);
        assert!(message.contains("`db_name` is missing"), "{message}");
        let message = refused(r#"{"db_name": "x", "db_port": "abc"}"#);
        assert!(message.contains("`db_port` is `abc`: write a port number"), "{message}");
        let message = refused(r#"{"db_name": "x", "db_ssl_ca": "/nowhere/ca.pem"}"#);
        assert!(
            message.contains("`db_ssl_ca` names /nowhere/ca.pem, which is not a file"),
            "{message}"
        );
    }

    #[test]
    fn tls_needs_all_three_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| {
            std::fs::write(folder.path().join(name), "x").expect("written");
            folder.path().join(name).display().to_string()
        };
        let (ca, cert, key) = (file("ca"), file("cert"), file("key"));
        let two = format!(r#"{{"db_name": "x", "db_ssl_ca": "{ca}", "db_ssl_cert": "{cert}"}}"#);
        assert!(database(&two).expect("usable").tls.is_none(), "as Frappe does");
        let all = format!(
            r#"{{"db_name": "x", "db_ssl_ca": "{ca}", "db_ssl_cert": "{cert}", "db_ssl_key": "{key}", "db_ssl_check_hostname": 1}}"#
        );
        let tls = database(&all).expect("usable").tls.expect("all three are there");
        assert_eq!((tls.ca, tls.check_hostname), (ca.into(), true));
    }

    #[test]
    fn flags_are_read_as_frappe_reads_them() {
        for (json, on) in [
            ("1", true),
            ("true", true),
            (r#""1""#, true),
            ("0", false),
            (r#""0""#, false),
            ("null", false),
        ] {
            let config = SiteConfig::for_tests(&format!(r#"{{"maintenance_mode": {json}}}"#));
            assert_eq!(config.maintenance_mode(), on, "{json}");
        }
        assert!(!SiteConfig::for_tests("{}").maintenance_mode());
    }

    #[test]
    fn the_bench_is_where_a_flag_says_then_the_file_then_behind_us() {
        for (file, flag, behind, url) in [
            ("{}", None, None, "http://127.0.0.1:8000"),
            (r#"{"webserver_port": 8001}"#, None, Some("http://b"), "http://b"),
            (
                r#"{"erpnext_github_bench_url": "http://c"}"#,
                None,
                Some("http://b"),
                "http://c",
            ),
            (
                r#"{"erpnext_github_bench_url": "http://c"}"#,
                Some("http://a"),
                Some("http://b"),
                "http://a",
            ),
        ] {
            let config = SiteConfig::for_tests(file).with_bench_url(flag, behind);
            assert_eq!(config.bench_url(), url, "{file}");
        }
    }

    #[test]
    fn a_file_that_is_no_object_is_told_and_nothing_shown() {
        let sites = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(sites.path().join("s")).expect("made");
        let read = |own: &str| {
            std::fs::write(sites.path().join("s").join(SITE_FILE), own).expect("written");
            SiteConfig::read(sites.path(), "s", &BTreeMap::new()).map_err(|error| error.to_string())
        };
        let message = read(r#"{"db_password": "hunter2",}"#).expect_err("no JSON");
        assert!(
            message.contains("s/site_config.json: is no JSON (") && !message.contains("hunter2"),
            "{message}"
        );
        let message = read("[]").expect_err("no object");
        assert!(message.contains("holds JSON that is no object"), "{message}");
        let config = read(r#"{"db_password": "hunter2"}"#).expect("readable");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
