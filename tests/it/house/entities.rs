//! Every part of a repository follows one pattern, and the recipe for the next one names files that are there.

use erpnext_github::store::owned_columns;

use super::source::root;

/// Entities that are parts of a repository, the page that tells how they are read, and the event that tells of them.
const PARTS: [(&str, &str); 6] = [
    ("label", "label"),
    ("milestone", "milestone"),
    ("release", "release"),
    ("comment", "issue_comment"),
    ("review", "pull_request_review"),
    ("commit", "push"),
];

#[test]
fn g2_7_every_entity_has_its_list_its_table_and_its_handler() {
    let has = |path: &str| assert!(root().join(path).is_file(), "{path} is not there");
    let handled: Vec<&str> = erpnext_github::webhook::events::handled().collect();
    for (entity, event) in PARTS {
        for path in [
            format!("doctypes/repository_{entity}.json"),
            format!("src/domain/{entity}.rs"),
            format!("src/github/wire/{entity}.rs"),
            format!("src/store/rows/{entity}.rs"),
        ] {
            has(&path);
        }
        let doctype = format!("Repository {}{}", entity[..1].to_uppercase(), &entity[1..]);
        assert!(owned_columns().iter().any(|table| table.doctype == doctype), "{doctype}");
        assert!(handled.contains(&event), "{event}");
    }
}

#[test]
fn g2_7_the_recipe_for_a_new_entity_names_files_that_are_there() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the file");
    let recipe = text.split("## Recipe: add a GitHub entity").nth(1).expect("the recipe");
    let recipe = recipe.split("\n## ").next().unwrap_or_default();
    let named: Vec<&str> = recipe
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| matches!(name.rsplit_once('.'), Some((_, "rs" | "json"))))
        .collect();
    assert!(named.len() >= 6, "{named:?}");
    for name in named {
        let is_there = ["", "src/", "src/sync/"]
            .iter()
            .any(|folder| root().join(folder).join(name).is_file());
        assert!(is_there, "{name} is not there");
    }
}
