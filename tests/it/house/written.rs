//! What is written down agrees with what there is: the fields that are looked at again after we wrote them are those that we install on others'
//! DocTypes, but for those that people own; and one page says how it works.

use std::collections::{BTreeMap, BTreeSet};

use erpnext_github::frappe::watched::WRITTEN;
use serde_json::Value;

use super::source::root;

/// Fields of ours that only people write.
const OF_PEOPLE: [(&str, &str); 1] = [("Project", "project_manager")];

#[test]
fn every_column_that_we_write_on_others_tables_is_looked_at_again() {
    let text = std::fs::read_to_string(root().join("hooks/custom_fields.json")).expect("the file");
    let fields: BTreeMap<String, Vec<Value>> = serde_json::from_str(&text).expect("JSON");
    let installed: BTreeSet<(String, String)> = fields
        .iter()
        .flat_map(|(doctype, fields)| {
            fields
                .iter()
                .map(move |field| (doctype.clone(), field["fieldname"].as_str().unwrap_or_default().to_owned()))
        })
        .filter(|(doctype, field)| !OF_PEOPLE.contains(&(doctype.as_str(), field.as_str())))
        .collect();
    let watched: BTreeSet<(String, String)> = WRITTEN
        .iter()
        .flat_map(|(doctype, columns)| {
            columns
                .iter()
                .map(move |column| ((*doctype).to_owned(), (*column).to_owned()))
        })
        .collect();
    assert_eq!(watched, installed);
}

/// One page says how GitHub is connected: with the walks that there are, and a picture of both sides.
#[test]
fn g0_20_how_it_works_is_one_page_with_a_picture_of_both_sides() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the file");
    let page = text.split("\n## How it works\n").nth(1).expect("the section");
    let page = page.split("\n## ").next().unwrap_or_default();
    let picture = page.split("```").nth(1).expect("a picture");
    for side in ["the person's browser", "this program, beside ERPNext", "GitHub"] {
        assert!(picture.contains(side), "{side}");
    }
    for walk in [
        "Three ways to prove who asks",
        "Making the App",
        "Connecting one's own account",
        "Installing the App",
    ] {
        assert!(page.contains(&format!("\n### {walk}\n")), "{walk}");
    }
}
