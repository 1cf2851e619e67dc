//! Integrations, as an administrator makes and keeps them: `desk.connectable_organizations`, `desk.create_integrations`, `desk.integration_overview`,
//! `desk.follow_repositories`, `desk.check_integration`.

mod check;
mod connectable;
mod create;
mod follow;
mod lend;
mod overview;
mod troubleshooting;
mod webhooks;

use url::Url;

use crate::domain::AuthType;
use crate::frappe::realtime::Event;
use crate::frappe::site::Site;
use crate::github::{GithubError, Pages};
use crate::store::integration_documents::{self as documents, IntegrationRow};
use crate::store::integrations::DOCTYPE;

use super::{ActionError, Call};

pub(super) use check::check;
pub use check::check_integrations;
pub(super) use connectable::list as connectable;
pub(super) use create::create;
pub(super) use follow::follow;
pub(super) use lend::{lend, take_back};
pub(super) use overview::overview;

/// Things that are read of a list; so many nobody looks through.
const MOST: usize = 2000;

impl Call<'_> {
    /// The integration that a call names.
    async fn integration(&self) -> Result<IntegrationRow, ActionError> {
        let name = self.arguments.required(&["integration"])?;
        let row = documents::named(self.site.db(), &name).await?;
        row.ok_or_else(|| ActionError::Missing(format!("there is no GitHub Integration {name}")))
    }

    /// How an integration is to prove itself.
    fn auth_type(&self) -> Result<AuthType, ActionError> {
        let word = self.arguments.required(&["method"])?;
        AuthType::of(&word).ok_or_else(|| ActionError::invalid("`method` must be GitHub App, OAuth or Personal Access Token"))
    }
}

/// A list of GitHub's, up to a bound.
struct Listed<T> {
    items: Vec<T>,
    /// What GitHub says it left out.
    left_out: Vec<String>,
    /// GitHub has more.
    is_cut: bool,
}

/// All of a list, up to [`MOST`].
async fn all<T: Send + 'static>(mut pages: Pages<T>) -> Result<Listed<T>, GithubError> {
    let mut listed = Listed {
        items: Vec::new(),
        left_out: Vec::new(),
        is_cut: false,
    };
    while let Some(page) = pages.next().await? {
        listed.items.extend(page.items);
        let odd = page.odd.iter().map(|odd| format!("{}: {}", odd.what, odd.reason));
        listed.left_out.extend(odd);
        if listed.items.len() > MOST {
            listed.items.truncate(MOST);
            listed.is_cut = true;
            break;
        }
    }
    Ok(listed)
}

/// A page of GitHub's; empty where its address cannot be used.
fn page(web: &str, path: &str) -> String {
    let url = Url::parse(web).and_then(|web| web.join(path));
    url.map(String::from).unwrap_or_default()
}

/// What was written by hand of ours is dropped from Frappe's caches, and open lists and forms are told.
pub(super) async fn written(site: &Site, user: &str, doctype: &str, names: &[String]) {
    // What cannot be dropped just now ends by itself; what was written stands.
    if let Err(error) = site.caches().document(doctype, names).await {
        tracing::warn!(site = site.name(), error = %error, "cached documents are not dropped");
    }
    let events: Vec<Event> = names.iter().map(|name| Event::list_update(doctype, name, user)).collect();
    if !events.is_empty() {
        site.tell(&events).await;
    }
}

/// The same of integrations.
async fn written_integration(site: &Site, user: &str, name: &str) {
    written(site, user, DOCTYPE, &[name.to_owned()]).await;
}
