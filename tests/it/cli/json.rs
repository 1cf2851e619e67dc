//! `--json`: one object, no key twice, site by site.

use std::process::Command;

use erpnext_github::sim::github::{FakeGithub, World};
use erpnext_github::sim::site::FrappeMajor;
use serde_json::{Value, json};

use super::program::{Ended, finish, program};
use crate::support::TestSite;

/// The program on the site's bench.
fn on(site: &TestSite, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command.current_dir(site.bench_root());
    command
}

async fn run(site: &TestSite, arguments: &[&str], input: &str) -> Ended {
    let (command, input) = (on(site, arguments), input.to_owned());
    tokio::task::spawn_blocking(move || finish(command, &input))
        .await
        .expect("the program runs")
}

/// The one site's part of the answer, which names the site once.
fn only_site(ended: &Ended, site: &TestSite) -> Value {
    assert_eq!(ended.code, 0, "{ended:?}");
    let answer: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    assert_eq!(answer["ok"], json!(true), "{ended:?}");
    // A parser keeps the last of two equal keys and says nothing.
    assert_eq!(ended.stdout.matches("\"site\":").count(), 1, "{}", ended.stdout);
    assert_eq!(answer["sites"][0]["site"], site.scratch().site_name(), "{}", ended.stdout);
    answer["sites"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_names_the_site_once() {
    let site = TestSite::new(FrappeMajor::V15).await;
    let mut world = World::default();
    world.repository("octo/web").with_issues(3);
    let github = FakeGithub::start(world).await.expect("a fake GitHub");

    let plan = only_site(&run(&site, &["install", "--plan", "--json"], "").await, &site);
    assert!(plan["tables"].as_array().is_some_and(|tables| !tables.is_empty()), "{plan}");
    let installed = only_site(&run(&site, &["install", "--json"], "").await, &site);
    assert_eq!(installed["tables"], plan["tables"]);
    let api = ["--github-api-url", github.base_url()];
    let set = [&["settings", "set", "personal_access_token", "--stdin"], &api[..]].concat();
    let stored = run(&site, &set, World::TOKEN).await;
    assert_eq!(stored.code, 0, "{stored:?}");
    let arguments = [&["sync", "--repo", "octo/web", "--json"], &api[..]].concat();
    let synced = only_site(&run(&site, &arguments, "").await, &site);
    assert_eq!(
        synced["repositories"][0]["entities"]["Issue"]["created"],
        json!(3),
        "{synced}"
    );
}
