//! A person's token as the credential of a client: renewed as it is used, and none as soon as he took it back.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::frappe::auth::UserId;
use crate::github::{Acting, GithubError, Pass, Renewable};

use super::{GrantError, Grants, UserToken};

/// The connection of one person, for a client.
#[derive(Debug)]
pub struct GrantCredential {
    grants: Grants,
    user: UserId,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The last token that was given out.
    token: UserToken,
    /// GitHub did not accept that one.
    is_refused: bool,
}

impl GrantCredential {
    /// Of `user`, who has `token` now.
    #[must_use]
    pub fn new(grants: Grants, user: UserId, token: UserToken) -> Self {
        let state = State {
            token,
            is_refused: false,
        };
        Self {
            grants,
            user,
            state: Mutex::new(state),
        }
    }

    /// The refused token, if the last one was.
    fn refused_token(&self) -> Option<UserToken> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_refused.then(|| state.token.clone())
    }

    /// Asked each time: what was taken back, or belongs to somebody who left, is not used once more.
    async fn current(&self) -> Result<Pass, GrantError> {
        let token = match self.refused_token() {
            Some(refused) => self.grants.token_instead(&self.user, &refused).await?,
            None => self.grants.token(&self.user).await?,
        };
        let pass = Pass {
            secret: token.secret.clone(),
            number: token.pair,
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // An account that he connected instead has a budget and a name of its own: this client is not for it.
        if token.github_id != state.token.github_id {
            return Err(GrantError::NotConnected(self.user.to_string()));
        }
        *state = State {
            token,
            is_refused: false,
        };
        Ok(pass)
    }
}

impl Renewable for GrantCredential {
    fn pass(&self, _now: DateTime<Utc>) -> BoxFuture<'_, Result<Pass, GithubError>> {
        async move { self.current().await.map_err(GrantError::of_call) }.boxed()
    }

    fn refused(&self, number: u64, _github: DateTime<Utc>, _now: DateTime<Utc>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.token.pair == number {
            state.is_refused = true;
        }
    }

    fn acting(&self) -> Acting<'_> {
        Acting::Person
    }
}
