//! By what a site proves itself to GitHub, and whether that is there.

use serde_json::Value;

use crate::domain::SiteWay;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::frappe::site_config::read_object;
use crate::frappe::{secrets, singles};

use super::app_key;
use super::settings::{DOCTYPE, Settings};

/// The field that holds the site's token.
const TOKEN: &str = "personal_access_token";
/// Fields of which one says which App it is.
const ISSUERS: [&str; 2] = ["app_client_id", "app_id"];
/// Key of `site_config.json` that names the variable: what is meant for one site is not another's.
const NAMED: &str = "github_token_key";
/// The variable, where that key is just `true`.
const DEFAULT_NAME: &str = "GITHUB_AUTH_TOKEN";
/// What GitHub Settings say where the site works with its App.
pub const BY_APP: &str = "GitHub App";
/// Names of variables that can hold a token.
pub const PREFIX: &str = "GITHUB_";

/// What a site proves itself by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// How.
    pub way: SiteWay,
    /// It is stored. Whether a process has the variable that is named, it finds out when it uses it.
    pub is_stored: bool,
    /// Integrations that are switched on, each with a credential of its own.
    pub integrations: u64,
}

/// How `site` proves itself: as Auth Type says, and where no token is stored by the variable that the site's own configuration names.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_site(site: &Site) -> Result<SiteWay, DbError> {
    if Settings::read(site.db()).await?.auth_type == BY_APP {
        return Ok(SiteWay::App);
    }
    let Some(name) = variable(site) else {
        return Ok(SiteWay::Token);
    };
    let is_stored = secrets::is_single_set(&mut site.db().conn().await?, DOCTYPE, TOKEN).await?;
    Ok(if is_stored {
        SiteWay::Token
    } else {
        SiteWay::Environment(name)
    })
}

/// The same, and whether it is there.
///
/// # Errors
/// When the database cannot be read.
pub async fn proof(site: &Site) -> Result<Proof, DbError> {
    let way = of_site(site).await?;
    let is_stored = match &way {
        SiteWay::Token => secrets::is_single_set(&mut site.db().conn().await?, DOCTYPE, TOKEN).await?,
        SiteWay::App => is_app_stored(site).await?,
        SiteWay::Environment(_) => true,
    };
    let sql = "SELECT CAST(COUNT(*) AS UNSIGNED) FROM `tabGitHub Integration` WHERE enabled = 1";
    let row = site.db().row("counting integrations", sql, ()).await?;
    Ok(Proof {
        way,
        is_stored,
        integrations: row.and_then(|mut row| row.take::<u64, _>(0)).unwrap_or_default(),
    })
}

async fn is_app_stored(site: &Site) -> Result<bool, DbError> {
    let mut is_named = false;
    for field in ISSUERS {
        let id = singles::read_field(site.db(), DOCTYPE, field).await?;
        is_named |= id.is_some_and(|id| !id.trim().is_empty());
    }
    Ok(is_named && app_key::is_any(&mut site.db().conn().await?).await?)
}

/// The variable that the site's own configuration names, if it is one that may hold a token.
#[must_use]
pub fn variable(site: &Site) -> Option<String> {
    // The file of this site alone: what all sites of a bench share names nothing.
    let own = read_object(&site.config().file()).ok()?;
    let name = match own.get(NAMED)? {
        Value::String(name) => name.clone(),
        Value::Bool(true) => DEFAULT_NAME.to_owned(),
        _ => return None,
    };
    name.starts_with(PREFIX).then_some(name)
}
