//! `hooks/webhook_events.toml`: which events are worked on, and why others are not.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// The file, as it is shipped.
const FILE: &str = include_str!("../../hooks/webhook_events.toml");

/// What is done with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// It is worked on.
    Handled,
    /// It is stored with what GitHub sent, for this reason.
    Kept(&'static str),
    /// It is stored without, for this reason.
    Ignored(&'static str),
    /// Nobody knows it.
    Unknown,
}

#[derive(Debug, Default, Deserialize)]
struct Events {
    handled: Vec<String>,
    of_apps: Vec<String>,
    where_told: Vec<String>,
    kept: BTreeMap<String, String>,
    ignored: BTreeMap<String, String>,
}

fn events() -> &'static Events {
    static EVENTS: OnceLock<Events> = OnceLock::new();
    // A test reads the shipped file.
    EVENTS.get_or_init(|| toml::from_str(FILE).unwrap_or_default())
}

/// What is done with the event of that name.
#[must_use]
pub fn treatment(event: &str) -> Treatment {
    let events = events();
    let worked_on = events.handled.iter().chain(&events.of_apps).chain(&events.where_told);
    if worked_on.into_iter().any(|one| one == event) {
        Treatment::Handled
    } else if let Some(reason) = events.kept.get(event) {
        Treatment::Kept(reason)
    } else if let Some(reason) = events.ignored.get(event) {
        Treatment::Ignored(reason)
    } else {
        Treatment::Unknown
    }
}

/// The events that are worked on: what a webhook of ours subscribes to where nobody chose.
pub fn handled() -> impl Iterator<Item = &'static str> {
    events().handled.iter().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g0_19_every_event_stands_in_one_list_and_every_ignored_one_has_a_reason() {
        let events: Events = toml::from_str(FILE).expect("the shipped file is good");
        assert!(events.handled.is_sorted(), "in order");
        for event in events.handled.iter().chain(&events.of_apps).chain(&events.where_told) {
            assert!(
                !events.kept.contains_key(event) && !events.ignored.contains_key(event),
                "{event}"
            );
        }
        for (event, reason) in events.kept.iter().chain(&events.ignored) {
            assert!(reason.len() > 10 && !reason.ends_with('.'), "{event}: {reason}");
        }
        assert_eq!(treatment("issues"), Treatment::Handled);
        assert_eq!(treatment("github_app_authorization"), Treatment::Handled);
        assert!(
            handled().all(|event| !events.of_apps.iter().chain(&events.where_told).any(|one| one == event)),
            "hooks cannot ask for them"
        );
        assert!(matches!(treatment("watch"), Treatment::Ignored(_)));
        assert_eq!(treatment("installation"), Treatment::Handled);
        assert_eq!(treatment("brand_new"), Treatment::Unknown);
    }
}
