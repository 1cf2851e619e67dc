//! Every example payload that GitHub publishes, of github.com and of its servers, is delivered to a site that follows what they name.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use erpnext_github::domain::ReviewState;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Collaborator, Issue, Permission, Repository, World};
use erpnext_github::webhook::events;
use serde_json::{Value, json};

use super::{Hooked, stored_secret};
use crate::jobs::runner;
use crate::recorded::{json, package};
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

/// Folders of the package: github.com, and the versions of its server.
const FOLDERS: [&str; 6] = ["api.github.com", "ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"];

/// What is worked on and changes no row, and why. An action of `-` stands for an event without actions.
const CHANGES_NOTHING: [(&str, &str, &str); 3] = [
    ("meta", "deleted", "the hook is gone, and nothing of the repository changed"),
    ("deployment", "-", "a deployment says no address yet; its status does"),
    ("deployment", "created", "a deployment says no address yet; its status does"),
];

/// One example.
pub(super) struct Example {
    event: String,
    pub(super) payload: Value,
}

impl Example {
    fn action(&self) -> &str {
        self.payload["action"].as_str().unwrap_or("-")
    }

    fn repository(&self) -> Option<u64> {
        self.payload["repository"]["id"].as_u64()
    }

    /// The number of the issue or pull request that it tells of.
    fn item(&self) -> Option<(u64, bool)> {
        let number = |key: &str| self.payload[key]["number"].as_u64();
        let pull = number("pull_request").map(|number| (number, true));
        let issue = number("issue").map(|number| (number, self.payload["issue"]["pull_request"].is_object()));
        pull.or(issue)
    }

    /// The state before a removal is told as another action, so that there is something to remove.
    fn before(&self) -> Option<Value> {
        let has_rows = ["issues", "issue_comment", "label", "milestone", "release"].contains(&self.event.as_str());
        let removes = ["deleted", "transferred"].contains(&self.action());
        let mut payload = (has_rows && removes).then(|| self.payload.clone())?;
        payload["action"] = json!(if self.event == "issues" { "opened" } else { "created" });
        Some(payload)
    }
}

pub(super) fn examples() -> Vec<Example> {
    let mut all = Vec::new();
    for folder in FOLDERS {
        for event in json(&package("webhooks-examples").join(folder).join("index.json"))
            .as_array()
            .expect("events")
        {
            for payload in event["examples"].as_array().expect("examples") {
                all.push(Example {
                    event: event["name"].as_str().expect("a name").to_owned(),
                    payload: payload.clone(),
                });
            }
        }
    }
    // GitHub's examples of these are of tags alone, which are not mirrored.
    for event in ["create", "delete"] {
        let of_tag = all.iter().find(|example| example.event == event).expect("an example");
        let mut payload = of_tag.payload.clone();
        payload["ref_type"] = json!("branch");
        all.push(Example {
            event: event.to_owned(),
            payload,
        });
    }
    all
}

/// The repositories and accounts that the examples name. Some have one name at different times: what has an id is another repository.
fn build(world: &mut World, examples: &[Example]) -> BTreeMap<u64, String> {
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    for example in examples {
        if let Some(login) = example.payload["sender"]["login"].as_str() {
            world.user(login);
        }
        let (Some(id), Some(name)) = (example.repository(), example.payload["repository"]["full_name"].as_str()) else {
            continue;
        };
        if names.contains_key(&id) {
            continue;
        }
        let owner = &example.payload["repository"]["owner"];
        let login = owner["login"].as_str().expect("an owner");
        if owner["type"] == "User" {
            world.user(login);
        }
        let taken = names.values().any(|other| other.eq_ignore_ascii_case(name));
        let name = if taken { format!("{name}-{id}") } else { name.to_owned() };
        let made = world.repository(&name).id;
        let mut home = world.repositories.remove(&made).expect("it was made");
        home.id = id;
        home.with_member(Collaborator::new("octo", Permission::Admin));
        world.repositories.insert(id, home);
        names.insert(id, name);
    }
    names
}

/// Everything of a repository becomes other than it was, so that whatever is read of it brings a change.
fn move_on(world: &mut World, example: &Example, step: usize) {
    let login = format!("newcomer-{step}");
    world.user(&login);
    let Some(home) = example.repository().and_then(|id| world.repositories.get_mut(&id)) else {
        return;
    };
    home.stars += 1;
    home.description = Some(format!("As of {step}"));
    home.push("main");
    home.push(&format!("branch-{step}"));
    home.with_member(Collaborator::new(&login, Permission::Push));
    home.add_label(&format!("label {step}"));
    home.add_milestone(&format!("Milestone {step}"));
    home.publish_release(&format!("v{step}"));
    if let Some((number, is_pull)) = example.item() {
        if home.item(number).is_none() {
            place(home, number, is_pull, step);
        }
        home.comment(number);
        if home.item(number).is_some_and(Issue::is_pull_request) {
            home.review(number, &login, ReviewState::Approved);
        }
    }
}

