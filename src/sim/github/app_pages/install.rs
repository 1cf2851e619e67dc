//! Installing an App: the choice of account and repositories, and where people are sent then.

use std::fmt::Write as _;

use super::super::answer::Answer;
use super::super::change::{Change, Outcome};
use super::super::incoming::Incoming;
use super::super::view::View;
use super::super::world::{Account, App, Repository, World, same_account};
use super::{accounts, field, fields, html};

pub(super) fn find<'w>(view: View<'w>, slug: &str) -> Result<&'w App, Answer> {
    let found = view.world.apps.iter().find(|app| app.slug == slug);
    found.ok_or_else(html::not_found)
}

/// Accounts in which the viewer may install it, and those that he may ask for it: of an App that is not public, the one that it belongs to alone.
fn open_to<'w>(view: View<'w>, app: &App) -> (Vec<&'w Account>, Vec<&'w Account>) {
    let (mut mine, mut asked) = accounts(view);
    for accounts in [&mut mine, &mut asked] {
        accounts.retain(|account| app.is_public || same_account(&account.login, &app.owner));
    }
    (mine, asked)
}

/// `GET /apps/{slug}/installations/new`.
pub(super) fn page(view: View<'_>, incoming: &Incoming, slug: &str) -> Result<Answer, Answer> {
    let app = find(view, slug)?;
    let query = fields(&incoming.query);
    let (mine, asked) = open_to(view, app);
    let mut body = format!(
        "<form method=\"post\" action=\"/apps/{slug}/installations\">{}\n<fieldset><legend>Account</legend>\n",
        html::hidden("state", field(&query, "state"))
    );
    for (place, account) in mine.iter().chain(&asked).enumerate() {
        let login = html::escaped(&account.login);
        let checked = if place == 0 { " checked" } else { "" };
        let _ = writeln!(
            body,
            "<label><input type=\"radio\" name=\"account\" value=\"{login}\"{checked}> {login}</label>"
        );
    }
    body.push_str("</fieldset>\n");
    let homes = view.world.repositories.values();
    choice(
        &mut body,
        homes.filter(|home| mine.iter().any(|account| same_account(&account.login, &home.owner))),
        None,
    );
    body.push_str("<button type=\"submit\" id=\"install\">Install</button></form>");
    Ok(html::page(200, &format!("Install {}", app.name), &body))
}

/// The choice between all repositories and some.
pub(super) fn choice<'w>(body: &mut String, homes: impl Iterator<Item = &'w Repository>, picked: Option<&[u64]>) {
    let checked = |is: bool| if is { " checked" } else { "" };
    let _ = writeln!(
        body,
        "<fieldset><legend>Repositories</legend>\n\
         <label><input type=\"radio\" name=\"selection\" value=\"all\"{}> All repositories</label>\n\
         <label><input type=\"radio\" name=\"selection\" value=\"selected\"{}> Only select repositories</label>",
        checked(picked.is_none()),
        checked(picked.is_some()),
    );
    for home in homes {
        let is_picked = picked.is_some_and(|ids| ids.contains(&home.id));
        let _ = writeln!(
            body,
            "<label><input type=\"checkbox\" name=\"repository\" value=\"{}\"{}> {}</label>",
            home.id,
            checked(is_picked),
            html::escaped(&home.full_name())
        );
    }
    body.push_str("</fieldset>\n");
}

/// Ids that were picked; none for all.
pub(super) fn picked(sent: &[(String, String)]) -> Option<Vec<u64>> {
    let ids = sent.iter().filter(|(key, _)| key == "repository");
    (field(sent, "selection") == "selected").then(|| ids.filter_map(|(_, id)| id.parse().ok()).collect())
}

/// The button: installs it, changes an installation that is there already, or asks the owners of the account.
pub(super) fn install(view: View<'_>, incoming: &Incoming, slug: &str) -> Result<Outcome, Answer> {
    let app = find(view, slug)?;
    let sent = fields(&incoming.body);
    let (account, state) = (field(&sent, "account").to_owned(), field(&sent, "state").to_owned());
    let (mine, asked) = open_to(view, app);
    let is_it = |one: &&Account| same_account(&one.login, &account);
    let setup_url = app.setup_url.clone();
    if asked.iter().any(is_it) {
        let pairs = [("setup_action", "request"), ("state", &state)];
        return Ok(Outcome::Shown(sent_back(setup_url.as_deref(), &pairs)));
    }
    if !mine.iter().any(is_it) {
        return Err(html::not_found());
    }
    let (slug, ids) = (slug.to_owned(), picked(&sent));
    let installed = view.world.installations.values();
    let is_new = !installed
        .filter(|one| one.app_id == app.id)
        .any(|one| same_account(&one.account, &account));
    let apply = move |world: &mut World| {
        let now = world.now();
        let one = world.install(&slug, &account);
        one.repositories = ids.map(|ids| ids.into_iter().collect());
        one.updated_at = now;
        one.id
    };
    Ok(Outcome::Changes(Change::of_world(apply, move |_, id| {
        let action = if is_new { "install" } else { "update" };
        let pairs = [
            ("installation_id", id.to_string()),
            ("setup_action", action.to_owned()),
            ("state", state),
        ];
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
        sent_back(setup_url.as_deref(), &pairs)
    })))
}

/// Sends to the App's setup page, where it has one.
pub(super) fn sent_back(setup_url: Option<&str>, pairs: &[(&str, &str)]) -> Answer {
    match setup_url {
        Some(url) => html::redirect(&html::with(url, pairs)),
        None => html::page(200, "Okay", "<p>The App was installed.</p>"),
    }
}
