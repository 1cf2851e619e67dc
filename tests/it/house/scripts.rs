//! What the scripts of the desk must not do, and where they may do the rest.

use std::collections::BTreeMap;
use std::fs;

use super::source::{files, root};

/// Lines of one file, at most.
const MOST_LINES: usize = 350;

/// What may stand in these files only; nowhere where none is named.
const ONLY_IN: [(&str, &[&str]); 11] = [
    // Markup comes from functions that escape, and goes in by them.
    ("innerHTML", &[]),
    ("insertAdjacentHTML", &[]),
    // JavaScript's texts have no such method: placeholders are `__(\"{0}\", [value])`.
    (".format(", &[]),
    // A form draws its fields itself; doing it again at each refresh loses what is being typed (D6.15).
    ("refresh_fields(", &[]),
    ("eval(", &[]),
    ("new Function", &[]),
    // A press that fails is told in one place.
    ("frappe.call(", &["client_scripts/shared.js"]),
    ("frappe.xcall(", &[]),
    ("await fetch(", &["client_scripts/shared.js"]),
    // Whoever listens must stop listening.
    (
        "frappe.realtime.on(",
        &[
            "client_scripts/long_work.js",
            "client_scripts/news.js",
            "client_scripts/connecting.js",
        ],
    ),
    // An upgrade finds its handlers again.
    ("frappe.ui.form.on(", &["client_scripts/shared.js"]),
];

#[test]
fn d6_8_f22_scripts_do_what_is_theirs_in_the_one_place_for_it() {
    let scripts = files("client_scripts", ".js");
    assert!(!scripts.is_empty());
    for file in scripts {
        assert!(file.text.starts_with("// "), "{} does not begin with what it owns", file.path);
        assert!(
            file.text.lines().count() <= MOST_LINES,
            "{} has more than one concern",
            file.path
        );
        for (what, homes) in ONLY_IN {
            let at_home = homes.contains(&file.path.as_str());
            assert!(at_home || !file.text.contains(what), "{} holds {what}", file.path);
        }
        for line in file.text.lines().filter(|line| line.trim_start().starts_with("window.")) {
            assert!(line.contains("window.open("), "{}: nothing is global: {line}", file.path);
        }
    }
}

/// All files of a row stand in one function, in which a later name of the same kind would take the place of an earlier one without a word.
#[test]
fn names_are_unique_among_the_files_of_a_row() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("readable");
    let list = read("hooks/client_scripts.json");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&list).expect("a list of rows");
    assert!(rows.len() > 5);
    for row in rows {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for file in row["files"]
            .as_array()
            .expect("files")
            .iter()
            .filter_map(serde_json::Value::as_str)
        {
            for line in read(&format!("client_scripts/{file}")).lines() {
                let Some(name) = declared(line) else { continue };
                if let Some(other) = seen.insert(name.clone(), file.to_owned()) {
                    panic!(
                        "{name} is in {other} and in {file}, which stand in one script of {}",
                        row["doctype"]
                    );
                }
            }
        }
    }
}

/// The name that a line at the outermost level gives to something.
fn declared(line: &str) -> Option<String> {
    let words = ["async function ", "function ", "const ", "let ", "class "];
    let rest = words.iter().find_map(|word| line.strip_prefix(word))?;
    let name: String = rest
        .chars()
        .take_while(|char| char.is_alphanumeric() || matches!(char, '_' | '$'))
        .collect();
    (!name.is_empty()).then_some(name)
}
