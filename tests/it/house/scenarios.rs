//! Names of the scenarios and unit tests in sources: of those that run wherever the suite does, and of those that do not.

use std::collections::BTreeSet;

use super::source::{SourceFile, parse};

/// What every test of the suite is built under.
const OF_TESTS: &str = "cfg(test)";

/// Tests by the names of their functions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scenarios {
    /// Those that run.
    pub(super) run: BTreeSet<String>,
    /// Those that somebody has to ask for, or that are built under a condition, with their module or by themselves.
    pub(super) left_out: BTreeSet<String>,
}

impl Scenarios {
    /// Reads them.
    pub(super) fn of<'f>(files: impl Iterator<Item = &'f SourceFile>) -> Self {
        let files: Vec<&SourceFile> = files.collect();
        let mut all = Self::default();
        let mut conditional = Vec::new();
        let read: Vec<(&str, Found)> = files.iter().map(|file| (file.path.as_str(), Found::read(file))).collect();
        for (path, found) in &read {
            let home = home(path);
            conditional.extend(found.conditional.iter().map(|module| format!("{home}/{module}")));
        }
        for (path, found) in read {
            let is_in = |module: &String| {
                let rest = path.strip_prefix(module.as_str());
                rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            };
            let is_out = found.is_conditional || conditional.iter().any(is_in);
            for (name, runs) in found.tests {
                let set = if runs && !is_out { &mut all.run } else { &mut all.left_out };
                set.insert(name);
            }
        }
        all
    }
}

/// The folder of a file's own modules.
fn home(path: &str) -> &str {
    let without = path.strip_suffix(".rs").unwrap_or(path);
    let (folder, name) = without.rsplit_once('/').unwrap_or(("", without));
    if ["mod", "main", "lib"].contains(&name) {
        folder
    } else {
        without
    }
}

/// What one file has.
#[derive(Default)]
struct Found {
    /// Tests, and whether they run where the file does.
    tests: Vec<(String, bool)>,
    /// Files of modules that are built under a condition.
    conditional: Vec<String>,
    /// The file as a whole is.
    is_conditional: bool,
}

impl Found {
    fn read(file: &SourceFile) -> Self {
        let mut found = Self::default();
        let mut attributes: Vec<String> = Vec::new();
        // How the end of a module that is built under a condition is indented, inside of it.
        let mut out: Option<usize> = None;
        for line in parse(&file.text).code.lines() {
            let indent = line.len() - line.trim_start().len();
            let line = line.trim();
            if let Some(inner) = line.strip_prefix("#![") {
                found.is_conditional |= is_condition(inner);
            } else if let Some(attribute) = line.strip_prefix("#[") {
                attributes.push(attribute.to_owned());
            } else if !line.is_empty() {
                out = out.filter(|end| !(line == "}" && *end == indent));
                let is_out = attributes.iter().any(|one| is_condition(one) || one.starts_with("ignore"));
                if let Some(module) = module(line).filter(|_| is_out) {
                    match module.strip_suffix(';') {
                        Some(file) => found.conditional.push(file.to_owned()),
                        None => out = out.or(Some(indent)),
                    }
                }
                let is_test = attributes.iter().any(|one| one.starts_with("tokio::test") || one == "test]");
                if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
                    let name = rest.split('(').next().unwrap_or_default();
                    found.tests.push((name.to_owned(), !is_out && out.is_none()));
                }
                attributes.clear();
            }
        }
        found
    }
}

/// True for a condition that not every test is built under.
fn is_condition(attribute: &str) -> bool {
    attribute.starts_with("cfg") && !attribute.starts_with(OF_TESTS)
}

/// `name;` of a module in a file of its own, `name {` of one in braces.
fn module(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("mod ")?;
    (before.is_empty() || before.starts_with("pub")).then_some(rest)
}

#[test]
fn tests_that_run_are_told_from_those_that_do_not() {
    let file = |path: &str, text: &str| SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let sources = [
        file(
            "tests/it/main.rs",
            "#![cfg(test)]\nmod one;\n#[cfg(feature = \"slow\")]\nmod slow;\n#[cfg(unix)]\npub(crate) mod unix;\n",
        ),
        file(
            "tests/it/one.rs",
            "#[tokio::test(flavor = \"multi_thread\")]\n/// Says what.\nasync fn runs() {}\nfn helps() {}\n\
             // #[test]\n// fn is_a_comment() {}\nconst TEXT: &str = \"\n#[test]\nfn is_a_text() {}\n\";\n\
             #[ignore = \"why\"]\n#[test]\nfn ignored() {}\n#[test]\n#[cfg_attr(windows, ignore)]\nfn elsewhere_ignored() {}\n\
             #[cfg(test)]\nmod tests {\n    #[test]\n    fn of_a_unit() {}\n}\n\
             #[cfg(feature = \"slow\")]\nmod slow {\n    #[test]\n    fn inside() {\n    }\n    #[test]\n    fn inside_too() {}\n}\n\
             #[test]\nfn after_it() {}\n",
        ),
        file("tests/it/slow.rs", "#[test]\nfn of_a_slow_file() {}\n"),
        file("tests/it/slowly.rs", "#[test]\nfn of_another_file() {}\n"),
        file("tests/it/unix/mod.rs", "#[test]\nfn of_unix() {}\n"),
        file("tests/it/odd.rs", "#![cfg(feature = \"odd\")]\n#[test]\nfn odd() {}\n"),
    ];
    let found = Scenarios::of(sources.iter());
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(found.run, names(&["runs", "of_a_unit", "after_it", "of_another_file"]));
    let left_out = [
        "ignored",
        "elsewhere_ignored",
        "inside",
        "inside_too",
        "of_a_slow_file",
        "of_unix",
        "odd",
    ];
    assert_eq!(found.left_out, names(&left_out));
}
