//! People's own connections with GitHub: made, used, renewed and ended. Nothing else sees their tokens.
//!
//! A token is asked for by the [`UserId`] of whoever calls, on one site ([`Grants`] is of one), and comes as a [`UserToken`]. It is renewed when
//! it is about to end: by one process (a lease), noted before GitHub is asked, stored by one statement. Others wait for the end of that.

mod connect;
mod credential;
mod end;
mod error;
mod everybody;
mod renew;
mod turns;
mod way;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

use crate::frappe::auth::UserId;
use crate::frappe::site::Site;
use crate::frappe::vault::{Place, Vault};
use crate::github::oauth::{OAuth, TokenPair};
use crate::github::{Client, GithubError};
use crate::store::grants::{self, GrantRow, SealedPair, Standing};

pub use connect::{Begin, Connected};
pub use credential::GrantCredential;
pub use end::{Disconnected, disconnect_here, end_here_of_people_who_left};
pub use error::GrantError;
pub use everybody::Everybody;
pub use turns::{Patience, Turns};
pub use way::{Purpose, Way, WayError, come_back, set_out};

/// What is sealed of a connection.
const ACCESS: &str = "access token";
const REFRESH: &str = "refresh token";
/// A token that ends so soon is renewed first: whoever asked for it has work to do with it.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// The connections of one site's people, through one App.
#[derive(Debug, Clone)]
pub struct Grants {
    site: Site,
    oauth: OAuth,
    /// This process, as leases name it.
    owner: String,
    turns: Turns,
    patience: Patience,
}

/// A token that acts for one person, and whose it is.
#[derive(Debug, Clone)]
pub struct UserToken {
    secret: SecretString,
    oauth: OAuth,
    pair: u64,
    /// GitHub's number of the account.
    pub github_id: u64,
    /// Its login when it was connected.
    pub login: String,
}

impl UserToken {
    /// GitHub in that person's name.
    ///
    /// # Errors
    /// As [`OAuth::client`].
    pub fn client(&self) -> Result<Client, GithubError> {
        self.oauth.client(&self.secret)
    }
}

impl Grants {
    /// Those of `site`, whose people authorise the App of `oauth`. `owner` names this process; `turns` are what all of them share in it.
    #[must_use]
    pub fn new(site: &Site, oauth: OAuth, owner: impl Into<String>, turns: &Turns) -> Self {
        Self {
            site: site.clone(),
            oauth,
            owner: owner.into(),
            turns: turns.clone(),
            patience: Patience::default(),
        }
    }

