//! What other systems give their users is here: each row names scenarios that show it and the screen on which a person meets it, and every
//! name is one of a scenario of this suite that runs.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::scenarios::Scenarios;
use super::source::{SourceFile, files};

/// How many rows each system has.
const SYSTEMS: [(&str, u32); 5] = [("G0", 20), ("G1", 18), ("G2", 8), ("G3", 12), ("G4", 12)];
/// Rows that stand for themselves.
const ALONE: [&str; 1] = ["F-25"];
/// Why nobody meets a row on a screen of ours; a row says one of these, word by word.
const REASONS: [&str; 5] = [
    "(it is settled without anybody: nothing is asked, pressed or shown)",
    "(it is entered and read in fields of Frappe's own form)",
    "(it is counted in rows that Frappe's own list shows)",
    "(nobody is shown a secret)",
    "(it is for who writes the next one)",
];
/// Where scenarios are played on a screen.
const SCREENS: &str = "tests/it/browser/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// Scenarios in the browser; or one of [`REASONS`] why nobody meets it on a screen.
    screen: Vec<String>,
}

impl Features {
    fn of(table: &str) -> Self {
        toml::from_str(table).expect("TOML")
    }

    /// What is wrong, in sentences that begin with the row.
    fn problems(&self, wanted: &[String], sources: &[SourceFile]) -> Vec<String> {
        let ids: Vec<&String> = self.row.iter().map(|row| &row.id).collect();
        let mut wrong: Vec<String> = wanted
            .iter()
            .filter(|id| !ids.contains(id))
            .map(|id| format!("{id} is missing"))
            .collect();
        let unknown = ids.iter().filter(|id| !wanted.contains(id));
        wrong.extend(unknown.map(|id| format!("{id} is no row of any system")));
        if wrong.is_empty() && !ids.iter().copied().eq(wanted) {
            wrong.push("rows stand in another order than in their systems, or twice".to_owned());
        }
        let all = Scenarios::of(sources.iter());
        let in_browser = Scenarios::of(sources.iter().filter(|file| file.path.starts_with(SCREENS)));
        for row in &self.row {
            wrong.extend(row.problems(&all, &in_browser));
        }
        wrong
    }
}

impl Row {
    fn problems(&self, all: &Scenarios, in_browser: &Scenarios) -> Vec<String> {
        let Self { id, what, tests, screen } = self;
        let mut wrong = Vec::new();
        if what.is_empty() || tests.is_empty() || screen.is_empty() {
            wrong.push(format!("{id} has nothing to show"));
        }
        for names in [tests, screen] {
            if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
                wrong.push(format!("{id} names one scenario twice"));
            }
        }
        for test in tests {
            if all.left_out.contains(test) {
                wrong.push(format!(
                    "{id}: {test} shows nothing, as it does not run wherever the suite does"
                ));
            } else if !all.run.contains(test) {
                wrong.push(format!("{id}: there is no scenario {test}"));
            }
        }
        if let [reason] = screen.as_slice()
            && reason.starts_with('(')
        {
            if !REASONS.contains(&reason.as_str()) {
                wrong.push(format!(
                    "{id}: {reason} is none of the reasons for which nobody meets a row on a screen"
                ));
            }
            return wrong;
        }
        let strange = screen.iter().filter(|name| !in_browser.run.contains(*name));
        wrong.extend(strange.map(|name| format!("{id}: no scenario in the browser is called {name}")));
        wrong
    }
}

/// All rows of `systems`, and those that stand for themselves.
fn rows(systems: &[(&str, u32)], alone: &[&str]) -> Vec<String> {
    let of = |&(system, rows): &(&str, u32)| (1..=rows).map(move |row| format!("{system}.{row}")).collect::<Vec<_>>();
    let alone = alone.iter().map(|&id| id.to_owned());
    systems.iter().flat_map(of).chain(alone).collect()
}

#[test]
fn every_row_of_other_systems_has_scenarios_and_a_screen() {
    let features = Features::of(include_str!("features.toml"));
    let mut sources = files("tests/it", ".rs");
    sources.extend(files("src", ".rs"));
    let wrong = features.problems(&rows(&SYSTEMS, &ALONE), &sources);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for reason in REASONS {
        let is_given = features.row.iter().any(|row| row.screen.iter().any(|given| given == reason));
        assert!(is_given, "no row gives the reason {reason} any more");
    }
}

/// What the check of a made-up table says, with sources in which `shown` and `pressed` run and `ignored` does not.
fn told(table: &str) -> Vec<String> {
    let file = |path: &str, text: &str| SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let sources = [
        file(
            "tests/it/desk/one.rs",
            "#[tokio::test]\nasync fn shown() {}\n\n#[test]\n#[ignore = \"slow\"]\nfn ignored() {}\n",
        ),
        file("tests/it/browser/one.rs", "#[tokio::test]\nasync fn pressed() {}\n"),
    ];
    Features::of(table).problems(&rows(&[("X", 2)], &["Y-1"]), &sources)
}

/// A row of a table.
fn row(id: &str, tests: &str, screen: &str) -> String {
    format!("[[row]]\nid = \"{id}\"\nwhat = \"Something\"\ntests = [{tests}]\nscreen = [{screen}]\n")
}

#[test]
fn a_table_that_promises_more_than_there_is_is_refused_by_the_row() {
    let good = || row("X.1", "\"shown\"", "\"pressed\"");
    let hidden = || row("X.2", "\"shown\", \"pressed\"", "\"(nobody is shown a secret)\"");
    let alone = || row("Y-1", "\"shown\"", "\"pressed\"");
    assert_eq!(told(&(good() + &hidden() + &alone())), Vec::<String>::new());
    for (tests, screen, said) in [
        ("\"absent\"", "\"pressed\"", "X.2: there is no scenario absent"),
        (
            "\"shown\", \"ignored\"",
            "\"pressed\"",
            "X.2: ignored shows nothing, as it does not run wherever the suite does",
        ),
        ("\"shown\"", "\"shown\"", "X.2: no scenario in the browser is called shown"),
        (
            "\"shown\"",
            "\"pressed\", \"(nobody is shown a secret)\"",
            "X.2: no scenario in the browser is called (nobody is shown a secret)",
        ),
        (
            "\"shown\"",
            "\"(everybody knows this)\"",
            "X.2: (everybody knows this) is none of the reasons for which nobody meets a row on a screen",
        ),
        ("\"shown\", \"shown\"", "\"pressed\"", "X.2 names one scenario twice"),
        ("", "\"pressed\"", "X.2 has nothing to show"),
        ("\"shown\"", "", "X.2 has nothing to show"),
    ] {
        assert_eq!(told(&(good() + &row("X.2", tests, screen) + &alone())), [said]);
    }
    assert_eq!(told(&(good() + &alone())), ["X.2 is missing"]);
    assert_eq!(told(&(good() + &hidden())), ["Y-1 is missing"]);
    let third = row("X.3", "\"shown\"", "\"pressed\"");
    assert_eq!(
        told(&(good() + &hidden() + &third + &alone())),
        ["X.3 is no row of any system"]
    );
    let order = "rows stand in another order than in their systems, or twice";
    assert_eq!(told(&(hidden() + &good() + &alone())), [order]);
    assert_eq!(told(&(good() + &good() + &hidden() + &alone())), [order]);
}
