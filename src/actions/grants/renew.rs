//! New tokens for those that are about to end. GitHub takes each refresh token once: one process asks, notes that before it does, and stores
//! what comes in one statement.
//!
//! Where the answer got lost, nobody knows at first whether the refresh token is spent. The old access token tells: while it works, nothing
//! was done. Else the refresh token is tried once more. That is harmless: where it is spent, GitHub refuses it, and what it gave for it is lost
//! in any case.

use crate::frappe::auth::UserId;
use crate::github::oauth::{OAuthError, Refusal, TokenPair};
use crate::store::grants::{self, GrantRow};
use crate::store::lease::{self, Lease, Taken};

use super::{GrantError, Grants, REFRESH, UserToken};

impl Grants {
    /// The next token of `user`, from whoever gets it first. Where that takes long, the one that he has, as long as it is good.
    pub(super) async fn renewed(&self, user: &UserId, refused: Option<u64>) -> Result<UserToken, GrantError> {
        match self.in_turn(user, refused).await {
            Err(GrantError::Busy(name)) => {
                let grant = self.usable(user).await?;
                let is_good = grant.tokens.access_ends_at.is_some_and(|at| self.now() < at);
                if is_good && refused != Some(grant.tokens.number) {
                    return self.access(&grant);
                }
                Err(GrantError::Busy(name))
            }
            ended => ended,
        }
    }

    async fn in_turn(&self, user: &UserId, refused: Option<u64>) -> Result<UserToken, GrantError> {
        let busy = || GrantError::Busy(user.to_string());
        let turn = self
            .turns
            .of(self.site.name(), user.as_str(), self.patience.turn())
            .await
            .ok_or_else(busy)?;
        for _ in 0..self.patience.looks() {
            let grant = self.usable(user).await?;
            if let Some(token) = self.fresh(&grant, refused)? {
                return Ok(token);
            }
            if grant.tokens.refresh.is_none() {
                return self.without_refresh(&grant).await;
            }
            match lease::take(self.site.db(), &lease_name(&grant), &self.owner).await? {
                Taken::Ours(lease) => {
                    // A task of its own: what GitHub gives is to be kept, also where the caller hangs up.
                    let (grants, user) = (self.clone(), user.clone());
                    let task = tokio::spawn(async move {
                        let _turn = turn;
                        let token = grants.under_lease(&lease, &user, refused).await;
                        if let Err(error) = lease.release(grants.site.db()).await {
                            tracing::debug!(site = grants.site.name(), error = %error, "a lease ends by itself");
                        }
                        token
                    });
                    return task.await.unwrap_or_else(|_| Err(busy()));
                }
                Taken::Theirs(_) => self.patience.pause().await,
            }
        }
        Err(busy())
    }

    /// The token of a connection that cannot be renewed, as long as GitHub knows it.
    async fn without_refresh(&self, grant: &GrantRow) -> Result<UserToken, GrantError> {
        let token = self.access(grant)?;
        // By GitHub's word, and not by our clock, which may be wrong.
        if self.oauth.check(&token.secret).await? {
            return Ok(token);
        }
        if grant.tokens.access_ends_at.is_some_and(|at| at <= self.now()) {
            return self.lost(grant).await;
        }
        grants::revoke_pair(self.site.db(), &grant.user, grant.tokens.number, self.now()).await?;
        Err(GrantError::Revoked(grant.user.clone()))
    }

    async fn under_lease(&self, lease: &Lease, user: &UserId, refused: Option<u64>) -> Result<UserToken, GrantError> {
        let db = self.site.db();
        let _alive = lease.keep_alive(db);
        // Whoever had the lease before may have done it.
        let grant = self.usable(user).await?;
        if let Some(token) = self.fresh(&grant, refused)? {
            return Ok(token);
        }
        let refresh = self.opened(&grant, REFRESH, grant.tokens.refresh.as_deref())?;
        if !grants::begin_rotation(db, lease, &grant.user, grant.tokens.number, self.now()).await? {
            // Taken back or replaced in this moment: what stands there now counts.
            let grant = self.usable(user).await?;
            return self.access(&grant);
        }
        // Somebody asked before and was never heard of again.
        let mut is_in_doubt = grant.rotating_since.is_some();
        let mut asked = self.oauth.refresh(&refresh).await;
        if let Err(OAuthError::Unknown(error)) = &asked {
            tracing::warn!(site = self.site.name(), error = %error, "GitHub's answer with new tokens got lost");
            // Where that cannot be found out either, the refresh token is tried.
            if let Ok(Some(token)) = self.unchanged(&grant).await {
                return Ok(token);
            }
            is_in_doubt = true;
            asked = self.oauth.refresh(&refresh).await;
        }
        match asked {
            Ok(pair) => self.keep(user, &grant, &pair).await,
            Err(error) if error.refusal() == Some(Refusal::BadRefreshToken) => self.spent(&grant).await,
            // The note stays: whoever asks next has the same doubt.
            Err(error) if is_in_doubt || matches!(error, OAuthError::Unknown(_)) => Err(error.into()),
            Err(error) => self.not_renewed(&grant, error).await,
        }
    }

    /// Stores what GitHub gave, and gives it to whoever asked.
    async fn keep(&self, user: &UserId, grant: &GrantRow, pair: &TokenPair) -> Result<UserToken, GrantError> {
        let sealed = self.sealed(&grant.user, grant.github_id, pair)?;
        let is_kept = grants::renew(self.site.db(), &grant.user, grant.tokens.number, &sealed).await?;
        if is_kept {
            return Ok(self.user_token(grant, sealed.number, pair.access.clone()));
        }
        // Taken back, disconnected or connected anew meanwhile: these are not to be used, and what stands there now counts.
        self.give_up(&pair.access).await;
        let grant = self.usable(user).await?;
        self.access(&grant)
    }

    /// GitHub did nothing: where it was not reached, the old token is good to its end.
    async fn not_renewed(&self, grant: &GrantRow, error: OAuthError) -> Result<UserToken, GrantError> {
        grants::end_rotation(self.site.db(), &grant.user, grant.tokens.number).await?;
        match (&error, grant.tokens.access_ends_at) {
            (OAuthError::NotDone(_), Some(at)) if self.now() < at => self.access(grant),
            _ => Err(error.into()),
        }
    }

    /// The old token where it works still, so that nothing was done; none where GitHub says that it does not.
    async fn unchanged(&self, grant: &GrantRow) -> Result<Option<UserToken>, GrantError> {
        let token = self.access(grant)?;
        let has_ended = grant.tokens.access_ends_at.is_some_and(|at| at <= self.now());
        if has_ended || !self.oauth.check(&token.secret).await? {
            return Ok(None);
        }
        grants::end_rotation(self.site.db(), &grant.user, grant.tokens.number).await?;
        Ok(Some(token))
    }

    /// GitHub does not take the refresh token: the old token to its end, else nothing. Nothing is removed before GitHub says so.
    async fn spent(&self, grant: &GrantRow) -> Result<UserToken, GrantError> {
        match self.unchanged(grant).await? {
            Some(token) => Ok(token),
            None => self.lost(grant).await,
        }
    }

    async fn lost(&self, grant: &GrantRow) -> Result<UserToken, GrantError> {
        grants::lose(self.site.db(), &grant.user, grant.tokens.number, self.now()).await?;
        Err(GrantError::Lost(grant.user.clone()))
    }
}

/// The account is unique on a site, and its number fits where a user's name may not.
fn lease_name(grant: &GrantRow) -> String {
    format!("grant:{}", grant.github_id)
}
