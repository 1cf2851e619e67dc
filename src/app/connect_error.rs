//! Why a site cannot be worked on: each sentence says what to do.

use crate::actions::grants::GrantError;
use crate::config::HostError;
use crate::frappe::db::DbError;
use crate::frappe::encryption_key::EncryptionKeyError;
use crate::frappe::secrets::SecretError;
use crate::frappe::vault::VaultError;
use crate::github::GithubError;
use crate::github::app::InvalidAppKey;
use crate::setup::SetupError;

use super::settings::{SettingsError, TOKEN};

/// Why a site cannot be worked on just now; each sentence says what to type.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Not installed, or a copy.
    #[error("{0}")]
    NotServed(String),
    /// Installed by another version of this program.
    #[error("{0}")]
    OtherVersion(String),
    /// Switched off by an administrator.
    #[error("site {0}: the integration is switched off; set `enabled` in GitHub Settings")]
    SwitchedOff(String),
    /// No token is stored.
    #[error("site {site}: no GitHub token is stored; run `erpnext-github settings set {TOKEN} --stdin --site {site}`")]
    NoToken {
        /// Site folder.
        site: String,
    },
    /// The token, or what proves an App, was entered for another GitHub.
    #[error(
        "site {site}: the stored {what} was entered for {bound}, and GitHub is {asked} now; store {article} for {asked} with `erpnext-github settings set {key} --stdin --site {site}`, and the same --github-api-url where it is given as a flag",
        what = if *.key == TOKEN { "token" } else { *.key }, article = if *.key == TOKEN { "a token" } else { "one" }
    )]
    OtherHost {
        /// Site folder.
        site: String,
        /// How `settings` names it.
        key: &'static str,
        /// Where the token was entered for.
        bound: String,
        /// Where it would be sent to.
        asked: String,
    },
    /// The same of a token that is not of GitHub Settings.
    #[error("{what} was entered for {bound}, and GitHub is {asked} now; enter one for {asked}")]
    OtherHostOf {
        /// Whose token.
        what: String,
        /// Where it was entered for.
        bound: String,
        /// Where it would be sent to.
        asked: String,
    },
    /// A Repository or an integration has no token.
    #[error("{0} is not there: enter it again")]
    NoTokenOf(String),
    /// The environment has no such variable.
    #[error(
        "site {site}: `github_token_key` of its site_config.json names {name}, which the environment of this process does not have; set it, or store a token in GitHub Settings"
    )]
    NoVariable {
        /// Site folder.
        site: String,
        /// The variable.
        name: String,
    },
    /// The site works with a GitHub App, and has none.
    #[error(
        "site {0}: no GitHub App is set up; enter its id and its private key in GitHub Settings, or choose another Auth Type there"
    )]
    NoApp(String),
    /// The App is not installed in that account.
    #[error("the GitHub App is not installed in {account}; install it{}", .url.as_ref().map(|url| format!(" at {url}")).unwrap_or_default())]
    NotInstalled {
        /// Login.
        account: String,
        /// Page on which it is installed.
        url: Option<String>,
    },
    /// The App is suspended there.
    #[error("the GitHub App's installation in {account} is suspended; have an owner of the account unsuspend it at {url}")]
    Suspended {
        /// Login.
        account: String,
        /// Page on which that is done.
        url: String,
    },
    /// People cannot connect on this site.
    #[error(
        "site {0}: people cannot connect their accounts, because no client id and client secret of an App are stored; enter both in GitHub Settings"
    )]
    NobodyConnects(String),
    /// The site's state cannot be read.
    #[error("{0}")]
    Setup(Box<SetupError>),
    /// The site's key cannot be used.
    #[error("{0}")]
    Key(#[from] EncryptionKeyError),
    /// A field of GitHub Settings cannot be used.
    #[error("{0}")]
    Settings(#[from] SettingsError),
    /// The stored token cannot be read.
    #[error("{0}")]
    Secret(#[from] SecretError),
    /// An address of GitHub cannot be used.
    #[error("{0}")]
    Host(#[from] HostError),
    /// The database refuses.
    #[error("{0}")]
    Db(#[from] DbError),
    /// No client can be made.
    #[error("{0}")]
    Github(#[from] GithubError),
    /// The App's key cannot be opened.
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// What is stored is no key of an App.
    #[error("{0}")]
    AppKey(#[from] InvalidAppKey),
    /// Nobody's connection can be used.
    #[error("{0}")]
    Grant(Box<GrantError>),
}

impl From<SetupError> for ConnectError {
    fn from(error: SetupError) -> Self {
        Self::Setup(Box::new(error))
    }
}

impl From<GrantError> for ConnectError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Db(error) => Self::Db(error),
            other => Self::Grant(Box::new(other)),
        }
    }
}

impl ConnectError {
    /// True when somebody may have wanted it so; everything else is a fault.
    #[must_use]
    pub fn is_choice(&self) -> bool {
        matches!(self, Self::NotServed(_) | Self::SwitchedOff(_))
    }

    /// True when the App cannot be used in one account, which says nothing of others.
    #[must_use]
    pub(super) fn is_of_one_account(&self) -> bool {
        matches!(self, Self::NotInstalled { .. } | Self::Suspended { .. })
    }

    /// The database's error, if that is what is wrong.
    #[must_use]
    pub fn database(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) | Self::Secret(SecretError::Db(error)) | Self::Settings(SettingsError::Db(error)) => Some(error),
            _ => None,
        }
    }

    /// The same, or this error as it was.
    pub(super) fn into_database(self) -> Result<DbError, Self> {
        match self {
            Self::Db(error) | Self::Secret(SecretError::Db(error)) | Self::Settings(SettingsError::Db(error)) => Ok(error),
            other => Err(other),
        }
    }
}
