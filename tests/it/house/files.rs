//! What lies where, how big it is, and what does not belong into what ships.

use std::path::Path;
use std::process::Command;

use super::source::{files, root};

/// All that a visitor sees in the root.
const VISIBLE_ROOT: [&str; 17] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "Makefile",
    "README.md",
    "benches",
    "client_scripts",
    "doctypes",
    "fuzz",
    "hooks",
    "packaging",
    "patches",
    "src",
    "target",
    "tests",
];

/// Lines of one file that ship, at most; most have a third of it.
const MOST_LINES: usize = 350;

/// Calls that end the process where an error should be told.
const PANICS: [&str; 6] = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "dbg!("];

/// Names that say nothing.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "helpers", "common", "misc"];

#[test]
fn the_root_is_tidy() {
    for entry in std::fs::read_dir(root()).expect("the root") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(
            name.starts_with('.') || VISIBLE_ROOT.contains(&name.as_str()),
            "`{name}` does not belong into the project's root"
        );
    }
}

#[test]
fn files_are_small_and_say_what_they_own() {
    for file in files("src", ".rs") {
        let lines = file.production().lines().count();
        assert!(
            lines <= MOST_LINES,
            "{} has {lines} lines: it has more than one concern",
            file.path
        );
        assert!(
            file.text.starts_with("//! "),
            "{} does not begin with what it owns",
            file.path
        );
    }
}

#[test]
fn modules_have_one_form_and_a_name() {
    for file in files("src", ".rs") {
        let path = Path::new(&file.path);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(!EMPTY_NAMES.contains(&stem.as_str()), "{}: the name says nothing", file.path);
        assert!(
            !root().join(path.with_extension("")).is_dir(),
            "{} beside a folder: write mod.rs",
            file.path
        );
    }
}

#[test]
fn files_of_tests_alone_do_not_ship_and_are_not_large_either() {
    let all = files("src", ".rs");
    for file in all.iter().filter(|file| file.is_test()) {
        let lines = file.text.lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", file.path);
        let parent = file.path.split("/tests").next().unwrap_or_default();
        let declares = all.iter().any(|other| {
            let is_parent = other.path == format!("{parent}/mod.rs") || other.path == format!("{parent}.rs");
            is_parent && other.text.contains("\n#[cfg(test)]\nmod tests;")
        });
        assert!(declares, "{} is declared without #[cfg(test)]", file.path);
    }
}

#[test]
fn nothing_that_ships_panics() {
    let shipped = files("src", ".rs")
        .into_iter()
        .filter(|file| !file.path.starts_with("src/sim/"));
    for file in shipped {
        let code = file.parse().code;
        for call in PANICS {
            assert!(!code.contains(call), "{} calls {call}", file.path);
        }
    }
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    for file in files("src", ".rs") {
        let code = file.parse().code;
        assert!(
            !code.contains("#[allow("),
            "{}: write #[expect(.., reason = \"..\")]",
            file.path
        );
        for (at, _) in code.match_indices("#[expect(") {
            let end = code[at..].find(']').unwrap_or_default();
            assert!(
                code[at..at + end].contains("reason"),
                "{}: an #[expect] without its reason",
                file.path
            );
        }
    }
}

#[test]
fn no_file_holds_a_token() {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    // A source archive has no repository around it.
    let Ok(listed) = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()) else {
        return;
    };
    for name in listed.split('\0').filter(|name| !name.is_empty() && *name != "Cargo.lock") {
        let text = std::fs::read(root().join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        for prefix in ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"] {
            for (at, _) in text.match_indices(prefix) {
                let length = text[at + prefix.len()..]
                    .bytes()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                    .count();
                assert!(length < 30, "{name} holds what looks like a token");
            }
        }
    }
}
