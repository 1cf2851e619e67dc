//! What a run wrote, said and asked, by the place where it did, and the secrets that are looked for in it.

use std::collections::BTreeMap;

use crate::support::Needles;

/// Places that a run must have written to; else it was no whole one.
const PLACES: [&str; 8] = [
    "the log and standard error",
    "standard output",
    "an answer",
    "an address that GitHub was asked for",
    "the arguments of a process",
    "the database",
    "a file of the bench",
    "what Redis was told",
];
/// How every JWT of an App begins.
const SIGNED: [&str; 2] = ["eyJ0eXAi", "eyJhbGci"];

/// Everything, each place as one text.
#[derive(Debug, Default, Clone)]
pub(super) struct Papers(BTreeMap<String, String>);

impl Papers {
    /// Adds what was written at a place.
    pub(super) fn write(&mut self, place: &str, text: &str) {
        let known = self.0.entry(place.to_owned()).or_default();
        known.push_str(text);
        known.push('\n');
    }

    /// Where something was written.
    pub(super) fn places(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Fails where nothing was written to one of the places: then looking there proves nothing.
    pub(super) fn are_whole(&self) {
        for place in PLACES {
            assert!(
                self.0.get(place).is_some_and(|text| text.len() > 20),
                "nothing was written: {place}"
            );
        }
        let log = &self.0[PLACES[0]];
        for level in ["DEBUG", "INFO", "WARN"] {
            assert!(log.contains(level), "the log has no line of {level}");
        }
    }

    /// Every secret that stands somewhere, with where.
    pub(super) fn find(&self, needles: &Named) -> Vec<String> {
        let mut all = Vec::new();
        for (place, text) in &self.0 {
            let found = needles.all.found(place, text);
            // These lie in the bench's own files, where Frappe put them.
            let is_frappes = |one: &String| place == "a file of the bench" && one.starts_with("a password of the site");
            all.extend(found.into_iter().filter(|one| !is_frappes(one)));
            let signed = SIGNED.iter().filter(|head| text.contains(**head));
            all.extend(signed.map(|head| format!("a word that an App signed ({head}) stands in {place}")));
        }
        all
    }
}

/// Secrets, each of a kind.
#[derive(Debug, Default)]
pub(super) struct Named {
    all: Needles,
    kinds: Vec<String>,
}

impl Named {
    /// Adds one.
    pub(super) fn add(&mut self, kind: &str, secret: &str) {
        self.kinds.push(kind.to_owned());
        if secret.starts_with("-----BEGIN") {
            self.all.add_pem(kind, secret);
        } else {
            self.all.add(kind, secret);
        }
    }

    /// The kinds of which there is none.
    pub(super) fn missing<'k>(&self, kinds: &[&'k str]) -> Vec<&'k str> {
        let is_there = |kind: &&&str| self.kinds.iter().any(|one| one == **kind);
        kinds.iter().filter(|kind| !is_there(kind)).copied().collect()
    }
}
