//! The connections: TLS by rustls with ring, system certificate authorities, proxies of the environment, no redirects of its own.

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;

use super::ClientOptions;
use crate::config::Hosts;
use crate::github::error::GithubError;
use crate::github::outgoing::certificates;

/// GitHub's REST interface by date; without it, GitHub may answer in another one's shapes. GitHub keeps each for at least two years
/// after its successor came out.
const API_VERSION: HeaderValue = HeaderValue::from_static("2022-11-28");
/// The media type of GitHub's JSON.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/vnd.github+json");
/// GitHub refuses requests without a name; ours carries the version, so that its support can tell releases apart.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Builds the HTTP client. Proxy variables (`HTTPS_PROXY`, `NO_PROXY`, ...) and `SSL_CERT_FILE` are honoured, and the
/// authorities of `--github-ca` are believed too; a GitHub on this
/// machine is reached without a proxy, and over plain http without certificate authorities.
///
/// # Errors
/// Without certificate authorities, or where those that are named cannot be read.
pub(super) fn client(hosts: &Hosts, options: &ClientOptions) -> Result<reqwest::Client, GithubError> {
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
        .connect_timeout(options.connect_timeout)
        .timeout(options.timeout);
    if hosts.are_local() {
        builder = builder.no_proxy();
    }
    if hosts.are_plain() {
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
