//! Whether a token works still, and its end.

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};

use super::{OAuth, OAuthError, Refused};

/// The media type of GitHub's JSON.
const MEDIA_TYPE: &str = "application/vnd.github+json";

impl OAuth {
    /// True where GitHub knows `access` as a token of this App that works.
    ///
    /// # Errors
    /// [`OAuthError`]; nothing is changed by it in any case.
    pub async fn check(&self, access: &SecretString) -> Result<bool, OAuthError> {
        self.about(Method::POST, "token", access).await
    }

    /// Ends `access` alone; what the person authorised stays. False where GitHub does not know it any more.
    ///
    /// # Errors
    /// [`OAuthError`], which says whether it may have ended all the same.
    pub async fn revoke_token(&self, access: &SecretString) -> Result<bool, OAuthError> {
        self.about(Method::DELETE, "token", access).await
    }

    /// Takes back what the person behind `access` authorised: all his tokens of this App end. False where GitHub does not know the token
    /// any more, so that it cannot tell whose it was.
    ///
    /// # Errors
    /// [`OAuthError`], which says whether it may have been taken back all the same.
    pub async fn revoke_grant(&self, access: &SecretString) -> Result<bool, OAuthError> {
        self.about(Method::DELETE, "grant", access).await
    }

    async fn about(&self, method: Method, what: &str, access: &SecretString) -> Result<bool, OAuthError> {
        let url = self.app_url(what);
        let path = url.path().to_owned();
        let word = if method == Method::POST { "POST" } else { "DELETE" };
        let request = self
            .as_app(method, url)
            .map_err(OAuthError::NotDone)?
            .header(ACCEPT, MEDIA_TYPE)
            .header(CONTENT_TYPE, "application/json")
            .body(serde_json::json!({ "access_token": access.expose_secret() }).to_string());
        match self.send(word, &path, request).await {
            Ok(_) => Ok(true),
            Err(OAuthError::NotDone(error)) => match error.status() {
                // What GitHub does not know has ended; it says so in either way.
                Some(404 | 422) => Ok(false),
                Some(401) => Err(OAuthError::Refused(Refused::new("incorrect_client_credentials"))),
                _ => Err(OAuthError::NotDone(error)),
            },
            Err(error) => Err(error),
        }
    }
}
