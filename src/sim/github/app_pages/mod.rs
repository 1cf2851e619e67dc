//! The pages of GitHub on which an App is made from a manifest, installed, and managed. Whoever opens them is signed in as
//! [`World::VIEWER`](super::world::World::VIEWER).

mod html;
mod install;
mod manage;
mod register;

use super::answer::Answer;
use super::change::Outcome;
use super::incoming::Incoming;
use super::view::View;
use super::world::{Account, AccountKind, World, same_account};

/// True for the path of one of these pages, or of those on which people authorise an App and tokens are given.
pub(super) fn is_page(path: &str) -> bool {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    matches!(
        segments.as_slice(),
        ["settings", ..] | ["organizations", _, "settings", ..] | ["apps", _, "installations", ..] | ["login", "oauth", ..]
    )
}

/// Answers a request for one of these pages; none for any other.
pub(super) fn react(view: View<'_>, incoming: &Incoming) -> Option<Outcome> {
    let segments = incoming.segments();
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let posts = incoming.method == "POST";
    let outcome = match segments.as_slice() {
        ["settings", "apps", "new"] => Ok(Outcome::Shown(register::page(incoming, World::VIEWER))),
        ["organizations", login, "settings", "apps", "new"] => {
            owned(view, login).map(|owner| Outcome::Shown(register::page(incoming, &owner.login)))
        }
        ["settings", "apps", "manifest"] if posts => register::agree(view, incoming).map(Outcome::Changes),
        ["apps", slug, "installations", "new"] => install::page(view, incoming, slug).map(Outcome::Shown),
        ["apps", slug, "installations"] if posts => install::install(view, incoming, slug),
        ["settings", "installations", id] | ["organizations", _, "settings", "installations", id] => {
            if posts {
                manage::change(view, incoming, id).map(Outcome::Changes)
            } else {
                manage::page(view, id).map(Outcome::Shown)
            }
        }
        _ => return None,
    };
    Some(outcome.unwrap_or_else(Outcome::Shown))
}

/// The accounts that whoever is signed in may install Apps in, and those whose owners he has to ask.
fn accounts(view: View<'_>) -> (Vec<&Account>, Vec<&Account>) {
    let is_me = |login: &String| same_account(login, World::VIEWER);
    let mine = |account: &&Account| match account.kind {
        AccountKind::User => is_me(&account.login),
        AccountKind::Organization => account.owners.iter().any(is_me),
        _ => false,
    };
    let asks = |account: &&Account| account.kind == AccountKind::Organization && account.members.iter().any(is_me);
    let all = || view.world.accounts.values();
    (
        all().filter(mine).collect(),
        all().filter(asks).filter(|account| !mine(account)).collect(),
    )
}

fn owned<'w>(view: View<'w>, login: &str) -> Result<&'w Account, Answer> {
    let (mine, _) = accounts(view);
    let found = mine.into_iter().find(|account| same_account(&account.login, login));
    found.ok_or_else(html::not_found)
}

/// Fields of a form, or of a query.
fn fields(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn field<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields
        .iter()
        .find(|(key, _)| key == name)
        .map_or("", |(_, value)| value.as_str())
}
