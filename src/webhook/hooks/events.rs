//! What a hook listens to.

use std::collections::BTreeSet;

use crate::frappe::db::{Db, DbError};
use crate::frappe::singles;
use crate::store::settings::DOCTYPE;
use crate::webhook::events::handled;

use super::HookError;

/// What GitHub Settings say; empty for nothing.
pub(super) async fn of_settings(db: &Db) -> Result<String, DbError> {
    Ok(singles::read_field(db, DOCTYPE, "webhook_events").await?.unwrap_or_default())
}

/// The events to listen to: the first of `texts` that names any, else everything that is handled; in order, each once.
pub(super) fn choose(texts: [&str; 2]) -> Result<Vec<String>, HookError> {
    for text in texts {
        let named = names(text);
        if named.is_empty() {
            continue;
        }
        let odd = |event: &&String| *event != "*" && !event.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if let Some(odd) = named.iter().find(odd) {
            let shown: String = odd.chars().take(60).collect();
            return Err(HookError::Invalid(format!(
                "`{shown}` is no event of GitHub: write events as on GitHub, for example issues, pull_request"
            )));
        }
        return Ok(named);
    }
    Ok(handled().map(str::to_owned).collect())
}

/// Names, separated by commas, blanks or lines, or a list in JSON; as they stand, each once.
fn names(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let words = text.split(|char: char| char == ',' || char.is_whitespace());
    let plain = words.map(|word| word.trim_matches(|char| "[]\"'".contains(char)).to_owned());
    plain.filter(|word| !word.is_empty() && seen.insert(word.clone())).collect()
}

/// True where both name the same events, in whatever order.
pub(super) fn same<'e>(one: impl IntoIterator<Item = &'e str>, other: impl IntoIterator<Item = &'e str>) -> bool {
    let set = |texts: &mut dyn Iterator<Item = &'e str>| texts.map(str::to_owned).collect::<BTreeSet<String>>();
    set(&mut one.into_iter()) == set(&mut other.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f41_events_are_read_however_they_are_written() {
        for text in ["issues, push", "[\"issues\",\"push\"]", "issues\npush issues"] {
            assert_eq!(choose([text, "member"]).expect("events"), ["issues", "push"], "{text}");
        }
        assert_eq!(choose(["", " member "]).expect("events"), ["member"]);
        assert!(choose(["", ""]).expect("events").contains(&"pull_request".to_owned()));
        assert!(choose(["Issues!", ""]).is_err());
        assert!(same(["a", "b"], ["b", "a"]) && !same(["a"], ["a", "b"]));
    }
}
