//! How calls leave this machine: through which proxy, and which certificate authorities are believed.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::client::Client;
use super::error::GithubError;
use crate::config::{AuthoritiesFile, Hosts};

/// What to do about a file that cannot be used.
const ACTION: &str = "name a file with the certificate of the authority in PEM form (it begins with -----BEGIN CERTIFICATE-----)";

/// How GitHub is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Where GitHub is.
    pub api: String,
    /// The proxy that stands between, without its password; none where there is none.
    pub proxy: Option<Url>,
    /// The file whose authorities are believed beside the system's, with their number.
    pub authorities: Option<(AuthoritiesFile, usize)>,
}

impl Client {
    /// How this client's calls leave the machine, by the same rules by which they do.
    ///
    /// # Errors
    /// When the file of authorities cannot be used any more.
    pub fn outgoing(&self) -> Result<Outgoing, GithubError> {
        let hosts = self.hosts();
        let count = |file: &AuthoritiesFile| Ok((file.clone(), certificates(file)?.len()));
        Ok(Outgoing {
            api: hosts.api.to_string(),
            proxy: proxy_for(hosts),
            authorities: hosts.authorities.as_ref().map(count).transpose()?,
        })
    }
}

/// The proxy of the environment for the API.
fn proxy_for(hosts: &Hosts) -> Option<Url> {
    if hosts.are_local() {
        return None;
    }
    let address = hosts.api.as_str().parse().ok()?;
    let through = Matcher::from_env().intercept(&address)?;
    let mut proxy = Url::parse(&through.uri().to_string()).ok()?;
    // Setting what a valid address has cannot fail; where it could not, nothing is shown.
    proxy.set_username("").ok()?;
    proxy.set_password(None).ok()?;
    Some(proxy)
}

/// The certificates in a file, at least one.
pub(super) fn certificates(file: &AuthoritiesFile) -> Result<Vec<reqwest::Certificate>, GithubError> {
    let refused = |reason: String| GithubError::setup(format!("{}: {} {reason}", file.origin, file.path.display()), ACTION);
    let text = std::fs::read(&file.path).map_err(|error| refused(format!("cannot be read ({error})")))?;
    let found =
        reqwest::Certificate::from_pem_bundle(&text).map_err(|_| refused("holds something that is no certificate".to_owned()))?;
    if found.is_empty() {
        return Err(refused("holds no certificate".to_owned()));
    }
    Ok(found)
}