    /// Public id of what people authorise.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.oauth.client_id()
    }

    /// The same with another way of waiting for other processes.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The token of `user`, renewed if it has to be.
    ///
    /// # Errors
    /// [`GrantError`], each with what to do; [`GrantError::needs_connecting`] tells whether that is to connect again.
    pub async fn token(&self, user: &UserId) -> Result<UserToken, GrantError> {
        self.token_after(user, None).await
    }

    /// Another token for `user`, because GitHub did not accept `refused` (401): it may have been renewed meanwhile, or taken back.
    ///
    /// # Errors
    /// As [`Self::token`].
    pub async fn token_instead(&self, user: &UserId, refused: &UserToken) -> Result<UserToken, GrantError> {
        self.token_after(user, Some(refused.pair)).await
    }

    async fn token_after(&self, user: &UserId, refused: Option<u64>) -> Result<UserToken, GrantError> {
        let grant = self.usable(user).await?;
        match self.fresh(&grant, refused)? {
            Some(token) => Ok(token),
            None => self.renewed(user, refused).await,
        }
    }

    /// The connection of `user`, if there is something to act with for this App at this GitHub.
    async fn usable(&self, user: &UserId) -> Result<GrantRow, GrantError> {
        let grant = grants::of_user(self.site.db(), user.as_str()).await?;
        let grant = grant.ok_or_else(|| GrantError::NotConnected(user.to_string()))?;
        if !grant.is_enabled {
            return Err(GrantError::Disabled(grant.user));
        }
        if !grant.is_himself {
            return Err(GrantError::NotHe {
                user: grant.user,
                login: grant.login,
            });
        }
        match grant.standing {
            Standing::Revoked => return Err(GrantError::Revoked(grant.user)),
            Standing::Lost => return Err(GrantError::Lost(grant.user)),
            Standing::Active => {}
        }
        if !self.is_for_us(&grant) {
            return Err(GrantError::ForOther {
                user: grant.user,
                bound: grant.host,
                asked: self.host(),
            });
        }
        Ok(grant)
    }

    /// The token of `grant`, where it is good for a while yet and not the one that was refused.
    fn fresh(&self, grant: &GrantRow, refused: Option<u64>) -> Result<Option<UserToken>, GrantError> {
        let enough = self.site.clock().now() + MARGIN;
        let is_fresh = grant.tokens.access_ends_at.is_none_or(|at| enough < at);
        if !is_fresh || refused == Some(grant.tokens.number) {
            return Ok(None);
        }
        self.access(grant).map(Some)
    }

    /// The access token of `grant`, however long it is good for.
    fn access(&self, grant: &GrantRow) -> Result<UserToken, GrantError> {
        let secret = self.opened(grant, ACCESS, grant.tokens.access.as_deref())?;
        Ok(self.user_token(grant, grant.tokens.number, secret))
    }

    fn user_token(&self, grant: &GrantRow, pair: u64, secret: SecretString) -> UserToken {
        UserToken {
            secret,
            oauth: self.oauth.clone(),
            pair,
            github_id: grant.github_id,
            login: grant.login.clone(),
        }
    }

    /// A token was given for one App at one GitHub, and goes nowhere else.
    fn is_for_us(&self, grant: &GrantRow) -> bool {
        grant.host == self.host() && grant.client_id == self.oauth.client_id()
    }

    fn host(&self) -> String {
        self.oauth.hosts().origins()
    }

    fn opened(&self, grant: &GrantRow, purpose: &'static str, sealed: Option<&[u8]>) -> Result<SecretString, GrantError> {
        let lost = || GrantError::Lost(grant.user.clone());
        let vault = Vault::to_open(&self.site, purpose)?;
        let row = row_of(grant.github_id, &grant.host);
        Ok(vault.open(place(&grant.user, purpose, &row), sealed.ok_or_else(lost)?)?)
    }

    /// Tokens as they are kept for `user`, under a number of their own.
    fn sealed(&self, user: &str, github_id: u64, pair: &TokenPair) -> Result<SealedPair, GrantError> {
        let vault = Vault::to_seal(&self.site)?;
        let row = row_of(github_id, &self.host());
        let refresh = pair.refresh.as_ref();
        Ok(SealedPair {
            number: SealedPair::new_number(),
            access: Some(vault.seal(place(user, ACCESS, &row), &pair.access)?),
            access_ends_at: pair.access_ends_at,
            refresh: refresh
                .map(|refresh| vault.seal(place(user, REFRESH, &row), refresh))
                .transpose()?,
            refresh_ends_at: pair.refresh_ends_at,
        })
    }

    fn now(&self) -> DateTime<Utc> {
        self.site.clock().now()
    }

    /// Ends a token that nobody is to use; that it could not be is no reason to fail.
    async fn give_up(&self, access: &SecretString) {
        if let Err(error) = self.oauth.revoke_token(access).await {
            tracing::warn!(site = self.site.name(), error = %error, "a token that is not used was not ended on GitHub");
        }
    }
}

/// What tells the row that a token lies in: the account and the GitHub that it is good for.
fn row_of(github_id: u64, host: &str) -> String {
    format!("{github_id} at {host}")
}

fn place<'a>(user: &'a str, purpose: &'static str, row: &'a str) -> Place<'a> {
    Place { user, purpose, row }
}
