//! Our reading of GitHub against what GitHub really said: recorded answers, real webhook payloads, and its own GraphQL schema.
//!
//! They are npm packages, installed when testing and never committed.

mod answers;
mod graphql_schema;
mod payloads;

use std::path::PathBuf;

use serde_json::Value;

/// Where the packages of GitHub's descriptions are installed.
pub(crate) fn package(name: &str) -> PathBuf {
    let folder = std::env::var_os("GITHUB_DESCRIPTIONS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/github-descriptions"),
        PathBuf::from,
    );
    let package = folder.join("node_modules/@octokit").join(name);
    assert!(
        package.is_dir(),
        "{} is not there: run `make descriptions`, which installs GitHub's published descriptions for the tests",
        package.display()
    );
    package
}

pub(crate) fn json(path: &std::path::Path) -> Value {
    let text = std::fs::read(path).expect("a readable file");
    serde_json::from_slice(&text).expect("JSON")
}
