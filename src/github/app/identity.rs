//! Who a GitHub App is to GitHub: its id and its key.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use url::Url;

use super::jwt::Jwt;
use super::key::AppKey;
use crate::github::Credential;
use crate::github::error::{ErrorKind, GithubError};
use crate::github::renewable::{Acting, Pass, Renewable};

/// Clocks that are no further apart than this are the same: GitHub tells its time in whole seconds, and answers take some.
const APART: TimeDelta = TimeDelta::seconds(30);

/// A GitHub App at one GitHub. Its token is signed here, kept while it is good, and made by GitHub's clock where ours is off.
pub struct AppIdentity {
    issuer: String,
    slug: Option<String>,
    key: AppKey,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    jwt: Option<Jwt>,
    /// How many were made.
    made: u64,
    /// How far GitHub's clock is ahead of ours, as far as it is known to be.
    ahead: TimeDelta,
}

impl AppIdentity {
    /// The App that GitHub knows as `issuer`: its client id, or its numeric id where the server knows no other. `slug` is its name in
    /// addresses, for links.
    #[must_use]
    pub fn new(issuer: impl Into<String>, slug: Option<String>, key: AppKey) -> Arc<Self> {
        Arc::new(Self {
            issuer: issuer.into(),
            slug,
            key,
            state: Mutex::default(),
        })
    }

    /// The credential of the App itself, for what it asks about itself.
    #[must_use]
    pub fn credential(self: &Arc<Self>) -> Credential {
        Credential::Renewable(Arc::clone(self) as Arc<dyn Renewable>)
    }

    /// Tells the App and its key from others, and nothing else of them: what its budget is known by.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("app {} {}", self.issuer, self.key.fingerprint())
    }

    /// The page on which somebody installs it, at the GitHub whose pages are at `web`.
    #[must_use]
    pub fn install_page(&self, web: &Url) -> Option<String> {
        let page = web.join(&format!("apps/{}/installations/new", self.slug.as_deref()?)).ok()?;
        Some(page.into())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signed(&self, now: DateTime<Utc>) -> Result<Pass, GithubError> {
        let mut state = self.state();
        let github = now + state.ahead;
        let jwt = match state.jwt.take() {
            Some(jwt) if jwt.is_fresh(github) => jwt,
            _ => {
                state.made += 1;
                let failed = |reason| GithubError::setup(reason, "report this: the App's key was checked before");
                Jwt::sign(&self.issuer, &self.key, github).map_err(failed)?
            }
        };
        let pass = Pass {
            secret: jwt.secret.clone(),
            number: state.made,
        };
        state.jwt = Some(jwt);
        Ok(pass)
    }
}

impl Renewable for AppIdentity {
    fn pass(&self, now: DateTime<Utc>) -> BoxFuture<'_, Result<Pass, GithubError>> {
        std::future::ready(self.signed(now)).boxed()
    }

    fn refused(&self, number: u64, github: DateTime<Utc>, now: DateTime<Utc>) {
        let mut state = self.state();
        if state.made != number {
            return;
        }
        state.jwt = None;
        let ahead = github - now;
        state.ahead = if ahead.abs() > APART { ahead } else { TimeDelta::zero() };
        if !state.ahead.is_zero() {
            let seconds = state.ahead.num_seconds();
            tracing::warn!("GitHub's clock is {seconds} s ahead of this machine's; the App's tokens are made by GitHub's");
        }
    }

    fn explained(&self, error: GithubError) -> GithubError {
        let is_unknown = error
            .message()
            .is_some_and(|message| message.starts_with("Integration not found"));
        if is_unknown || matches!(error.kind(), ErrorKind::Unauthorized) {
            return error.told_as(ErrorKind::AppRefused);
        }
        error
    }

    fn acting(&self) -> Acting<'_> {
        Acting::App
    }
}

impl fmt::Debug for AppIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppIdentity")
            .field("issuer", &self.issuer)
            .field("slug", &self.slug)
            .finish_non_exhaustive()
    }
}
