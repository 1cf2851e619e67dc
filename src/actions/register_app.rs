//! `desk.create_app`: an App is made on GitHub from our manifest, with the permissions, events and addresses that are needed here.

use serde_json::{Value, json};
use url::Url;

use crate::domain::Feature;
use crate::github::app::manifest;
use crate::store::settings::Settings;

use super::grants::{GrantError, Purpose, set_out};
use super::{ActionError, Call, lists, own_address};

/// What the App is called where nobody says otherwise; names are GitHub-wide, so that the host stands behind it.
const NAME: &str = "ERPNext";

/// The form that the browser sends to GitHub: where to, and its fields. The App belongs to `organization`, or to who makes it; with `public` it can be
/// installed in other accounts, too.
pub(super) async fn create(call: &Call<'_>) -> Result<Value, ActionError> {
    let site = own_address::of_site(call.site).await?;
    let name = call.arguments.text("name");
    let name = name.unwrap_or_else(|| format!("{NAME} {}", site.host_str().unwrap_or_default()));
    let organization = match call.arguments.text("organization") {
        Some(login) => login,
        None if call.arguments.flag("personal") => String::new(),
        None => Settings::read(call.site.db()).await?.default_organization,
    };
    let path = if organization.is_empty() {
        "settings/apps/new".to_owned()
    } else {
        format!("organizations/{}/settings/apps/new", lists::login(&organization)?)
    };
    let web = Url::parse(&call.services.web_url(call.site)?).and_then(|web| web.join(&path));
    let mut page = web.map_err(|_| ActionError::NotReady("the address of GitHub's pages cannot be used".to_owned()))?;
    let back = own_address::page(call.site, "app-created").await?;
    let (state, _verifier) = set_out(call.site, call.caller, Purpose::RegisterApp, &back, &call.back_to())
        .await
        .map_err(GrantError::from)?;
    page.query_pairs_mut().append_pair("state", state.expose());
    let manifest = manifest(&site, &name, call.arguments.flag("public"), Feature::of_an_app());
    Ok(json!({"url": page.as_str(), "fields": {"manifest": manifest.text()}}))
}
