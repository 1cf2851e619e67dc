//! Boot configuration: what is settled when the process starts and cannot be edited in the desk.
//!
//! A value comes from a flag, else from the environment, else (where it belongs to a site) from the bench's own
//! `site_config.json`, else from a default. What an administrator edits in the desk is `GitHub Settings` and is read per
//! run from the database; the two never mix. The environment is read once, here.

mod environment;
mod hosts;
pub mod paths;
mod proxies;
mod resolver;
mod upstream;

pub use environment::{Environment, KEYS, key};
pub use hosts::{AuthoritiesFile, HostError, HostLayer, Hosts, without_password};
pub use proxies::{TrustedProxies, trusted_proxies};
pub use resolver::{Resolved, Resolver};
pub use upstream::{BenchServers, Upstream, bench_servers};

use std::net::SocketAddr;
use std::time::Duration;

/// Address that `serve` listens on unless told otherwise: this machine only, nginx stands in front.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:9100";
/// Connections to MariaDB at most, to all sites together.
pub const DEFAULT_DB_CONNECTIONS: usize = 20;
/// Requests at a time with one credential: what GitHub allows.
const MAX_GITHUB_CONCURRENCY: u32 = 100;
/// More connections than this is a slip of the finger: MariaDB itself allows 151 by default.
const MAX_DB_CONNECTIONS: usize = 1000;

/// A value that cannot be used, and where it came from.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: `{value}` {expected}")]
pub struct ConfigError {
    /// Flag or environment variable.
    origin: &'static str,
    /// What was written.
    value: String,
    /// What should have been.
    expected: String,
}

/// The number of database connections: flag, else environment, else [`DEFAULT_DB_CONNECTIONS`].
///
/// # Errors
/// When the text is no number from 1 to 1000.
pub fn db_connections(flag: Option<&str>, environment: &Environment) -> Result<usize, ConfigError> {
    let Some((origin, text)) = choose("--db-connections", flag, key::DB_CONNECTIONS, environment) else {
        return Ok(DEFAULT_DB_CONNECTIONS);
    };
    match text.parse() {
        Ok(number) if (1..=MAX_DB_CONNECTIONS).contains(&number) => Ok(number),
        _ => Err(ConfigError {
            origin,
            value: text.to_owned(),
            expected: format!("is not a number of connections: write one from 1 to {MAX_DB_CONNECTIONS}"),
        }),
    }
}

/// Requests to GitHub at a time with one credential, over all processes: flag, else environment, else none is named.
///
/// # Errors
/// When the text is no number from 1 to 100, the most that GitHub allows.
pub fn github_concurrency(flag: Option<&str>, environment: &Environment) -> Result<Option<u32>, ConfigError> {
    let Some((origin, text)) = choose("--github-concurrency", flag, key::CONCURRENCY, environment) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) if (1..=MAX_GITHUB_CONCURRENCY).contains(&number) => Ok(Some(number)),
        _ => Err(ConfigError {
            origin,
            value: text.to_owned(),
            expected: format!("is not a number of requests at a time: write one from 1 to {MAX_GITHUB_CONCURRENCY}"),
        }),
    }
}

/// The address to listen on: flag, else environment, else [`DEFAULT_LISTEN`].
///
/// # Errors
/// When the text is no address and port.
pub fn listen(flag: Option<&str>, environment: &Environment) -> Result<SocketAddr, ConfigError> {
    let (origin, text) = choose("--listen", flag, key::LISTEN, environment).unwrap_or(("--listen", DEFAULT_LISTEN));
    text.parse().map_err(|_| ConfigError {
        origin,
        value: text.to_owned(),
        expected: format!("is not an address to listen on: write it as IP:PORT, for example {DEFAULT_LISTEN}"),
    })
}

/// Address of the bench's web server: flag, else environment; none where the bench's own configuration says it.
///
/// # Errors
/// When the text is no web address.
pub fn bench_url<'a>(flag: Option<&'a str>, environment: &'a Environment) -> Result<Option<&'a str>, ConfigError> {
    let Some((origin, text)) = choose("--bench-url", flag, key::BENCH_URL, environment) else {
        return Ok(None);
    };
    let usable = url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if usable {
        Ok(Some(text))
    } else {
        Err(ConfigError {
            origin,
            value: without_password(text),
            expected: "is no web address: write for example http://127.0.0.1:8000".to_owned(),
        })
    }
}

/// Shorter comparisons than this would be polling, longer ones none.
const PERIODS: std::ops::RangeInclusive<u64> = 10..=24 * 60 * 60;

/// How often sites are compared with GitHub.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReconciliationPeriod {
    /// As often as the Settings of each site say.
    #[default]
    AsSettled,
    /// This often, whatever they say.
    Every(Duration),
    /// Not at all, not at start either.
    Off,
}

