//! What is looked at again after we wrote it are the fields that we install on others' DocTypes, but for those that people own.

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
