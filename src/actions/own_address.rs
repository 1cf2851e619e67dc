//! Under which address people open the site, for what brings them back to it.

use url::Url;

use crate::config::paths::INTEGRATIONS;
use crate::frappe::singles;
use crate::frappe::site::Site;
use crate::frappe::site_hosts;
use crate::store::settings::DOCTYPE;

use super::ActionError;

/// The address, without a path: Public URL of the settings, else the one that Frappe knows.
pub(super) async fn of_site(site: &Site) -> Result<Url, ActionError> {
    let setting = singles::read_field(site.db(), DOCTYPE, "public_url").await?;
    let setting = setting.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let url = match setting {
        Some(text) => Url::parse(&text).ok(),
        None => site_hosts::address(site.config()),
    };
    let is_web = |url: &Url| url.has_host() && matches!(url.scheme(), "http" | "https");
    let mut url = url.filter(is_web).ok_or_else(|| {
        ActionError::NotReady(
            "nobody knows under which address people open this site: enter it as Public URL in GitHub Settings".to_owned(),
        )
    })?;
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// The page `name` of those that GitHub sends people back to.
pub(super) async fn page(site: &Site, name: &str) -> Result<Url, ActionError> {
    let mut url = of_site(site).await?;
    url.set_path(&format!("{INTEGRATIONS}{name}"));
    Ok(url)
}
