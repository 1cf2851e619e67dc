//! Which room may use which, which room may speak which language, and who may use which crate.

use std::collections::BTreeSet;

use super::source::{SourceFile, files, parse};

/// A room and the rooms that it may use, beside itself, `domain` and the [`OPEN`] ones. The document that gives the reasons
/// is ARCHITECTURE.md.
const MAY_USE: [(&str, &[&str]); 15] = [
    ("domain", &[]),
    ("github", &[]),
    ("frappe", &[]),
    ("store", &["frappe"]),
    ("sync", &["github", "store", "frappe"]),
    ("webhook", &["github", "store", "frappe"]),
    ("actions", &["github", "frappe", "store", "sync", "webhook"]),
    ("api", &["actions", "webhook", "frappe", "health"]),
    ("jobs", &["sync", "webhook", "actions", "frappe", "github", "store"]),
    ("setup", &["frappe", "store"]),
    (
        "health",
        &["github", "frappe", "store", "sync", "webhook", "actions", "jobs", "setup"],
    ),
    ("sim", EVERY_ROOM),
    ("app", EVERY_ROOM),
    ("cli", EVERY_ROOM),
    ("main", EVERY_ROOM),
];

/// What the composition may use.
const EVERY_ROOM: &[&str] = &[
    "github", "frappe", "store", "sync", "webhook", "actions", "api", "jobs", "setup", "health", "sim", "app", "cli",
];

/// Open to all, and using nothing but each other.
const OPEN: [&str; 4] = ["clock", "config", "places", "telemetry"];

/// A crate that only some files may use, by the beginning of their paths.
const CRATES: [(&str, &[&str]); 8] = [
    ("axum", &["src/api/", "src/sim/"]),
    (
        "reqwest",
        &[
            "src/github/",
            "src/frappe/bench_http/",
            "src/cli/healthcheck.rs",
            "src/health/way/",
        ],
    ),
    ("hyper", &["src/api/proxy/"]),
    ("hyper_util", &["src/api/proxy/", "src/github/outgoing.rs"]),
    ("mysql_async", &["src/frappe/", "src/store/", "src/setup/", "src/sim/"]),
    ("redis", &["src/frappe/"]),
    ("fernet", &["src/frappe/"]),
    ("clap", &["src/cli/"]),
];

/// Rooms in which SQL may be written.
const SQL_ROOMS: [&str; 4] = ["frappe", "store", "setup", "sim"];

/// How a statement of SQL begins.
const STATEMENTS: [&str; 12] = [
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE ",
    "REPLACE ",
    "ALTER ",
    "CREATE ",
    "DROP ",
    "TRUNCATE ",
    "START TRANSACTION",
    "SHOW ",
    "WITH ",
];

/// The first segments of all paths that begin with `crate::`, groups taken apart.
fn rooms_used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|char: char| char.is_alphanumeric() || char == '_') {
            continue;
        }
        let path = &code[at + "crate::".len()..];
        match path.strip_prefix('{') {
            Some(group) => used.extend(first_segments(group)),
            None => used.extend(word(path)),
        }
    }
    used
}

fn first_segments(group: &str) -> Vec<String> {
    let (mut depth, mut begins, mut found) = (0, true, Vec::new());
    for (at, char) in group.char_indices() {
        match char {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            char if begins && !char.is_whitespace() => {
                found.extend(word(&group[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    found
}

fn word(text: &str) -> Option<String> {
    let end = text
        .find(|char: char| !char.is_alphanumeric() && char != '_')
        .unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

fn may_use(room: &str, other: &str) -> bool {
    if room == other || OPEN.contains(&other) || room == "lib" {
        return true;
    }
    MAY_USE
        .iter()
        .find(|(name, _)| *name == room)
        .is_some_and(|(_, allowed)| other == "domain" || allowed.contains(&other))
}

/// Complaints about one file's paths.
fn trespasses(file: &SourceFile) -> Vec<String> {
    let (room, code) = (file.room(), file.parse().code);
    let rooms: Vec<String> = if room == "main" {
        Vec::new()
    } else {
        rooms_used(&code).into_iter().filter(|other| !may_use(room, other)).collect()
    };
    rooms.iter().map(|other| format!("{} uses {other}", file.path)).collect()
}

#[test]
fn rooms_use_only_the_rooms_that_they_may() {
    let complaints: Vec<String> = files("src", ".rs").iter().flat_map(trespasses).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn every_room_is_in_the_table() {
    for file in files("src", ".rs") {
        let room = file.room();
        assert!(
            room == "lib" || OPEN.contains(&room) || MAY_USE.iter().any(|(name, _)| *name == room),
            "{} lies in a room that the table does not know",
            file.path
        );
    }
}

#[test]
fn crates_stay_in_their_rooms() {
    for file in files("src", ".rs") {
        let code = file.parse().code;
        for (name, homes) in CRATES {
            let path = format!("{name}::");
            let used = code
                .match_indices(&path)
                .any(|(at, _)| !code[..at].ends_with(|char: char| char.is_alphanumeric() || char == '_' || char == ':'));
            assert!(
                !used || homes.iter().any(|home| file.path.starts_with(home)),
                "{} uses {name}, which belongs to {homes:?}",
                file.path
            );
        }
    }
}

#[test]
fn sql_is_written_in_its_rooms_only() {
    for file in files("src", ".rs").iter().filter(|file| !SQL_ROOMS.contains(&file.room())) {
        for (line, literal) in file.parse().literals {
            assert!(
                !STATEMENTS.iter().any(|start| literal.trim_start().starts_with(start)),
                "{}:{line} holds SQL: {literal}",
                file.path
            );
        }
    }
}

#[test]
fn a_trespass_is_seen() {
    let file = |path: &str, text: &str| SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    for text in [
        "use crate::sync::run;",
        "use crate::{\n    domain::{self, Issue},\n    sync::{a, b},\n};",
        "fn f() { crate::sync::go() }",
    ] {
        assert_eq!(trespasses(&file("src/store/apply.rs", text)).len(), 1, "{text}");
    }
    assert!(
        trespasses(&file(
            "src/store/a.rs",
            "// crate::sync\nuse crate::frappe::x; pub(in crate::store) fn f() {}"
        ))
        .is_empty()
    );
    assert_eq!(
        trespasses(&file("src/clock.rs", "use crate::domain::Issue;")).len(),
        1,
        "what is open to all uses no room"
    );
    assert!(parse("use crate::a;").literals.is_empty());
}
