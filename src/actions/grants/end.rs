//! Connections end: because their user says so, or because he left. Here they end at once, whether or not
//! GitHub can be reached.

use url::Url;

use crate::frappe::auth::UserId;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::github::oauth::settings_page;
use crate::store::grants::{self, GrantRow, Standing};

use super::{GrantError, Grants, REFRESH};

/// What came of disconnecting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnected {
    /// Login of the account.
    pub login: String,
    /// Why GitHub still shows the App among what he authorised, as a sentence with what to do; none where it was taken back there, too.
    pub left_on_github: Option<String>,
}

impl Grants {
    /// Disconnects `user`: his tokens are gone here, and what he authorised is taken back on GitHub.
    ///
    /// # Errors
    /// When he is not connected, or the database cannot be written.
    pub async fn disconnect(&self, user: &UserId) -> Result<Disconnected, GrantError> {
        self.end(user.as_str(), None)
            .await?
            .ok_or_else(|| GrantError::NotConnected(user.to_string()))
    }

    /// Ends the connections of users who were disabled or removed, or are not that account any more; gives their names.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn end_of_people_who_left(&self) -> Result<Vec<String>, GrantError> {
        let mut ended = Vec::new();
        for (user, pair) in grants::of_people_who_left(self.site.db()).await? {
            let Some(gone) = self.end(&user, Some(pair)).await? else {
                continue;
            };
            if let Some(why) = gone.left_on_github {
                tracing::warn!(
                    site = self.site.name(),
                    "the connection of somebody who left was ended here alone: {why}"
                );
            }
            ended.push(user);
        }
        Ok(ended)
    }

    pub(super) async fn end(&self, user: &str, pair: Option<u64>) -> Result<Option<Disconnected>, GrantError> {
        let Some(gone) = grants::disconnect(self.site.db(), user, pair).await? else {
            return Ok(None);
        };
        let left_on_github = match self.end_on_github(&gone.0).await {
            Ok(true) => None,
            Ok(false) => Some("GitHub does not know the connection any more".to_owned()),
            Err(error) => Some(error.to_string()),
        };
        let page = self.oauth.settings_page();
        Ok(Some(Disconnected {
            login: gone.0.login,
            left_on_github: left_on_github.map(|why| format!("{why}; if the App is still listed there, revoke it on {page}")),
        }))
    }

    /// Takes back on GitHub what was authorised; false where GitHub does not know it.
    async fn end_on_github(&self, gone: &GrantRow) -> Result<bool, GrantError> {
        if gone.standing != Standing::Active {
            return Ok(false);
        }
        if !self.is_for_us(gone) {
            return Err(GrantError::ForOther {
                user: gone.user.clone(),
                bound: gone.host.clone(),
                asked: self.host(),
            });
        }
        let mut access = self.access(gone)?.secret;
        if gone.tokens.access_ends_at.is_some_and(|at| at <= self.now()) {
            // GitHub knows whose it is by a token that works alone.
            let refresh = self.opened(gone, REFRESH, gone.tokens.refresh.as_deref())?;
            access = self.oauth.refresh(&refresh).await?.access;
        }
        Ok(self.oauth.revoke_grant(&access).await?)
    }
}

/// Disconnects `user` where GitHub cannot be asked, because the App is not stored here any more: his tokens are gone here. `web` is where people
/// open GitHub's pages. None where he was not connected.
///
/// # Errors
/// When the database cannot be written.
pub async fn disconnect_here(site: &Site, user: &UserId, web: &Url) -> Result<Option<Disconnected>, DbError> {
    let gone = grants::disconnect(site.db(), user.as_str(), None).await?;
    Ok(gone.map(|gone| {
        let page = settings_page(web, &gone.0.client_id);
        Disconnected {
            left_on_github: Some(format!(
                "this site cannot tell GitHub of it, because the App that {} authorised cannot be used here any more: revoke it on {page}",
                gone.0.login
            )),
            login: gone.0.login,
        }
    }))
}

/// The same of all who left, of whom nobody is there to be told.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn end_here_of_people_who_left(site: &Site) -> Result<(), DbError> {
    for (user, pair) in grants::of_people_who_left(site.db()).await? {
        if grants::disconnect(site.db(), &user, Some(pair)).await?.is_some() {
            tracing::warn!(
                site = site.name(),
                "a connection was ended here alone: the App that GitHub knows it by is not stored"
            );
        }
    }
    Ok(())
}
