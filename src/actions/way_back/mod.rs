//! What becomes of people whom GitHub sends back: one [`End`] for each page. Nothing here is a page; `api/pages` writes them.
//!
//! Who comes back must be who set out, in the same session, once ([`come_back`]); an installation is shown to whose it is. Where somebody is sent
//! on is a place in this site's desk ([`DeskPath`]), and never what an address says.

mod account;
mod app;
mod setup;

use std::sync::atomic::{AtomicBool, Ordering};

use secrecy::{ExposeSecret as _, SecretString};

use crate::frappe::auth::{Caller, Means};
use crate::frappe::desk_path::DeskPath;
use crate::frappe::permissions::Roles;
use crate::frappe::site::Site;
use crate::github::oauth::Refused;

use super::grants::{GrantError, Purpose, Way, WayError, come_back};
use super::rights::Rights;
use super::switched_on::why_off;
use super::{ActionError, Services};

/// A page that GitHub sends people to, or that they open themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// How far the last installation is.
    Index,
    /// After the App was authorised, or not.
    Callback,
    /// After the App was installed, or an installation changed.
    Setup,
    /// After an App was made from our manifest.
    AppCreated,
}

/// What an address brought along. Secrets that GitHub gives by it are used up at once.
#[derive(Debug, Default)]
pub struct Brought {
    /// What shows that somebody set out.
    pub state: Option<String>,
    /// What GitHub gave.
    pub code: Option<SecretString>,
    /// GitHub's word for why there is none.
    pub error: Option<String>,
    /// GitHub's number of the installation, as it was written.
    pub installation_id: Option<String>,
    /// `install`, `update` or `request`.
    pub setup_action: Option<String>,
}

impl Brought {
    /// Whether GitHub says that it is about an installation.
    fn is_of_installation(&self) -> bool {
        self.installation_id.is_some() || self.setup_action.is_some()
    }
}

/// How it ended, as far as the person is concerned.
#[derive(Debug)]
pub enum End {
    /// Nobody is signed in.
    SignIn,
    /// Who is signed in may not use the desk.
    NotForYou,
    /// The account is connected.
    Connected {
        /// User of the site.
        user: String,
        /// Login of the account.
        login: String,
        /// Scopes that GitHub was asked for; none for a GitHub App, which has permissions.
        scopes: &'static [&'static str],
        /// Where he goes on.
        at: DeskPath,
    },
    /// An App was made and is stored.
    AppMade {
        /// Its name.
        name: String,
        /// Where he goes on.
        at: DeskPath,
    },
    /// The installation is there, and used.
    Done {
        /// Login of the account.
        account: String,
        /// The Project that it belongs to, if it belongs to one.
        project: Option<String>,
        /// Where he goes on.
        at: DeskPath,
        /// It is for all repositories, and belongs to no Project: none is followed by itself.
        is_for_all: bool,
        /// Why what is picked there does not reach the Project.
        lacks: Option<String>,
        /// An owner is to accept permissions: on this page of GitHub.
        accept: Option<String>,
    },
    /// GitHub has not told of it yet, or it is being read.
    Waiting {
        /// GitHub's number, where it is known.
        id: Option<u64>,
        /// Login of the account where GitHub told of it; it is being read then.
        read_in: Option<String>,
        /// What a write must bring along.
        csrf_token: SecretString,
    },
    /// A Project is to be chosen.
    ChooseProject {
        /// Name of the row.
        installation: String,
        /// GitHub's number.
        id: Option<u64>,
        /// Login of the account.
        account: String,
        /// Those that he may choose: name and title.
        projects: Vec<(String, String)>,
        /// What a write must bring along.
        csrf_token: SecretString,
    },
    /// It is for all repositories, of which none is followed by itself: those of the Project are to be chosen.
    ChooseRepositories {
        /// Name of the row.
        installation: String,
        /// GitHub's number.
        id: Option<u64>,
        /// Login of the account.
        account: String,
        /// The Project.
        project: String,
        /// Those that GitHub shows to him: number and name.
        repositories: Vec<(String, String)>,
        /// Why there are none, if there is a reason.
        problem: Option<String>,
        /// Where he goes on.
        at: DeskPath,
        /// What a write must bring along.
        csrf_token: SecretString,
    },
    /// An owner of the account was asked to install it.
    Requested,
    /// An owner of the account suspended it.
    Suspended {
        /// Login of the account.
        account: String,
        /// The page of GitHub that mends it.
        url: String,
        /// GitHub's number, where it is known.
        id: Option<u64>,
        /// What a write must bring along.
        csrf_token: SecretString,
    },
    /// It was uninstalled.
    Deleted {
        /// Login of the account.
        account: String,
    },
    /// Nobody's: whoever installed it is nobody here, or its row was deleted here and GitHub has it still.
    Unmatched {
        /// Login of the account.
        account: String,
        /// Its row was deleted.
        is_given_up: bool,
        /// The caller's own form, on which he connects.
        at: DeskPath,
        /// GitHub's number.
        id: Option<u64>,
        /// What a write must bring along.
        csrf_token: SecretString,
    },
    /// It cannot be read.
    Failed {
        /// Login of the account.
        account: String,
        /// Why.
        reason: String,
        /// GitHub's number, where it is known.
        id: Option<u64>,
        /// What a write must bring along.
        csrf_token: SecretString,
    },
    /// GitHub did not say which installation.
    MissingInstallation,
    /// There is none of that number.
    NoSuchInstallation,
    /// It is somebody else's.
    NotYours,
    /// He installed nothing.
    Nothing,
    /// It was not connected, installed or made, for this reason.
    Refused {
        /// What was not done.
        what: &'static str,
        /// One sentence with what to do.
        reason: String,
    },
    /// The way back was used already, or did not begin here.
    StateUsed,
    /// It belongs to another user or session.
    StateOfOther,
    /// It took too long.
    StateEnded,
    /// The way back took too long, or was used already, and the installation that it was for is there: how that is.
    Late {
        /// It took too long; else it was used.
        has_ended: bool,
        /// How the installation is.
        then: Box<End>,
    },
    /// GitHub gave a code for an App that it had made, and nothing of that App is kept here.
    AppLeft {
        /// Why.
        why: Box<End>,
        /// GitHub's list of his Apps.
        apps: String,
    },
    /// An administrator switched the integration off: what for, as a sentence.
    SwitchedOff(&'static str),
    /// Something is out of order here.
    Broken {
        /// What, and what to do.
        reason: String,
        /// Nothing was used up: the same address is as good as it was.
        is_good: bool,
    },
}

