//! The process's environment, taken once, and the variables of ours in it.

use std::collections::BTreeMap;
use std::fmt;

/// Names of the variables.
pub mod key {
    /// Folder of the bench, when the working directory lies in none.
    pub const BENCH: &str = "ERPNEXT_GITHUB_BENCH";
    /// Address of the bench's web server.
    pub const BENCH_URL: &str = "ERPNEXT_GITHUB_BENCH_URL";
    /// Address of GitHub's REST API.
    pub const API_URL: &str = "ERPNEXT_GITHUB_API_URL";
    /// Address of GitHub's GraphQL API.
    pub const GRAPHQL_URL: &str = "ERPNEXT_GITHUB_GRAPHQL_URL";
    /// Address of the pages that people open.
    pub const WEB_URL: &str = "ERPNEXT_GITHUB_WEB_URL";
    /// File with certificate authorities that are believed beside the system's.
    pub const CA: &str = "ERPNEXT_GITHUB_CA";
    /// Requests to GitHub at a time.
    pub const CONCURRENCY: &str = "ERPNEXT_GITHUB_CONCURRENCY";
    /// Number of database connections.
    pub const DB_CONNECTIONS: &str = "ERPNEXT_GITHUB_DB_CONNECTIONS";
    /// Address that `serve` listens on.
    pub const LISTEN: &str = "ERPNEXT_GITHUB_LISTEN";
    /// Addresses of proxies whose word counts.
    pub const TRUSTED_PROXY: &str = "ERPNEXT_GITHUB_TRUSTED_PROXY";
    /// How often sites are compared with GitHub.
    pub const RECONCILIATION_PERIOD: &str = "ERPNEXT_GITHUB_RECONCILIATION_PERIOD";
    /// What is logged.
    pub const LOG: &str = "ERPNEXT_GITHUB_LOG";
    /// How log lines look.
    pub const LOG_FORMAT: &str = "ERPNEXT_GITHUB_LOG_FORMAT";
    /// Token of `demo --repo`.
    pub const GITHUB_TOKEN: &str = "GITHUB_TOKEN";
}

/// All variables that this program reads beside Frappe's own, in the order of `.env.example`.
pub const KEYS: [&str; 14] = [
    key::BENCH,
    key::BENCH_URL,
    key::API_URL,
    key::GRAPHQL_URL,
    key::WEB_URL,
    key::CA,
    key::CONCURRENCY,
    key::DB_CONNECTIONS,
    key::LISTEN,
    key::TRUSTED_PROXY,
    key::RECONCILIATION_PERIOD,
    key::LOG,
    key::LOG_FORMAT,
    key::GITHUB_TOKEN,
];

/// The environment as it was at start. An empty variable counts as none.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Takes the process's environment; a variable that is no UTF-8 is left out.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// One variable's value.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All variables, for what reads Frappe's own.
    #[must_use]
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl fmt::Debug for Environment {
    /// Values may be passwords and tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}
