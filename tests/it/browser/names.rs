//! Names of methods: what the scripts call is what the service answers.

use std::collections::BTreeSet;
use std::path::Path;

use erpnext_github::actions::METHODS;

use super::chromium::root;

const PREFIX: &str = "erpnext_github_integration.";

/// Methods that no script of ours calls, and for whom they are.
const FOR_OTHERS: [(&str, &str); 10] = [
    (
        "desk.choose_repositories",
        "the page after an installation for all repositories",
    ),
    ("desk.latest_installation", "scripts of customers; ours are told by the page"),
    (
        "api.can_user_sync_repo",
        "scripts of customers; ours are told by the overviews",
    ),
    ("api.get_user_repositories", "scripts of customers"),
    (
        "desk.rights",
        "scripts of customers; our forms know the roles, and the overviews say the rest",
    ),
    (
        "github_api.can_user_sync_repo",
        "scripts of customers; ours are told by the overviews",
    ),
    (
        "github_api.list_branches",
        "scripts of customers; our forms have the branches",
    ),
    (
        "github_api.list_repo_members",
        "scripts of customers; our forms have the members",
    ),
    (
        "github_api.list_repository_webhooks",
        "scripts of customers; ours are told besides which webhooks are ours",
    ),
    (
        "github_api.start_sync_all_repositories",
        "scripts of customers; ours follow the work that they begin",
    ),
];

/// What the scripts name, without the prefix.
fn called() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("client_scripts")).expect("the scripts") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|ending| ending == "js") {
            names.extend(names_in(&std::fs::read_to_string(&path).expect("text"), &path));
        }
    }
    names
}

/// Names are written out, so that they can be found: `"github_api.sync_repo"`.
fn names_in(text: &str, path: &Path) -> Vec<String> {
    let quoted = text.split('"').skip(1).step_by(2);
    let ours = |name: &&str| ["github_api.", "api.", "desk."].iter().any(|module| name.starts_with(module));
    let names: Vec<String> = quoted.filter(ours).map(str::to_owned).collect();
    for name in &names {
        let odd = |letter: char| !letter.is_ascii_lowercase() && !"._".contains(letter);
        assert!(!name.contains(odd), "{}: {name} is no method's name", path.display());
    }
    names
}

/// What the service answers, without the prefix.
fn answered() -> BTreeSet<String> {
    let paths = METHODS.iter().filter_map(|method| method.path.strip_prefix(PREFIX));
    paths.map(str::to_owned).collect()
}

#[test]
fn scripts_call_what_is_there_and_what_is_there_is_called() {
    let (called, answered) = (called(), answered());
    let for_others: BTreeSet<String> = FOR_OTHERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let unknown: Vec<&String> = called.iter().filter(|name| !answered.contains(*name)).collect();
    assert!(unknown.is_empty(), "scripts call what nobody answers: {unknown:?}");
    let idle: Vec<&String> = answered
        .iter()
        .filter(|name| !called.contains(*name) && !for_others.contains(*name))
        .collect();
    assert!(idle.is_empty(), "no script calls {idle:?}, and no reason is given");
    let wrong: Vec<&String> = for_others.iter().filter(|name| called.contains(*name)).collect();
    assert!(wrong.is_empty(), "scripts do call {wrong:?}");
}
