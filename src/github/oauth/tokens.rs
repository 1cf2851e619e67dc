//! Tokens out of a code, and new tokens out of a refresh token.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::http::Received;
use super::{OAuth, OAuthError, Refused, Verifier};
use crate::github::error::scope_list;

/// What GitHub gives for one person.
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// Acts for him.
    pub access: SecretString,
    /// When that ends, by our clock; none for one that does not.
    pub access_ends_at: Option<DateTime<Utc>>,
    /// Gives the next pair, once.
    pub refresh: Option<SecretString>,
    /// When that ends.
    pub refresh_ends_at: Option<DateTime<Utc>>,
    /// Scopes of an OAuth App's token; a GitHub App's has none.
    pub scopes: Vec<String>,
}

/// GitHub's answer, which is one of success in either case.
#[derive(Deserialize)]
struct Answer {
    error: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u32>,
    refresh_token: Option<String>,
    refresh_token_expires_in: Option<u32>,
    scope: Option<String>,
}

impl OAuth {
    /// The tokens that a code stands for. GitHub takes each code once, within ten minutes, from whoever has its verifier.
    ///
    /// # Errors
    /// [`OAuthError`], which says whether the code may be spent all the same.
    pub async fn exchange(&self, code: &SecretString, verifier: &Verifier, redirect_uri: &Url) -> Result<TokenPair, OAuthError> {
        self.ask(&[
            ("code", code.expose_secret()),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", verifier.secret().expose_secret()),
        ])
        .await
    }

    /// The next tokens. From then on neither `refresh` nor the token that came with it is good for anything.
    ///
    /// # Errors
    /// [`OAuthError`], which says whether it may be spent all the same.
    pub async fn refresh(&self, refresh: &SecretString) -> Result<TokenPair, OAuthError> {
        self.ask(&[("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())])
            .await
    }

    async fn ask(&self, wanted: &[(&str, &str)]) -> Result<TokenPair, OAuthError> {
        let url = self.web_url(&["login", "oauth", "access_token"]);
        let path = url.path().to_owned();
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.app.client_id)
            .append_pair("client_secret", self.app.client_secret.expose_secret())
            .extend_pairs(wanted)
            .finish();
        let request = self
            .http
            .post(url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        // Before it is sent: a token that is taken for older than it is does no harm.
        let now = self.clock.now();
        let mut received = self.send("POST", &path, request).await?;
        let answer = serde_json::from_slice::<Answer>(&received.body);
        received.body.zeroize();
        pair(answer.ok(), now, received)
    }
}

fn pair(answer: Option<Answer>, now: DateTime<Utc>, received: Received) -> Result<TokenPair, OAuthError> {
    let Some(answer) = answer else { return Err(received.odd()) };
    if let Some(word) = answer.error {
        return Err(OAuthError::Refused(Refused::new(&word)));
    }
    let ends = |seconds: Option<u32>| seconds.map(|seconds| now + TimeDelta::seconds(seconds.into()));
    let filled = |token: Option<String>| token.filter(|token| !token.is_empty()).map(SecretString::from);
    let Some(access) = filled(answer.access_token) else {
        return Err(received.odd());
    };
    let refresh = filled(answer.refresh_token);
    Ok(TokenPair {
        access,
        access_ends_at: ends(answer.expires_in),
        refresh_ends_at: ends(answer.refresh_token_expires_in.filter(|_| refresh.is_some())),
        refresh,
        scopes: scope_list(&answer.scope.unwrap_or_default().replace(' ', ",")),
    })
}
