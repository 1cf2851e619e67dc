//! Tokens that act for a person: the way to GitHub's page and back, the exchange of what it gives, and the end of it.
//!
//! A person is sent to [`OAuth::authorize`]; GitHub sends him back with a code, which [`OAuth::exchange`] makes into a [`TokenPair`] once.
//! A pair of a GitHub App ends after eight hours and is renewed with its refresh token by [`OAuth::refresh`], which spends both: who asks
//! must see to it that nobody else does, and that the answer is kept. An answer that is lost is [`OAuthError::Unknown`].
//! [`OAuth::client`] speaks to GitHub with a token.
//!
//! Requests go over the [`Connections`] that all clients share, and each proves who the App is, not who the person is. None is sent twice, and
//! their answers are small: they have a shorter time and a lower bound than those of a [`Client`].

mod address;
mod error;
mod http;
mod secrets;
mod standing;
mod tokens;

use std::fmt;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::client::{Client, ClientOptions, Connections};
use super::credential::Credential;
use super::error::GithubError;
use crate::clock::SharedClock;
use crate::config::Hosts;

pub use address::Authorize;
pub use error::{OAuthError, Refusal, Refused};
pub use secrets::{State, Verifier};
pub use tokens::TokenPair;

/// What GitHub knows the App by that people authorise: a GitHub App or an OAuth App.
#[derive(Debug, Clone)]
pub struct OAuthApp {
    /// Its public id.
    pub client_id: String,
    /// What it proves itself with.
    pub client_secret: SecretString,
}

/// Asks GitHub for tokens of people in the name of one App. Clones share connections.
#[derive(Clone)]
pub struct OAuth {
    http: reqwest::Client,
    connections: Connections,
    hosts: Hosts,
    app: OAuthApp,
    clock: SharedClock,
    options: ClientOptions,
}

impl OAuth {
    /// For `app` at `hosts`; nothing is sent yet. `connections` are those of clients with a token.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`](super::ErrorKind::Setup) where the App is not set up, or no certificate authorities are found.
    pub fn new(
        connections: &Connections,
        hosts: Hosts,
        app: OAuthApp,
        clock: SharedClock,
        options: ClientOptions,
    ) -> Result<Self, GithubError> {
        let fits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        // A colon ends the id where both are sent as one.
        if !fits(&app.client_id) || app.client_id.contains(':') || !fits(app.client_secret.expose_secret()) {
            return Err(GithubError::setup(
                "the client id and the client secret of the App are not set up",
                "enter both in GitHub Settings, as the App's page on GitHub shows them",
            ));
        }
        Ok(Self {
            http: connections.to_pages(&hosts, &options)?,
            connections: connections.clone(),
            hosts,
            app,
            clock,
            options,
        })
    }

    /// Public id of the App.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.app.client_id
    }

    /// Where it speaks to.
    #[must_use]
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// The page on which a person sees what he authorised, and can take it back.
    #[must_use]
    pub fn settings_page(&self) -> Url {
        settings_page(&self.hosts.web, &self.app.client_id)
    }

    /// GitHub in the name of whoever `access` belongs to.
    ///
    /// # Errors
    /// Where the text cannot be a token.
    pub fn client(&self, access: &SecretString) -> Result<Client, GithubError> {
        let credential = Credential::Token(access.clone());
        Client::over(
            &self.connections,
            self.hosts.clone(),
            &credential,
            self.clock.clone(),
            self.options,
        )
    }

    /// The page of GitHub below which `segments` lie.
    fn web_url(&self, segments: &[&str]) -> Url {
        below(&self.hosts.web, segments)
    }

    /// An address of the App's own among those of the API.
    fn app_url(&self, what: &str) -> Url {
        below(&self.hosts.api, &["applications", &self.app.client_id, what])
    }

    /// What proves the App: its id and secret.
    fn basic(&self) -> Result<HeaderValue, GithubError> {
        use base64::Engine as _;
        let both = format!("{}:{}", self.app.client_id, self.app.client_secret.expose_secret());
        let text = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(both));
        let mut header = HeaderValue::from_str(&text).map_err(|_| {
            GithubError::setup(
                "the client id and the client secret of the App cannot be sent",
                "enter both in GitHub Settings, as the App's page on GitHub shows them",
            )
        })?;
        header.set_sensitive(true);
        Ok(header)
    }

    /// A request in the App's own name.
    fn as_app(&self, method: reqwest::Method, url: Url) -> Result<reqwest::RequestBuilder, GithubError> {
        Ok(self.http.request(method, url).header(AUTHORIZATION, self.basic()?))
    }
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth")
            .field("client_id", &self.app.client_id)
            .field("web", &self.hosts.web.as_str())
            .finish_non_exhaustive()
    }
}

/// `base` with further segments, each percent-encoded, so that none can become two.
fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The page below `web` on which a person sees what he authorised for the App of that public id, and can take it back.
#[must_use]
pub fn settings_page(web: &Url, client_id: &str) -> Url {
    let mut url = web.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty()
            .extend(["settings", "connections", "applications", client_id]);
    }
    url
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::SystemClock;

    fn of(client_id: &str, secret: &str) -> Result<OAuth, GithubError> {
        let app = OAuthApp {
            client_id: client_id.to_owned(),
            client_secret: secret.into(),
        };
        let hosts = Hosts::of_api("http://127.0.0.1:1").expect("an address");
        OAuth::new(
            &Connections::default(),
            hosts,
            app,
            Arc::new(SystemClock),
            ClientOptions::default(),
        )
    }

    #[test]
    fn an_app_needs_an_id_and_a_secret_and_shows_only_the_id() {
        let oauth = of("Iv23abc", "verySecret").expect("an App");
        let shown = format!("{oauth:?} {:?} {:?}", oauth.app, oauth.basic().expect("a header"));
        assert!(shown.contains("Iv23abc") && !shown.contains("verySecret"), "{shown}");
        assert_eq!(oauth.settings_page().path(), "/settings/connections/applications/Iv23abc");
        for (id, secret) in [("", "x"), ("x", ""), ("a:b", "x"), ("a b", "x"), ("x", "a\nb")] {
            let error = of(id, secret).expect_err("no App").to_string();
            assert!(error.contains("GitHub Settings"), "{error}");
        }
    }
}
