//! `.env.example` lists exactly what is read from the environment, and only one file reads it.

use std::collections::BTreeSet;

use erpnext_github::config::KEYS;

use super::source::{files, root};

/// Files that may ask the process for its environment.
///
/// The scratch server looks for the database's programs in `PATH`, as a shell would; it is in no release.
const READERS: [&str; 2] = ["src/config/environment.rs", "src/sim/mariadb/programs.rs"];

#[test]
fn the_example_lists_exactly_what_is_read() {
    let example = std::fs::read_to_string(root().join(".env.example")).expect(".env.example");
    let listed: Vec<&str> = example
        .lines()
        .filter_map(|line| line.trim_start_matches('#').split_once('='))
        .map(|(key, _)| key)
        .filter(|key| key.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
        .collect();
    let mut read: BTreeSet<String> = KEYS.iter().map(ToString::to_string).collect();
    for file in files("src", ".rs") {
        read.extend(
            file.parse()
                .literals
                .into_iter()
                .map(|(_, literal)| literal)
                .filter(|literal| {
                    ["ERPNEXT_GITHUB_", "FRAPPE_"]
                        .iter()
                        .any(|prefix| literal.len() > prefix.len() && literal.starts_with(prefix))
                        && literal.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                }),
        );
    }
    assert_eq!(
        listed.iter().map(ToString::to_string).collect::<BTreeSet<_>>(),
        read,
        ".env.example (left) and the source (right) differ"
    );
    assert_eq!(&listed[..KEYS.len()], KEYS, "ours come first, in the order of KEYS");
    assert_eq!(listed.len(), read.len(), "a key is listed twice");
}

#[test]
fn the_environment_is_read_in_one_place() {
    for file in files("src", ".rs")
        .iter()
        .filter(|file| !READERS.contains(&file.path.as_str()))
    {
        assert!(
            !file.parse().code.contains("env::var"),
            "{} reads the environment; that is done once, in {READERS:?}",
            file.path
        );
    }
}
