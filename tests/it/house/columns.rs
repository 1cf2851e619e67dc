//! The columns that the mirror writes are fields of the DocTypes, which are the single truth for columns.

use std::collections::BTreeSet;

use erpnext_github::setup::{DocType, doctypes};
use erpnext_github::store::owned_columns;

/// Fields that belong to people or to the program's bookkeeping, and are not written by applying changes.
const NOT_GITHUBS: [(&str, &[&str]); 4] = [
    (
        "Repository",
        &[
            "project",
            "is_synced",
            "last_synced",
            "enabled",
            "stargazers_count",
            "sync_interval_minutes",
            "last_sync_error",
            "manage_webhook",
            "webhook_events",
            "integration",
            "access_token",
            "credential_note",
        ],
    ),
    ("Repository Issue", &["task"]),
    // What deliveries told of deployments, which no read tells.
    ("Repository Pull Request", &["task", "preview_url"]),
    ("Repository Release", &["preview_url"]),
];

fn doctype(name: &str) -> &'static DocType {
    let all = doctypes().expect("the shipped files");
    all.iter()
        .find(|doctype| doctype.name == name)
        .unwrap_or_else(|| panic!("no DocType {name}"))
}

#[test]
fn every_column_of_the_mirror_is_a_field_and_every_field_has_an_owner() {
    for owned in owned_columns() {
        let doctype = doctype(owned.doctype);
        let written: BTreeSet<&str> = owned.columns.iter().copied().collect();
        assert_eq!(written.len(), owned.columns.len(), "{}: a column twice", owned.doctype);
        let others = NOT_GITHUBS
            .iter()
            .find(|(name, _)| *name == owned.doctype)
            .map_or(&[][..], |(_, fields)| fields);
        let fields: BTreeSet<&str> = doctype.stored_fields().map(|field| field.fieldname.as_str()).collect();
        let known: BTreeSet<&str> = written.iter().chain(others).copied().collect();
        assert_eq!(
            fields, known,
            "{}: fields of the JSON (left), and columns with an owner (right)",
            owned.doctype
        );
    }
}

#[test]
fn what_github_owns_is_read_only_in_the_form() {
    for owned in owned_columns() {
        let doctype = doctype(owned.doctype);
        for column in owned.columns {
            let field = doctype.field(column).unwrap_or_else(|| panic!("{}.{column}", owned.doctype));
            // The key of a document is typed once, when somebody adds it by hand.
            let key = matches!(column, "full_name" | "repository" | "issue_number" | "pr_number");
            assert!(
                field.is_read_only() || doctype.is_table || key,
                "{}.{column} can be edited",
                owned.doctype
            );
        }
    }
}

/// A list asks for the titles of linked documents in the same query, which is refused as a whole to who may not read them.
#[test]
fn a_list_needs_no_right_to_anything_but_its_own_rows() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/doctypes")).expect("a folder");
    let files = folder.map(|entry| entry.expect("a file").path());
    for path in files.filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let text = std::fs::read_to_string(&path).expect("readable");
        let file: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for field in file["fields"].as_array().expect("fields") {
            if field["fieldtype"] == "Link" && field["in_list_view"] == 1 && file["istable"] != 1 {
                let to = field["options"].as_str().expect("a DocType");
                assert!(to.starts_with("Repository"), "{}.{}", file["name"], field["fieldname"]);
            }
        }
    }
}