/// Somebody who came back.
struct Guest<'a> {
    services: &'a dyn Services,
    site: &'a Site,
    caller: &'a Caller,
    /// The way that he came back on is used up.
    has_used: AtomicBool,
}

/// What becomes of `caller`, who opened `page`.
pub async fn arrive(services: &dyn Services, site: &Site, caller: &Caller, page: Page, brought: &Brought) -> End {
    if caller.is_guest() {
        return End::SignIn;
    }
    if !caller.desk {
        return End::NotForYou;
    }
    let guest = Guest {
        services,
        site,
        caller,
        has_used: AtomicBool::new(false),
    };
    let came = guest.come(page, brought).await;
    let is_good = !guest.has_used.load(Ordering::Relaxed);
    came.unwrap_or_else(|error| End::broken(&error, is_good))
}

impl End {
    /// The end of whom `error` stopped; `is_good` where nothing was used up.
    #[must_use]
    pub fn broken(error: &ActionError, is_good: bool) -> Self {
        let reason = if error.database().is_some() {
            tracing::warn!(error = %error, "the database failed a page");
            "the site's database does not answer just now: try again in a moment".to_owned()
        } else {
            error.to_string()
        };
        Self::Broken { reason, is_good }
    }
}

impl Guest<'_> {
    async fn come(&self, page: Page, brought: &Brought) -> Result<End, ActionError> {
        // Where nothing is stored yet nothing is switched on: an App that was made is what switches it on.
        if page != Page::AppCreated
            && let Some(off) = why_off(self.site).await?
        {
            return Ok(End::SwitchedOff(off));
        }
        match page {
            Page::Callback => self.with_account(brought).await,
            Page::Setup => self.with_installation(brought).await,
            Page::AppCreated => self.with_app(brought).await,
            Page::Index => self.look(brought).await,
        }
    }

    /// The way that he comes back on, whatever for; else the page that says what is wrong with it.
    async fn any_way(&self, brought: &Brought) -> Result<Result<Way, End>, ActionError> {
        let state = brought.state.as_deref().unwrap_or_default();
        let came = come_back(self.site, self.caller, state).await;
        let is_good = came.as_ref().is_err_and(WayError::leaves_way);
        self.has_used.store(!is_good, Ordering::Relaxed);
        Ok(match came {
            Ok(way) => Ok(way),
            Err(error) => Err(lost(error)?),
        })
    }

    /// The same, if it is for `purpose`.
    async fn way(&self, brought: &Brought, purpose: Purpose) -> Result<Result<Way, End>, ActionError> {
        Ok(match self.any_way(brought).await? {
            Ok(way) if way.purpose == purpose => Ok(way),
            Ok(_) => Err(End::StateUsed),
            Err(end) => Err(end),
        })
    }

    async fn roles(&self) -> Result<Roles, ActionError> {
        Ok(Roles::read(self.site.db(), &self.caller.user, self.caller.desk).await?)
    }

    fn rights<'r>(&'r self, roles: &'r Roles) -> Rights<'r> {
        Rights {
            site: self.site,
            caller: self.caller,
            roles,
        }
    }

    /// What a write of his page brings along.
    fn csrf_token(&self) -> SecretString {
        match &self.caller.means {
            Means::Session {
                csrf_token: Some(token), ..
            } => SecretString::from(token.expose_secret().to_owned()),
            _ => SecretString::from(String::new()),
        }
    }
}

/// The page that says why somebody is not on his way.
fn lost(error: WayError) -> Result<End, ActionError> {
    Ok(match error {
        WayError::NoSession => End::SignIn,
        WayError::Unknown => End::StateUsed,
        WayError::OtherPerson => End::StateOfOther,
        WayError::Ended => End::StateEnded,
        WayError::Db(error) => return Err(error.into()),
        WayError::Sealed(_) => return Err(GrantError::from(error).into()),
    })
}

/// GitHub's word for why nothing was given, in words of ours.
fn refused(what: &'static str, word: &str) -> End {
    End::Refused {
        what,
        reason: Refused::new(word).to_string(),
    }
}
