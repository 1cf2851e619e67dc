//! The webhook of the site's GitHub App: GitHub has one for each App, which is made with it and not kept right from here.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::frappe::{secrets, singles};
use crate::store::settings::DOCTYPE;
use crate::store::{app_key, hooks};

/// Fields of GitHub Settings that say which App it is, in the order in which it proves itself by them.
const ISSUERS: [&str; 2] = ["app_client_id", "app_id"];
const SLUG: &str = "app_slug";
/// The field with what its deliveries are signed with: without it none is taken.
const SECRET: &str = "app_webhook_secret";

/// Has what the App's webhook delivered looked through, where the App is set up and its deliveries are taken.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) async fn prepare(site: &Site, now: DateTime<Utc>) -> Result<(), DbError> {
    let fields: HashMap<String, String> = singles::read_all(site.db(), DOCTYPE).await?.into_iter().collect();
    let text = |key: &str| fields.get(key).map(|text| text.trim()).filter(|text| !text.is_empty());
    let Some(id) = ISSUERS.into_iter().find_map(text) else {
        return hooks::mark_app(site.db(), None, now).await;
    };
    let is_ready = {
        let mut conn = site.db().conn().await?;
        secrets::is_single_set(&mut conn, DOCTYPE, SECRET).await? && app_key::is_any(&mut conn).await?
    };
    // As no repository and no account is called.
    let name = format!("GitHub App {}", text(SLUG).unwrap_or(id));
    hooks::mark_app(site.db(), is_ready.then_some((id, name.as_str())), now).await
}
