//! Where GitHub's descriptions are, once they were installed.

use std::path::{Path, PathBuf};

/// The folder that holds `node_modules` with the packages of `tests/github-descriptions/package.json`.
fn folder() -> PathBuf {
    match std::env::var_os("GITHUB_DESCRIPTIONS") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("target/github-descriptions"),
    }
}

/// The text of a file of one of the packages, `@octokit/openapi/...`.
pub(super) fn read(file: &str) -> String {
    let path = folder().join("node_modules").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "GitHub's published descriptions are not installed ({}: {error}). Run `make github-descriptions`, or set GITHUB_DESCRIPTIONS to the folder that has them.",
            path.display()
        )
    })
}
