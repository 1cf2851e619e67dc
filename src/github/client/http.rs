//! The connections: TLS by rustls with ring, system certificate authorities, proxies of the environment, no redirects of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;

use super::ClientOptions;
use super::buffers::Buffers;
use crate::config::Hosts;
use crate::github::error::GithubError;
use crate::github::graphql::BatchSizes;
use crate::github::outgoing::certificates;

/// GitHub's REST interface by date; without it, GitHub may answer in another one's shapes. GitHub keeps each for at least two years
/// after its successor came out.
const API_VERSION: HeaderValue = HeaderValue::from_static("2022-11-28");
/// The media type of GitHub's JSON.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/vnd.github+json");
/// GitHub refuses requests without a name; ours carries the version, so that its support can tell releases apart.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// How long a connection is kept that nobody uses: less than GitHub and what stands before it keep theirs, so that no write meets a
/// connection that is just being closed.
const IDLE: Duration = Duration::from_secs(30);

/// Connections to GitHub that all clients of a process share, those that ask for tokens of people too: what makes one take long (name, TCP, TLS, reading the certificate
/// authorities) is done once.
#[derive(Debug, Clone, Default)]
pub struct Connections {
    made: Arc<Mutex<HashMap<Way, reqwest::Client>>>,
    /// How much at a time went through.
    pub(super) sizes: Arc<BatchSizes>,
    /// What bodies are taken into.
    pub(super) buffers: Arc<Buffers>,
}

/// What connections must have in common to be shared.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Way {
    is_local: bool,
    is_plain: bool,
    /// The file with further certificate authorities, and when it was written last.
    authorities: Option<(PathBuf, Option<SystemTime>)>,
}

impl Connections {
    /// Those to `hosts`. `options` count when they are made first.
    ///
    /// # Errors
    /// As `client`.
    pub(super) fn to(&self, hosts: &Hosts, options: &ClientOptions) -> Result<reqwest::Client, GithubError> {
        self.made(hosts, hosts.are_plain(), options)
    }

    /// Those for GitHub's pages as well as its API: the same ones, but where a page is encrypted and the API is not.
    ///
    /// # Errors
    /// As `client`.
    pub(in crate::github) fn to_pages(&self, hosts: &Hosts, options: &ClientOptions) -> Result<reqwest::Client, GithubError> {
        self.made(hosts, hosts.are_plain() && hosts.web.scheme() == "http", options)
    }

    fn made(&self, hosts: &Hosts, is_plain: bool, options: &ClientOptions) -> Result<reqwest::Client, GithubError> {
        let written = |file: &Path| std::fs::metadata(file).and_then(|file| file.modified()).ok();
        let way = Way {
            is_local: hosts.are_local(),
            is_plain,
            authorities: hosts
                .authorities
                .as_ref()
                .map(|file| (file.path.clone(), written(&file.path))),
        };
        let mut known = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = known.get(&way) {
            return Ok(client.clone());
        }
        let made = client(hosts, is_plain, options)?;
        known.insert(way, made.clone());
        Ok(made)
    }
}

/// Builds the HTTP client. Proxy variables (`HTTPS_PROXY`, `NO_PROXY`, ...) and `SSL_CERT_FILE` are honoured, and the
/// authorities of `--github-ca` are believed too; a GitHub on this
/// machine is reached without a proxy, and what `is_plain` without certificate authorities.
///
/// # Errors
/// Without certificate authorities, or where those that are named cannot be read.
fn client(hosts: &Hosts, is_plain: bool, options: &ClientOptions) -> Result<reqwest::Client, GithubError> {
    // A second installation is refused and does no harm: the first one is ring too, or somebody's deliberate choice.
    let _refused_when_installed = rustls::crypto::ring::default_provider().install_default();
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, MEDIA_TYPE);
    headers.insert(HeaderName::from_static("x-github-api-version"), API_VERSION);
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(headers)
        .gzip(true)
        .redirect(redirect::Policy::none())
        .pool_idle_timeout(IDLE)
        .connect_timeout(options.connect_timeout)
        .timeout(options.timeout);
    if hosts.are_local() {
        builder = builder.no_proxy();
    }
    if is_plain {
        builder = builder.tls_certs_only([]);
    } else if let Some(file) = &hosts.authorities {
        // Beside the system's, which stay: a proxy's authority may be private while GitHub's is not.
        builder = builder.tls_certs_merge(certificates(file)?);
    }
    builder.build().map_err(|error| {
        GithubError::setup(
            format!("no HTTPS connection can be prepared: {}", super::exchange::chain(&error)),
            "install the certificate authorities of the system (package ca-certificates), or name a file with --github-ca",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::github::oauth::{OAuth, OAuthApp};
    use crate::github::{Client, Credential};

    #[test]
    fn what_asks_for_tokens_of_people_goes_over_the_connections_of_all() {
        let connections = Connections::default();
        let made = || connections.made.lock().expect("not poisoned").len();
        let (hosts, options) = (
            Hosts::of_api("http://127.0.0.1:1").expect("an address"),
            ClientOptions::default(),
        );
        let app = OAuthApp {
            client_id: "Iv23abc".to_owned(),
            client_secret: "a-made-up-secret".into(),
        };
        OAuth::new(&connections, hosts.clone(), app, Arc::new(SystemClock), options).expect("an App");
        assert_eq!(made(), 1);
        Client::over(
            &connections,
            hosts.clone(),
            &Credential::Nobody,
            Arc::new(SystemClock),
            options,
        )
        .expect("a client");
        assert_eq!(made(), 1, "the same ones");
        let hosts = Hosts {
            web: "https://github.example.com".parse().expect("an address"),
            ..hosts
        };
        connections.to_pages(&hosts, &options).expect("connections");
        assert_eq!(made(), 2, "where pages need certificate authorities");
    }
}
