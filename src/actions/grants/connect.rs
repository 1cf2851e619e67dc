//! Somebody connects his own account: to GitHub's page, and back with a code.

use secrecy::SecretString;
use url::Url;

use crate::domain::Person;
use crate::frappe::auth::Caller;
use crate::frappe::desk_path::DeskPath;
use crate::github::OwnAccount;
use crate::github::oauth::{Authorize, TokenPair};
use crate::store::grants::{self, GrantRow, Made, Standing};
use crate::store::{Stamp, readers};

use super::super::linking;
use super::{GrantError, Grants, Purpose, Way, WayError, set_out};

/// How somebody is sent to GitHub.
#[derive(Debug, Clone, Copy)]
pub struct Begin<'a> {
    /// Where GitHub sends him back to: an address of this site that the App is registered with.
    pub redirect_uri: &'a Url,
    /// The place in the desk that he is sent to in the end.
    pub back_to: &'a DeskPath,
    /// Scopes that an OAuth App asks for; a GitHub App asks for none.
    pub scopes: &'a [&'a str],
    /// The account that is most likely his.
    pub login: Option<&'a str>,
    /// He is to choose among his accounts.
    pub chooses_account: bool,
}

/// What came of connecting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// GitHub's number of the account.
    pub github_id: u64,
    /// Its login.
    pub login: String,
    /// Rows of the mirror that name the user now.
    pub rows: u64,
}

impl Grants {
    /// The page of GitHub that `caller` is sent to. The address holds what he comes back with, so that it belongs into no log.
    ///
    /// # Errors
    /// When he has no session, or it cannot be noted.
    pub async fn begin(&self, caller: &Caller, wanted: &Begin<'_>) -> Result<Url, GrantError> {
        let purpose = Purpose::ConnectAccount;
        let (state, verifier) = set_out(&self.site, caller, purpose, wanted.redirect_uri, wanted.back_to).await?;
        Ok(self.oauth.authorize(&Authorize {
            redirect_uri: wanted.redirect_uri,
            state: &state,
            verifier: &verifier,
            scopes: wanted.scopes,
            login: wanted.login,
            chooses_account: wanted.chooses_account,
        }))
    }

    /// Connects who came back on `way` with `code`, and links all rows of the account with him.
    ///
    /// # Errors
    /// When the way was for something else, GitHub does not take the code, or the account is somebody else's. What GitHub gave is then
    /// ended.
    pub async fn connect(&self, way: &Way, code: &SecretString) -> Result<Connected, GrantError> {
        if way.purpose != Purpose::ConnectAccount {
            return Err(WayError::Unknown.into());
        }
        // Before the code is spent. Frappe keeps whole Users in its cache and writes them back.
        let cache = self.site.caches().ping().await;
        cache.map_err(|error| GrantError::NotReady(format!("the User {} cannot be written just now: {error}", way.user)))?;
        let pair = self.oauth.exchange(code, &way.verifier, &way.redirect_uri).await?;
        match self.take_over(way, &pair).await {
            Ok(connected) => Ok(connected),
            Err(error) => {
                self.give_up(&pair.access).await;
                Err(error)
            }
        }
    }

    async fn take_over(&self, way: &Way, pair: &TokenPair) -> Result<Connected, GrantError> {
        let user = way.user.as_str();
        let account = self.oauth.client(&pair.access)?.for_a_person().own_account().await?;
        let grant = self.grant(user, &account, pair)?;
        let before = grants::of_user(self.site.db(), user).await?;
        let stamp = Stamp::now(&self.site, user).await?;
        let is_new = match grants::make(self.site.db(), &stamp, &grant).await? {
            Made::Connected(is_new) => is_new,
            Made::Taken(other) => {
                return Err(GrantError::Taken {
                    login: account.login,
                    other,
                });
            }
            Made::NoUser => return Err(GrantError::Disabled(user.to_owned())),
        };
        if let Some(old) = before.filter(|old| self.is_for_us(old)) {
            self.forget_tokens_of(&old).await;
        }
        let person = Person {
            id: Some(account.id),
            login: account.login,
        };
        // He is connected; what follows is made good by the next sync where it fails.
        let rows = match linking::follow_up(&self.site, &stamp, user, &person, is_new).await {
            Ok(linked) => linked.rows,
            Err(error) => {
                tracing::warn!(site = self.site.name(), error = %error, "rows of a connected account are linked later");
                0
            }
        };
        if let Err(error) = readers::settle(&self.site).await {
            tracing::warn!(site = self.site.name(), error = %error, "who reads what is settled later");
        }
        Ok(Connected {
            github_id: account.id,
            login: person.login,
            rows,
        })
    }

    fn grant(&self, user: &str, account: &OwnAccount, pair: &TokenPair) -> Result<GrantRow, GrantError> {
        Ok(GrantRow {
            user: user.to_owned(),
            github_id: account.id,
            login: account.login.clone(),
            avatar_url: account.avatar_url.clone(),
            client_id: self.oauth.client_id().to_owned(),
            host: self.host(),
            standing: Standing::Active,
            since: self.now(),
            scopes: pair.scopes.join(","),
            is_enabled: true,
            is_himself: true,
            tokens: self.sealed(user, account.id, pair)?,
            rotating_since: None,
        })
    }

    /// Ends the tokens that he was connected with before: nobody has them any more.
    async fn forget_tokens_of(&self, old: &GrantRow) {
        if old.standing != Standing::Active {
            return;
        }
        match self.access(old) {
            Ok(token) => self.give_up(&token.secret).await,
            Err(error) => tracing::debug!(site = self.site.name(), error = %error, "old tokens end by themselves"),
        }
    }
}
