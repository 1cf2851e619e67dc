//! What ends on GitHub when a site is uninstalled: what its people authorised.

use std::time::Duration;

use url::Url;

use crate::frappe::site::Site;
use crate::github::oauth::settings_page;
use crate::setup::{self, State};
use crate::store::grants::{self, Holder};

use super::App;

/// So long GitHub is asked; somebody waits for it.
const WITHIN: Duration = Duration::from_secs(60);
/// People who are told of; of more only how many there are.
const TOLD: usize = 20;

impl App {
    /// How many people of `site` are connected with GitHub. A site on which that cannot be read has none.
    pub async fn people_connected(&self, site: &Site) -> usize {
        grants::holders(site.db()).await.map_or(0, |all| all.len())
    }

    /// Disconnects all people of `site`, which is uninstalled, and takes back on GitHub what they authorised. Whatever cannot be done stops
    /// nothing: it is among the lines, each with the page on which it is done by hand. Of a copy, and of what is left of an installation, nobody knows
    /// whether another site uses the same connections: they are left alone.
    pub async fn end_connections(&self, site: &Site) -> Vec<String> {
        let Ok(people) = grants::holders(site.db()).await else {
            return Vec::new();
        };
        if people.is_empty() {
            return Vec::new();
        }
        match setup::state(site).await {
            Ok(State::Current | State::Older { .. } | State::Newer { .. }) => {}
            Ok(State::Passive { .. }) => {
                return vec![format!(
                    "{}: a copy; the connections of {} people with GitHub belong to the original, and are left alone there",
                    site.name(),
                    people.len()
                )];
            }
            Ok(State::NotInstalled | State::Remains) | Err(_) => {
                return self.by_hand(site, &people, "it is not certain that no other site uses them");
            }
        }
        let grants = match self.grants(site).await {
            Ok(Some(grants)) => grants,
            Ok(None) => return self.by_hand(site, &people, "the App that they authorised is not entered here any more"),
            Err(error) => return self.by_hand(site, &people, &error.to_string()),
        };
        let came = match grants.disconnect_everybody(WITHIN).await {
            Ok(came) => came,
            Err(error) => return self.by_hand(site, &people, &error.to_string()),
        };
        let mut lines = Vec::new();
        if came.ended > 0 {
            lines.push(format!(
                "{}: {} connections with GitHub were taken back there",
                site.name(),
                came.ended
            ));
        }
        let told = came.left.iter().take(TOLD);
        lines.extend(told.map(|(login, why)| format!("{}: what {login} authorised was not taken back: {why}", site.name())));
        if came.left.len() > TOLD {
            lines.push(format!("{}: the same of {} more", site.name(), came.left.len() - TOLD));
        }
        lines
    }

    /// A line for each App that people authorised, with the page on which each of them takes that back.
    fn by_hand(&self, site: &Site, people: &[Holder], why: &str) -> Vec<String> {
        let web: Option<Url> = self.hosts(site.config()).ok().map(|hosts| hosts.web);
        let mut apps: Vec<&str> = people.iter().map(|one| one.client_id.as_str()).collect();
        apps.sort_unstable();
        apps.dedup();
        let line = |id: &&str| {
            let logins: Vec<&str> = people
                .iter()
                .filter(|one| one.client_id == **id)
                .map(|one| one.login.as_str())
                .collect();
            let shown = logins.iter().take(TOLD).copied().collect::<Vec<_>>().join(", ");
            let page = web
                .as_ref()
                .map_or_else(|| "GitHub".to_owned(), |web| settings_page(web, id).to_string());
            format!(
                "{}: what {} people authorised ({shown}) was not taken back on GitHub: {why}; each revokes it on {page}",
                site.name(),
                logins.len()
            )
        };
        apps.iter().map(line).collect()
    }
}
