//! The end of the manifest flow: GitHub's code becomes an App with its secrets.

use std::fmt;

use reqwest::Method;
use secrecy::SecretString;
use serde::Deserialize;

use super::super::wire;
use super::tokens::secret;
use crate::domain::GithubApp;
use crate::github::WriteFailure;
use crate::github::client::{Client, WriteRequest};

/// An App that was just made, with what GitHub shows once.
pub struct NewApp {
    /// The App.
    pub app: GithubApp,
    /// What people connect their accounts with, together with the secret.
    pub client_id: String,
    /// The secret for that.
    pub client_secret: SecretString,
    /// What its deliveries are signed with.
    pub webhook_secret: Option<SecretString>,
    /// Its private key, PEM.
    pub key: SecretString,
}

impl fmt::Debug for NewApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApp").field("app", &self.app).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Converted {
    #[serde(flatten)]
    app: wire::App,
    #[serde(deserialize_with = "secret")]
    client_secret: SecretString,
    webhook_secret: Option<String>,
    #[serde(deserialize_with = "secret")]
    pem: SecretString,
}

impl Client {
    /// Makes the App that somebody agreed to; `code` is what GitHub sent him back with. It is good once and for an hour, and proves itself,
    /// so that the client may have the credential of nobody. It is sent once: what it made cannot be asked for again.
    ///
    /// # Errors
    /// [`WriteFailure`]; GitHub answers 404 to a code that is used up, over or none.
    pub async fn convert_manifest(&self, code: &str) -> Result<NewApp, WriteFailure> {
        let url = self.rest_url(&["app-manifests", code, "conversions"], &[]);
        let request = WriteRequest::new(Method::POST, url, None).secret("/app-manifests/.../conversions");
        let answer = self.write(&request).await?;
        let converted: Converted = answer.json().map_err(WriteFailure::Unknown)?;
        let app = GithubApp::from(converted.app);
        Ok(NewApp {
            client_id: app.client_id.clone().unwrap_or_default(),
            app,
            client_secret: converted.client_secret,
            webhook_secret: converted.webhook_secret.map(SecretString::from),
            key: converted.pem,
        })
    }
}
