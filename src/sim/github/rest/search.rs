//! Searches.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::View;
use super::super::world::{Account, AccountKind};
use super::accounts::person_with;
use super::contents::linked;
use super::page::{PAGE, PER_PAGE, Window};

/// Results beyond these are not given out.
const REACHABLE: usize = 1_000;

/// `GET /search/users` with `ADDRESS in:email`: accounts whose public address contains the words, the same address first.
///
/// GitHub compares parts of addresses, too, so that one hit is not the right one; who wants the person compares once more.
pub(super) fn users(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["q", PER_PAGE, PAGE])?;
    let docs = "rest/search/search#search-users";
    let Some(query) = asked.get("q").map(str::trim).filter(|query| !query.is_empty()) else {
        let mut refusal = Answer::error(422, "Validation Failed", docs);
        refusal.edit(|body| {
            body["errors"] = serde_json::json!([{ "resource": "Search", "field": "q", "code": "missing" }]);
        });
        return Err(refusal);
    };
    let word = wanted(incoming, query)?;
    let address = |one: &Account| one.email.as_deref().map(str::to_lowercase);
    let is_person = |one: &&Account| matches!(one.kind, AccountKind::User | AccountKind::Organization);
    let accounts = view.world.accounts.values().filter(is_person);
    let mut all: Vec<_> = accounts
        .filter(|one| address(one).is_some_and(|held| held.contains(&word)))
        .collect();
    all.sort_by_key(|one| (address(one).as_deref() != Some(&*word), one.id));
    let total = all.len();
    all.truncate(REACHABLE);
    let window = Window::of(&asked);
    if window.is_beyond(REACHABLE) {
        return Err(Answer::error(422, "Only the first 1000 search results are available", docs));
    }
    let items = window.of_list(&all).iter().map(|one| {
        person_with(view, one, |object| {
            object.put("score", &1.0);
        })
    });
    let body = Object::new()
        .put("total_count", &total)
        .put("incomplete_results", &false)
        .raw("items", &array(items))
        .end();
    let link = window.link(&format!("{}/search/users", view.base), &asked, all.len());
    Ok(linked(Answer::ok(body), link))
}

/// The one word that is looked for in addresses, in lower case; of what else a query can hold the fake knows nothing.
fn wanted(incoming: &Incoming, query: &str) -> Result<String, Answer> {
    let (places, words): (Vec<&str>, Vec<&str>) = query.split_whitespace().partition(|word| word.starts_with("in:"));
    match (places.as_slice(), words.as_slice()) {
        (["in:email"], [word]) if !word.contains(':') => Ok(word.trim_matches('"').to_lowercase()),
        _ => Err(Answer::unexpected(&format!(
            "The fake GitHub searches users by `ADDRESS in:email` only, not by `{query}` ({} {})",
            incoming.method, incoming.path
        ))),
    }
}
