//! What a site says of our installation, and what that means.

use std::collections::BTreeMap;

use serde::Serialize;

use super::SCHEMA_VERSION;
use super::blueprint::Blueprint;
use super::error::SetupError;
use super::ledger;
use crate::frappe::db::{DbConn, DbError, Refusal};
use crate::frappe::instance::{self, InstanceState};
use crate::frappe::site::Site;
use mysql_async::prelude::FromRow;

const VERSION_KEY: &str = "schema_version";
const FINGERPRINT_KEY: &str = "schema_fingerprint";
const BINARY_KEY: &str = "binary_version";

/// What a finished installation wrote down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// Number of the schema.
    pub schema: u32,
    /// Hash of the files that it was made from.
    pub fingerprint: String,
    /// Version of the program that installed last.
    pub binary: String,
}

/// How a site stands to this program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Nothing of us is there.
    NotInstalled,
    /// Something of us is there, and no finished installation: one was broken off, or a removal was, or it left the data.
    /// `install` does the rest, `uninstall` removes it.
    Remains,
    /// Installed by an older program: `install` brings it up to date.
    Older {
        /// What is there.
        installed: Installed,
    },
    /// Installed by a newer program: this one must not touch it.
    Newer {
        /// What is there.
        installed: Installed,
    },
    /// A copy, or a site that was restored or moved: nothing is done for it until it is adopted.
    Passive {
        /// Why, and what to do; a sentence.
        reason: String,
    },
    /// Ready.
    Current,
}

/// The site's own rows about us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// What a finished installation wrote, if one finished.
    pub(crate) installed: Option<Installed>,
}

impl Stored {
    /// From the rows of `erpnext_github_site`.
    pub(crate) fn of(rows: &BTreeMap<String, String>) -> Self {
        let text = |key: &str| rows.get(key).cloned().unwrap_or_default();
        let schema = rows.get(VERSION_KEY).and_then(|text| text.parse().ok());
        Self {
            installed: schema.map(|schema| Installed {
                schema,
                fingerprint: text(FINGERPRINT_KEY),
                binary: text(BINARY_KEY),
            }),
        }
    }
}

/// What this program writes when an installation is finished.
pub(crate) fn ours() -> Result<Installed, SetupError> {
    Ok(Installed {
        schema: SCHEMA_VERSION,
        fingerprint: Blueprint::embedded()?.fingerprint.clone(),
        binary: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// Writes it down: the last step of an installation.
pub(crate) async fn write(conn: &mut DbConn, installed: &Installed) -> Result<(), DbError> {
    let schema = installed.schema.to_string();
    conn.exec(
        "recording the installed version",
        "INSERT INTO `erpnext_github_site` (k, v) VALUES (?, ?), (?, ?), (?, ?) ON DUPLICATE KEY UPDATE v = VALUES(v)",
        (
            VERSION_KEY,
            schema,
            FINGERPRINT_KEY,
            &installed.fingerprint,
            BINARY_KEY,
            &installed.binary,
        ),
    )
    .await?;
    Ok(())
}

/// Takes it back, the instance id included: the first step of a removal.
pub(crate) async fn erase(conn: &mut DbConn) -> Result<(), DbError> {
    conn.exec("taking the site out of service", "DELETE FROM `erpnext_github_site`", ())
        .await?;
    Ok(())
}

/// What is installed; none when no installation was finished.
///
/// # Errors
/// When the database cannot be read.
pub async fn installed_version(site: &Site) -> Result<Option<Installed>, SetupError> {
    let rows = site
        .db()
        .rows("reading the installed version", "SELECT k, v FROM `erpnext_github_site`", ())
        .await;
    let rows = match rows {
        Err(error) if error.refusal() == Some(Refusal::Missing) => return Ok(None),
        rows => rows?,
    };
    Ok(Stored::of(&rows.into_iter().map(<(String, String)>::from_row).collect()).installed)
}

/// How the site stands to this program.
///
/// # Errors
/// When the database or `site_config.json` cannot be read.
pub async fn state(site: &Site) -> Result<State, SetupError> {
    let Some(installed) = installed_version(site).await? else {
        return Ok(if ledger::exists(&mut site.db().conn().await?).await? {
            State::Remains
        } else {
            State::NotInstalled
        });
    };
    let ours = ours()?;
    if installed.schema > ours.schema {
        return Ok(State::Newer { installed });
    }
    if installed.schema < ours.schema || installed.fingerprint != ours.fingerprint {
        return Ok(State::Older { installed });
    }
    Ok(match instance::state(site).await? {
        InstanceState::Ours => State::Current,
        InstanceState::Passive { reason } => State::Passive { reason },
        InstanceState::NotInstalled => State::Passive {
            reason: format!(
                "site {name} is passive: its database holds no instance id; run `erpnext-github adopt --site {name}`",
                name = site.name()
            ),
        },
    })
}

/// Makes a passive site ours: for a site that was moved or restored, and whose original does not work any more.
///
/// # Errors
/// When nothing is installed, or the database or `site_config.json` cannot be written.
pub async fn adopt(site: &Site) -> Result<Adopted, SetupError> {
    if installed_version(site).await?.is_none() {
        return Err(SetupError::Refused {
            site: site.name().to_owned(),
            reasons: vec!["nothing is installed there to adopt: run `erpnext-github install` first".to_owned()],
        });
    }
    if instance::state(site).await? == InstanceState::Ours {
        return Ok(Adopted::WasOurs);
    }
    instance::adopt(site).await?;
    Ok(Adopted::Now)
}

/// What `adopt` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Adopted {
    /// The site is ours now.
    Now,
    /// It was ours already.
    WasOurs,
}
