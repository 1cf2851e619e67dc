//! Who is calling, from Frappe's own records: the `sid` session or the `Authorization` header.
//!
//! The tables are enough for all of Frappe's own ways to sign in, and answer while the bench is down. What only Python can
//! decide (an unknown scheme, a session in a form that we do not know) is [`AuthError::NotUnderstood`], for which the bench
//! itself can be asked.

mod account;
mod again;
mod at_bench;
mod header;
mod python_repr;
mod session;
mod session_data;
mod user_id;

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq as _;

use super::db::DbError;
use super::encryption_key::EncryptionKeyError;
use super::secrets::SecretError;
use super::site::Site;
use super::version::VersionError;

pub use again::again;
pub use at_bench::{Forgery, identify_or_ask};
pub use user_id::{SessionMark, UserId};

/// The user who everybody is that did not sign in.
pub const GUEST: &str = "Guest";
/// The user who may do everything.
pub const ADMINISTRATOR: &str = "Administrator";

/// What a request brought along to show who sends it.
#[derive(Debug, Default)]
pub struct Presented {
    /// The `sid` cookie or form field.
    pub sid: Option<SecretString>,
    /// The `Authorization` header.
    pub authorization: Option<SecretString>,
    /// The `Frappe-Authorization-Source` header: a DocType other than User whose keys are meant.
    pub source: Option<String>,
    /// Where it comes from, behind trusted proxies.
    pub address: Option<IpAddr>,
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The key, token or its user is not valid.
    #[error("the API key or token is not valid: make a new one in the user's settings")]
    Refused,
    /// The user is restricted to other addresses.
    #[error("access is not allowed from this IP address: an administrator can change it in the User's `Restrict IP`")]
    Address,
    /// The write did not come with the session's token.
    #[error("Invalid Request: this page is out of date; reload it and try again")]
    CsrfToken,
    /// Only the bench itself can tell.
    #[error("only the bench can tell who this is, and it does not answer: log in again, or use an API key")]
    NotUnderstood,
    /// The database cannot be read.
    #[error("{0}")]
    Db(#[from] DbError),
    /// The site's version cannot be read.
    #[error("{0}")]
    Version(#[from] VersionError),
    /// The site's key cannot be read.
    #[error("{0}")]
    Key(#[from] EncryptionKeyError),
    /// A stored secret cannot be read.
    #[error("{0}")]
    Secret(#[from] SecretError),
}

/// How somebody showed who he is; kept so that the bench can be called in his name.
#[derive(Debug, Clone)]
pub enum Means {
    /// Not at all.
    None,
    /// A browser's session.
    Session {
        /// Its secret id.
        sid: SecretString,
        /// What writes must bring along; none before the desk was first loaded.
        csrf_token: Option<SecretString>,
    },
    /// An `Authorization` header, as it came.
    Authorization {
        /// The header.
        header: SecretString,
        /// The `Frappe-Authorization-Source` beside it.
        source: Option<String>,
    },
}

/// Somebody who calls.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Name of his User document; `Guest` for nobody in particular.
    pub user: String,
    /// True for a System User, who may open the desk; website users may not.
    pub desk: bool,
    /// How he showed it.
    pub means: Means,
    /// Where he calls from, behind trusted proxies.
    pub address: Option<IpAddr>,
    /// True when he showed a session that is over: the desk then asks him to log in again.
    pub session_expired: bool,
}

impl Caller {
    /// Nobody in particular.
    #[must_use]
    pub fn guest() -> Self {
        Self {
            user: GUEST.to_owned(),
            desk: false,
            means: Means::None,
            address: None,
            session_expired: false,
        }
    }

    /// True for nobody in particular.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.user == GUEST
    }

    /// Whether a write may be taken with this token, as Frappe checks it: a session that has one must bring it along; a
    /// header cannot be sent by a strange page, so that it needs none.
    #[must_use]
    pub fn csrf_holds(&self, brought: Option<&str>) -> bool {
        match &self.means {
            Means::Session {
                csrf_token: Some(token), ..
            } => brought.is_some_and(|brought| bool::from(brought.as_bytes().ct_eq(token.expose_secret().as_bytes()))),
            _ => true,
        }
    }
}

/// Finds out who calls. The header goes over the session, as in Frappe.
///
/// # Errors
/// When a header was brought that proves nobody, when the user may not come from there, or when the records cannot be read.
pub async fn identify(site: &Site, presented: &Presented) -> Result<Caller, AuthError> {
    if let Some(header) = &presented.authorization
        && let Some(user) = by_header(site, header, presented.source.as_deref()).await?
    {
        let account = account::enabled(site.db(), &user).await?.ok_or(AuthError::Refused)?;
        account.require_address(site.db(), presented.address).await?;
        return Ok(Caller {
            user: account.user,
            desk: account.desk,
            means: Means::Authorization {
                header: header.clone(),
                source: presented.source.clone(),
            },
            address: presented.address,
            session_expired: false,
        });
    }
    let Some(sid) = presented
        .sid
        .as_ref()
        .filter(|sid| !matches!(sid.expose_secret(), "" | GUEST))
    else {
        return Ok(Caller::guest());
    };
    let expired = Caller {
        session_expired: true,
        ..Caller::guest()
    };
    let Some(live) = session::look_up(site, sid).await? else {
        return Ok(expired);
    };
    let Some(account) = live.account else {
        return Ok(expired);
    };
    account.require_address(site.db(), presented.address).await?;
    Ok(Caller {
        desk: account.desk,
        means: Means::Session {
            sid: sid.clone(),
            csrf_token: live.csrf_token,
        },
        address: presented.address,
        session_expired: false,
        user: account.user,
    })
}

/// Whether the newest session of the site is in a form that we read; none where there is no session at all.
///
/// # Errors
/// When the records cannot be read.
pub async fn reads_newest_session(site: &Site) -> Result<Option<bool>, AuthError> {
    let Some(sid) = session::newest(site).await? else {
        return Ok(None);
    };
    match session::look_up(site, &sid).await {
        Ok(_live_or_over) => Ok(Some(true)),
        Err(AuthError::NotUnderstood) => Ok(Some(false)),
        Err(error) => Err(error),
    }
}

/// The user that a header proves; none for a header that Frappe passes over.
async fn by_header(site: &Site, header: &SecretString, source: Option<&str>) -> Result<Option<String>, AuthError> {
    let user = match header::claim(header.expose_secret()) {
        header::Claim::None => return Ok(None),
        header::Claim::Other => return Err(AuthError::NotUnderstood),
        header::Claim::Key { .. } if source.is_some_and(|source| source != "User") => return Err(AuthError::NotUnderstood),
        header::Claim::Key { key, secret } => header::user_of_key(site, &key, &secret).await?,
        header::Claim::Bearer(token) => header::user_of_bearer(site, &token).await?,
    };
    user.map(Some).ok_or(AuthError::Refused)
}
