//! What other systems give their users is here: each row names scenarios that show it and the screen on which a person meets it, and every
//! name is one of a scenario of this suite.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::source::files;

/// How many rows each system has.
const ROWS: [(&str, u32); 5] = [("G0", 20), ("G1", 18), ("G2", 8), ("G3", 12), ("G4", 12)];

#[derive(Deserialize)]
struct Features {
    row: Vec<Row>,
}

/// What somebody can do, and what shows it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    what: String,
    /// Scenarios by the names of their functions.
    tests: Vec<String>,
    /// A scenario in the browser; or why nobody meets it on a screen, in brackets.
    screen: String,
}

#[test]
fn every_row_of_other_systems_has_scenarios_and_a_screen() {
    let features: Features = toml::from_str(include_str!("features.toml")).expect("TOML");
    let ids: Vec<String> = features.row.iter().map(|row| row.id.clone()).collect();
    let wanted: Vec<String> = ROWS
        .iter()
        .flat_map(|(system, rows)| (1..=*rows).map(move |row| format!("{system}.{row}")))
        .collect();
    assert_eq!(ids, wanted);
    let mut all = scenarios("tests/it");
    all.extend(scenarios("src"));
    let in_browser = scenarios("tests/it/browser");
    let mut wrong = Vec::new();
    for row in &features.row {
        let Row { id, what, tests, screen } = row;
        if what.is_empty() || tests.is_empty() {
            wrong.push(format!("{id} has nothing to show"));
        }
        let unknown = tests.iter().filter(|test| !all.contains(test.as_str()));
        wrong.extend(unknown.map(|test| format!("{id}: there is no scenario {test}")));
        let is_reason = screen.starts_with('(') && screen.ends_with(')') && screen.len() > 20;
        if !is_reason && !in_browser.contains(screen.as_str()) {
            wrong.push(format!("{id}: no scenario in the browser is called {screen}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Names of the scenarios and of the unit tests below `folder`.
fn scenarios(folder: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files(folder, ".rs") {
        let mut is_scenario = false;
        for line in file.text.lines().map(str::trim) {
            is_scenario |= line.starts_with("#[tokio::test") || line == "#[test]";
            if let Some((_, name)) = line.split_once("fn ").filter(|_| is_scenario) {
                names.insert(name.split('(').next().unwrap_or_default().to_owned());
                is_scenario = false;
            }
        }
    }
    names
}
