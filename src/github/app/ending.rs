//! The end of tokens whose App, or whose site, is not served from here any more: GitHub is asked to end them before their hour is over.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Method;
use secrecy::SecretString;

use super::tokens::InstallationTokens;
use crate::github::WriteFailure;
use crate::github::client::{Client, WriteRequest};
use crate::github::error::GithubError;
use crate::github::renewable::{Acting, Pass, Renewable};

/// So long GitHub is asked. What is left then ends by itself within the hour.
const WITHIN: Duration = Duration::from_secs(60);

/// A token that nobody is to use any more, with whom it was asked for by.
pub(super) struct Held {
    pub(super) app: Client,
    pub(super) secret: SecretString,
}

/// A token as it is, which proves itself for the last time.
#[derive(Debug)]
struct Last(SecretString);

impl Renewable for Last {
    fn pass(&self, _now: DateTime<Utc>) -> BoxFuture<'_, Result<Pass, GithubError>> {
        let pass = Pass {
            secret: self.0.clone(),
            number: 0,
        };
        std::future::ready(Ok(pass)).boxed()
    }

    fn refused(&self, _number: u64, _github: DateTime<Utc>, _now: DateTime<Utc>) {}

    fn acting(&self) -> Acting<'_> {
        Acting::App
    }
}

impl InstallationTokens {
    /// Forgets the tokens for `site`, but those of the App with the fingerprint `but`, and has GitHub end them. Nobody waits for that, and it may
    /// fail: a token that GitHub was not told of ends by itself within the hour.
    pub fn end(&self, site: &str, but: Option<&str>) {
        let held: Vec<Held> = {
            let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let mut held = Vec::new();
            entries.retain(|key, entry| {
                let stays = key.site != site || but == Some(key.app.as_str());
                if !stays {
                    held.extend(entry.give_up());
                }
                stays
            });
            held
        };
        let (Some(first), Ok(runtime)) = (held.first(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let budget = first.app.own_budget();
        let site = site.to_owned();
        runtime.spawn(async move {
            let mut count = 0;
            // One after the other: GitHub wants changes a second apart.
            let all = async {
                for one in held {
                    match one.app.within(Arc::clone(&budget), 0).end_token(one.secret).await {
                        Ok(()) => count += 1,
                        Err(error) => tracing::warn!(site, error = %error, "a token was not ended on GitHub; it ends by itself within the hour"),
                    }
                }
            };
            let _out_of_time = tokio::time::timeout(WITHIN, all).await;
            tracing::info!(site, count, "tokens of the GitHub App that nobody uses any more were ended on GitHub");
        });
    }
}

impl Client {
    /// Ends a token of an installation, which proves itself. One that GitHub does not know any more has ended.
    async fn end_token(&self, token: SecretString) -> Result<(), GithubError> {
        let url = self.rest_url(&["installation", "token"], &[]);
        let sent = self
            .proved_by(Arc::new(Last(token)))
            .write(&WriteRequest::new(Method::DELETE, url, None))
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(WriteFailure::NotDone(error) | WriteFailure::Unknown(error)) if matches!(error.status(), Some(401 | 404)) => {
                Ok(())
            }
            Err(WriteFailure::NotDone(error) | WriteFailure::Unknown(error)) => Err(error),
        }
    }
}
