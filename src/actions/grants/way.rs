//! The way to GitHub and back: who comes back must be who set out, in the same session, once, in time ([`Purpose::lasts`]).

use chrono::TimeDelta;
use url::Url;

use crate::frappe::auth::{Caller, UserId};
use crate::frappe::db::DbError;
use crate::frappe::desk_path::DeskPath;
use crate::frappe::site::Site;
use crate::frappe::vault::{Place, Vault, VaultError};
use crate::github::oauth::{State, Verifier};
use crate::store::oauth_states::{self, NewState};

/// What is sealed of a way.
const VERIFIER: &str = "code verifier";
/// What is signed of it.
const STATE: &str = "state";

/// What somebody goes to GitHub for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// He connects his own account.
    ConnectAccount,
    /// He installs the App.
    InstallApp,
    /// He makes the App.
    RegisterApp,
}

impl Purpose {
    const ALL: [Self; 3] = [Self::ConnectAccount, Self::InstallApp, Self::RegisterApp];

    /// How long somebody may be away: as long as GitHub's code is good that he comes back with. One for an account is good for ten minutes, one
    /// for an App that was made from a manifest for an hour.
    #[must_use]
    pub fn lasts(self) -> TimeDelta {
        match self {
            Self::ConnectAccount | Self::InstallApp => TimeDelta::minutes(10),
            Self::RegisterApp => TimeDelta::hours(1),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::ConnectAccount => "connect",
            Self::InstallApp => "install",
            Self::RegisterApp => "register",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// A way that somebody came back on. It can be had once, by who set out.
#[derive(Debug)]
pub struct Way {
    /// Who.
    pub user: UserId,
    /// What for.
    pub purpose: Purpose,
    /// The place in the desk that he is sent to in the end.
    pub back_to: DeskPath,
    /// Where GitHub sent him.
    pub(super) redirect_uri: Url,
    pub(super) verifier: Verifier,
}

/// Why somebody does not come back on a way.
#[derive(Debug, thiserror::Error)]
pub enum WayError {
    /// He calls with a key, or did not sign in.
    #[error("only who is signed in at this site in a browser can be sent to GitHub and back: sign in first")]
    NoSession,
    /// Nobody set out with it, or somebody came back on it already.
    #[error("this link back from GitHub was used already, or did not begin here: begin again in the desk")]
    Unknown,
    /// Somebody else set out, or he did in another session.
    #[error("this link back from GitHub belongs to another user or session of this site: begin again in the desk")]
    OtherPerson,
    /// It took too long.
    #[error("this link back from GitHub has ended, because it took too long: begin again in the desk")]
    Ended,
    /// What was sealed cannot be opened.
    #[error("{0}{hint}", hint = if matches!(.0, VaultError::DoesNotOpen(_)) { ": begin again in the desk" } else { "" })]
    Sealed(#[from] VaultError),
    /// The database.
    #[error("{0}")]
    Db(#[from] DbError),
}

impl WayError {
    /// True where it kept us from looking for the way: that is as good as it was.
    #[must_use]
    pub fn leaves_way(&self) -> bool {
        match self {
            Self::NoSession | Self::Db(_) => true,
            // What is sealed was found, which uses it up.
            Self::Sealed(error) => !matches!(error, VaultError::DoesNotOpen(_)),
            Self::Unknown | Self::OtherPerson | Self::Ended => false,
        }
    }
}

/// Notes that `caller` goes to GitHub for `purpose`, is sent back to `redirect_uri` and in the end to `back_to`.
///
/// # Errors
/// When he has no session, or it cannot be noted.
pub async fn set_out(
    site: &Site,
    caller: &Caller,
    purpose: Purpose,
    redirect_uri: &Url,
    back_to: &DeskPath,
) -> Result<(State, Verifier), WayError> {
    let (Some(user), Some(session)) = (caller.user_id(), caller.session_mark()) else {
        return Err(WayError::NoSession);
    };
    let vault = Vault::to_seal(site)?;
    let (state, verifier) = (State::random(|text| vault.sign(STATE, text)), Verifier::random());
    let hash = state.hash();
    let sealed = vault.seal(place(user.as_str(), &hash), verifier.secret())?;
    let new = NewState {
        state_hash: &hash,
        user: user.as_str(),
        session_hash: session.as_str(),
        purpose: purpose.as_str(),
        back_to: back_to.as_str(),
        redirect_uri: redirect_uri.as_str(),
        verifier: &sealed,
        lasts: purpose.lasts(),
    };
    oauth_states::begin(site.db(), &new, site.clock().now()).await?;
    Ok((state, verifier))
}

/// The way on which `caller` comes back with `state`. It is used up, whatever is wrong with it.
///
/// # Errors
/// When he did not set out on it, came back on it before, or too late.
pub async fn come_back(site: &Site, caller: &Caller, state: &str) -> Result<Way, WayError> {
    let (Some(user), Some(session)) = (caller.user_id(), caller.session_mark()) else {
        return Err(WayError::NoSession);
    };
    // What this site did not sign costs no look into the database.
    let vault = match Vault::to_open(site, VERIFIER) {
        Err(VaultError::NoKey(_)) => return Err(WayError::Unknown),
        vault => vault?,
    };
    let state = State::parse(state, |text, signature| vault.is_signed(STATE, text, signature));
    let hash = state.ok_or(WayError::Unknown)?.hash();
    let found = oauth_states::take(site.db(), &hash).await?.ok_or(WayError::Unknown)?;
    if found.user != user.as_str() || found.session_hash != session.as_str() {
        return Err(WayError::OtherPerson);
    }
    if found.ends_at <= site.clock().now() {
        return Err(WayError::Ended);
    }
    let verifier = vault.open(place(user.as_str(), &hash), &found.verifier)?;
    // What we wrote ourselves reads; what somebody else wrote is no way.
    let purpose = Purpose::of(&found.purpose).ok_or(WayError::Unknown)?;
    let redirect_uri = Url::parse(&found.redirect_uri).map_err(|_| WayError::Unknown)?;
    Ok(Way {
        user,
        purpose,
        back_to: DeskPath::parse(&found.back_to).unwrap_or_default(),
        redirect_uri,
        verifier: Verifier::kept(verifier),
    })
}

fn place<'a>(user: &'a str, hash: &'a str) -> Place<'a> {
    Place {
        user,
        purpose: VERIFIER,
        row: hash,
    }
}
