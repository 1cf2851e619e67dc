//! README.md names all that there is, and nothing that there is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use erpnext_github::config::KEYS;
use erpnext_github::setup::doctypes;

use super::help::COMMANDS;
use super::program::{finish, program};

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("readable")
}

/// Words of `text` that begin with `start`, made of the letters that `belongs` takes.
fn words<'a>(text: &'a str, start: &str, belongs: fn(char) -> bool) -> BTreeSet<&'a str> {
    text.match_indices(start)
        .map(|(at, _)| &text[at..])
        .map(|rest| rest.find(|char| !belongs(char)).map_or(rest, |end| &rest[..end]))
        .filter(|word| word.len() > start.len())
        .collect()
}

/// A table's rule is made of the same sign.
fn flags(text: &str) -> BTreeSet<&str> {
    let mut flags = words(text, "--", |char| char.is_ascii_lowercase() || char == '-');
    flags.retain(|flag| flag.contains(char::is_alphabetic));
    flags
}

#[test]
fn every_command_flag_and_variable_is_told() {
    let readme = file("README.md");
    let mut helps = String::new();
    for name in COMMANDS {
        let told = format!("\n| `{name}");
        assert!(readme.contains(&told), "{name} has no line among the commands");
        helps += &finish(program(&[name, "--help"]), "").stdout;
    }
    for (command, action) in [
        ("events", "list"),
        ("events", "show"),
        ("events", "retry"),
        ("hooks", "list"),
        ("hooks", "ensure"),
        ("hooks", "deliveries"),
        ("hooks", "redeliver"),
        ("hooks", "remove"),
        ("settings", "get"),
        ("settings", "set"),
        ("nginx", "print"),
        ("nginx", "patch"),
    ] {
        helps += &finish(program(&[command, action, "--help"]), "").stdout;
    }
    let mut known = flags(&helps);
    known.remove("--help");
    let mut told = flags(&readme);
    for of_cargo in ["--release", "--locked"] {
        told.remove(of_cargo);
    }
    assert_eq!(told, known, "README.md (left) and the helps (right) differ");
    for key in KEYS {
        assert!(readme.contains(&format!("`{key}`")), "{key} is not told");
    }
    for code in 0..=3 {
        assert!(readme.contains(&format!("\n| {code} | ")), "exit code {code} is not told");
    }
}

#[test]
fn every_doctype_field_and_table_is_told() {
    let readme = file("README.md");
    for doctype in doctypes().expect("the shipped files are good") {
        assert!(readme.contains(&doctype.name), "{} is not told", doctype.name);
    }
    let fields: serde_json::Value = serde_json::from_str(&file("hooks/custom_fields.json")).expect("JSON");
    for (doctype, fields) in fields.as_object().expect("by DocType") {
        let line = readme.lines().find(|line| line.starts_with(&format!("| {doctype} | ")));
        let line = line.unwrap_or_else(|| panic!("{doctype} has no line"));
        for field in fields.as_array().expect("fields") {
            let name = field["fieldname"].as_str().expect("a name");
            assert!(line.contains(&format!("`{name}`")), "{doctype}.{name} is not told");
        }
    }
    let mut made = BTreeSet::new();
    let patches: Vec<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("patches"))
        .expect("patches")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "sql"))
        .map(|path| fs::read_to_string(path).expect("readable"))
        .collect();
    for patch in &patches {
        made.extend(words(patch, "erpnext_github_", |char| {
            char.is_ascii_lowercase() || char == '_'
        }));
    }
    let line = readme.lines().find(|line| line.starts_with("| internal tables | "));
    let told = words(line.expect("a line"), "erpnext_github_", |char| {
        char.is_ascii_lowercase() || char == '_'
    });
    assert_eq!(told, made, "README.md (left) and patches/ (right) differ");
}