/// How often sites are compared with GitHub: flag, else environment, else as the sites' Settings say.
///
/// # Errors
/// When the text is neither `off` nor a number of seconds, minutes or hours from 10 seconds to a day.
pub fn reconciliation_period(flag: Option<&str>, environment: &Environment) -> Result<ReconciliationPeriod, ConfigError> {
    let chosen = choose("--reconciliation-period", flag, key::RECONCILIATION_PERIOD, environment);
    let Some((origin, text)) = chosen else {
        return Ok(ReconciliationPeriod::AsSettled);
    };
    if text == "off" {
        return Ok(ReconciliationPeriod::Off);
    }
    let units = [('s', 1), ('m', 60), ('h', 3_600)];
    let read = |(unit, seconds): &(char, u64)| text.strip_suffix(*unit)?.parse::<u64>().ok()?.checked_mul(*seconds);
    match units.iter().find_map(read) {
        Some(seconds) if PERIODS.contains(&seconds) => Ok(ReconciliationPeriod::Every(Duration::from_secs(seconds))),
        _ => Err(ConfigError {
            origin,
            value: text.to_owned(),
            expected: "is no period: write a number with s, m or h, from 10s to 24h, for example 10m, or off".to_owned(),
        }),
    }
}

fn choose<'a>(
    flag_name: &'static str,
    flag: Option<&'a str>,
    variable: &'static str,
    environment: &'a Environment,
) -> Option<(&'static str, &'a str)> {
    flag.map(|text| (flag_name, text))
        .or_else(|| environment.get(variable).map(|text| (variable, text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn more_requests_at_a_time_than_github_allows_are_refused() {
        let told = environment(&[(key::CONCURRENCY, "16")]);
        assert_eq!(github_concurrency(None, &Environment::default()).expect("none"), None);
        assert_eq!(github_concurrency(None, &told).expect("a number"), Some(16));
        assert_eq!(github_concurrency(Some("100"), &told).expect("a number"), Some(100));
        for wrong in ["0", "101", "many"] {
            let error = github_concurrency(Some(wrong), &told).expect_err("refused");
            assert!(error.to_string().ends_with("write one from 1 to 100"), "{error}");
        }
    }

    #[test]
    fn the_flag_wins_over_the_environment() {
        let environment = environment(&[(key::DB_CONNECTIONS, "7"), (key::LISTEN, "[::1]:80")]);
        assert_eq!(db_connections(Some("3"), &environment).expect("a number"), 3);
        assert_eq!(db_connections(None, &environment).expect("a number"), 7);
        assert_eq!(
            db_connections(None, &Environment::default()).expect("a number"),
            DEFAULT_DB_CONNECTIONS
        );
        assert_eq!(listen(None, &environment).expect("an address").port(), 80);
        assert_eq!(
            listen(None, &Environment::default()).expect("an address").to_string(),
            DEFAULT_LISTEN
        );
    }

    #[test]
    fn nonsense_is_refused_and_named_by_its_origin() {
        for text in ["0", "1001", "many", "-1", ""] {
            let error = db_connections(Some(text), &Environment::default()).expect_err("refused");
            assert!(error.to_string().starts_with("--db-connections: "), "{error}");
        }
        for text in ["backend:8000", "ftp://x", "http://"] {
            let error = bench_url(Some(text), &Environment::default()).expect_err("refused");
            assert!(error.to_string().starts_with("--bench-url: "), "{error}");
        }
        for text in [
            "10",
            "5s",
            "25h",
            "m",
            "-1m",
            "ten minutes",
            "99999999999999999999h",
            "6148914691236517205h",
        ] {
            let error = reconciliation_period(Some(text), &Environment::default()).expect_err("refused");
            assert!(error.to_string().starts_with("--reconciliation-period: "), "{error}");
        }
        assert_eq!(bench_url(None, &Environment::default()).expect("none"), None);
        let error = listen(None, &environment(&[(key::LISTEN, "9100")])).expect_err("refused");
        assert!(error.to_string().starts_with("ERPNEXT_GITHUB_LISTEN: `9100` "), "{error}");
    }

    #[test]
    fn g4_7_the_period_is_that_of_the_flag_then_of_the_variable_then_of_the_setting() {
        let told = environment(&[(key::RECONCILIATION_PERIOD, "2h")]);
        let period = |flag| reconciliation_period(flag, &told).expect("a period");
        let every = |seconds| ReconciliationPeriod::Every(Duration::from_secs(seconds));
        assert_eq!(
            [period(Some("90s")), period(Some("10m")), period(None), period(Some("off"))],
            [every(90), every(600), every(7_200), ReconciliationPeriod::Off]
        );
        let untold = reconciliation_period(None, &Environment::default());
        assert_eq!(untold.expect("none"), ReconciliationPeriod::AsSettled);
    }
}