/// An issue or pull request under just that number.
fn place(home: &mut Repository, number: u64, is_pull: bool, step: usize) {
    let made = if is_pull {
        home.open_pull_request("Somewhere", &format!("head-{step}")).number
    } else {
        home.open_issue("Somewhere").number
    };
    let mut item = home.items.remove(&made).expect("it was made");
    item.number = number;
    home.items.insert(number, item);
}

/// Nothing is known of the parts of repositories: each example is told to a mirror that has not heard of it.
async fn forget(mirror: &Mirror) {
    for doctype in [
        "Repository Issue",
        "Repository Issue Assignee",
        "Repository Pull Request",
        "Repository PR Assignee",
        "Repository PR Reviewer",
        "Repository Label",
        "Repository Milestone",
        "Repository Release",
        "Repository Release Asset",
        "Repository Comment",
        "Repository Review",
    ] {
        mirror
            .erp
            .scratch()
            .execute(&format!("DELETE FROM `tab{doctype}`"))
            .await
            .expect("forgotten");
    }
    mirror
        .erp
        .scratch()
        .execute("DELETE FROM erpnext_github_tombstone")
        .await
        .expect("forgotten");
}

/// The DocTypes whose rows differ.
fn changed(before: &[String], after: &[String]) -> BTreeSet<String> {
    let (before, after): (BTreeSet<&String>, BTreeSet<&String>) = (before.iter().collect(), after.iter().collect());
    before
        .symmetric_difference(&after)
        .filter_map(|row| Some(row.split_once(": ")?.0.to_owned()))
        .collect()
}

/// What GitHub owns, and the number of stars, which is counted beside it.
async fn rows(mirror: &Mirror) -> Vec<String> {
    let mut rows = mirror.owned().await;
    let stars = "SELECT CONCAT('Repository: ', name, ' ', stargazers_count) FROM tabRepository";
    rows.extend(mirror.column(stars).await);
    // What deployments are kept as; the examples' commits belong to no pull request or release that is there.
    let previews = "SELECT CONCAT_WS(' ', 'Preview:', p.*) FROM erpnext_github_preview p";
    rows.extend(
        mirror
            .column(&previews.replace("p.*", "repository_id, deployment_id, sha, git_ref, url, told_at"))
            .await,
    );
    rows
}

#[tokio::test]
async fn g0_19_all_of_githubs_examples_are_taken_and_each_one_worked_on_changes_a_row() {
    let examples = examples();
    assert!(examples.len() >= 728, "only {} examples", examples.len());
    let mut names = BTreeMap::new();
    let mirror = Mirror::new(|world| names = build(world, &examples)).await;
    for name in names.values() {
        mirror.sync(name).await;
    }
    let (desk, secret) = (Desk::of(&mirror).await, stored_secret(&mirror).await);
    let hooked = Hooked { mirror, desk, secret };

    let mut changes: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (step, example) in examples.iter().enumerate() {
        let kind = (example.event.clone(), example.action().to_owned());
        let is_handled = events::handled().any(|event| event == example.event);
        let is_looked_at = is_handled && changes.get(&kind).is_none_or(BTreeSet::is_empty);
        let id = format!("00000000-0000-4000-8000-{step:012}");
        let mut before = Vec::new();
        if is_looked_at {
            forget(&hooked.mirror).await;
            if let Some(payload) = example.before() {
                hooked.deliver(&format!("{id}-before"), &example.event, &payload).await;
            }
            hooked.mirror.erp.clock().advance(TimeDelta::minutes(1));
            hooked.change(|world| move_on(world, example, step));
            before = rows(&hooked.mirror).await;
        }
        let status = hooked.deliver(&id, &example.event, &example.payload).await;
        let (end, reason) = hooked.event(&id).await;
        if !(200..300).contains(&status)
            || !["processed", "ignored", "unhandled"].contains(&end.as_str())
            || reason == "not followed"
            || (end != "processed" && reason.is_empty())
        {
            wrong.push(format!("{kind:?} {id}: {status}, {end}: {reason}"));
        }
        if is_looked_at {
            // What may wait for others is read within the hour.
            hooked.mirror.erp.clock().advance(TimeDelta::hours(1));
            runner(&hooked.mirror).step(Work::Refresh).await;
            let these = changed(&before, &rows(&hooked.mirror).await);
            changes.entry(kind).or_default().extend(these);
        }
        *ends.entry(end).or_default() += 1;
    }
    println!("{} examples of {} repositories: {ends:?}", examples.len(), names.len());
    for ((event, action), tables) in &changes {
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        println!("{event} {action}: {}", tables.join(", "));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mut idle: Vec<_> = changes
        .iter()
        .filter(|(_, tables)| tables.is_empty())
        .map(|(kind, _)| kind)
        .collect();
    idle.retain(|(event, action)| !CHANGES_NOTHING.iter().any(|one| one.0 == event && one.1 == action));
    assert!(idle.is_empty(), "worked on, and nothing changed: {idle:?}");
    let unread = hooked
        .mirror
        .column("SELECT reason FROM erpnext_github_refresh WHERE attempts > 0")
        .await;
    assert!(unread.is_empty(), "{unread:?}");
    // Each hook that was deleted is told of.
    let deleted = examples.iter().filter(|example| example.event == "meta").count();
    hooked.mirror.finish_with_errors(deleted).await;
}
