//! Whether this site is the one that was installed, or a copy of it.
//!
//! `install` writes the same random id into the database and into the site's own `site_config.json`. A database that was
//! restored or copied elsewhere does not find its id there, and the site stays passive until somebody says `adopt`: a copy
//! must never work with the original's GitHub. The id is no secret.

use std::path::PathBuf;

use mysql_async::prelude::FromRow;
use rand::RngCore;
use serde_json::Value;

use super::db::{Db, DbError, Refusal};
use super::site::Site;
use super::site_config::{SiteConfig, read_object};
use super::site_config_file::{self, SiteFileError};

/// Name of the key in `site_config.json`.
pub const FILE_KEY: &str = "erpnext_github_instance_id";
/// Key of the row in `erpnext_github_site`.
const ROW_KEY: &str = "instance_id";

/// What a site is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstanceState {
    /// The site that was installed: work goes on.
    Ours,
    /// A copy, or a site that was restored or moved: nothing is done for it.
    Passive {
        /// Why, and what to do; a sentence for the operator.
        reason: String,
    },
    /// We are not installed there.
    NotInstalled,
}

/// Why the state cannot be told or set.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// The database.
    #[error("{0}")]
    Db(#[from] DbError),
    /// The file cannot be read.
    #[error("{path}: {reason}; correct the file")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file cannot be written; the database holds the id, so that adding it by hand is all that is left to do.
    #[error(
        "{path} cannot be written ({reason}): add the line \"{FILE_KEY}\": \"{id}\" to it; until then the site stays passive"
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What stands in the way.
        reason: String,
        /// The id to add.
        id: String,
    },
    /// Another process holds the file.
    #[error("{0}")]
    File(SiteFileError),
}

/// A fresh id: 128 random bits as hex.
#[must_use]
pub fn new_id() -> String {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

/// What the site is just now. The file is read afresh, and the site's own only: a common one would make every site ours.
///
/// # Errors
/// When the database or the file cannot be read.
pub async fn state(site: &Site) -> Result<InstanceState, InstanceError> {
    let Some(stored) = stored_id(site.db()).await? else {
        return Ok(InstanceState::NotInstalled);
    };
    let path = site.config().file();
    let written = file_id(site.config())?;
    let found = match written {
        Some(written) if written == stored => return Ok(InstanceState::Ours),
        Some(_) => "holds another one",
        None => "holds none",
    };
    Ok(InstanceState::Passive {
        reason: format!(
            "site {name} is passive: its database has an instance id, but {path} {found} under {FILE_KEY}, so that it was restored, copied or moved; \
             if this site is to work with GitHub (and no other with the same data does), run `erpnext-github adopt --site {name}`",
            name = site.name(),
            path = path.display(),
        ),
    })
}

/// Makes the site ours with a fresh id, in the database first and then in the file, and gives the id. Not meant for a site
/// that is ours already.
///
/// # Errors
/// When the database or the file cannot be written; [`InstanceError::NotWritable`] says what is left to do by hand.
pub async fn adopt(site: &Site) -> Result<String, InstanceError> {
    const WHAT: &str = "storing the instance id";
    let id = new_id();
    site.db()
        .exec(
            WHAT,
            "INSERT INTO erpnext_github_site (k, v) VALUES (?, ?) ON DUPLICATE KEY UPDATE v = VALUES(v)",
            (ROW_KEY, &id),
        )
        .await?;
    let path = site.config().file();
    match site_config_file::set_key(&path, FILE_KEY, &Value::from(id.as_str())) {
        Ok(()) => Ok(id),
        Err(SiteFileError::NotWritable { path, reason }) => Err(InstanceError::NotWritable { path, reason, id }),
        Err(other) => Err(InstanceError::File(other)),
    }
}

/// Takes the id out of the file again.
///
/// # Errors
/// When the file cannot be read or written.
pub fn forget(config: &SiteConfig) -> Result<(), SiteFileError> {
    site_config_file::remove_key(&config.file(), FILE_KEY)
}

async fn stored_id(db: &Db) -> Result<Option<String>, DbError> {
    const WHAT: &str = "reading the instance id";
    let row = match db
        .row(WHAT, "SELECT v FROM erpnext_github_site WHERE k = ?", (ROW_KEY,))
        .await
    {
        Err(error) if error.refusal() == Some(Refusal::Missing) => return Ok(None),
        row => row?,
    };
    let id = row.and_then(|row| <(Option<String>,)>::from_row(row).0);
    Ok(id.filter(|id| !id.is_empty()))
}

fn file_id(config: &SiteConfig) -> Result<Option<String>, InstanceError> {
    let path = config.file();
    match read_object(&path) {
        Ok(values) => Ok(values.get(FILE_KEY).and_then(Value::as_str).map(str::to_owned)),
        Err(error) => Err(InstanceError::Unreadable {
            path,
            reason: error.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_random() {
        let (one, other) = (new_id(), new_id());
        assert_ne!(one, other);
        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
