//! Recorded answers of api.github.com, played back to the client, with GitHub's own headers and Link addresses.

use erpnext_github::domain::RepoName;
use erpnext_github::github::{Client, FeedItem, payload};
use serde_json::Value;

use super::{json, package};
use crate::github_client::canned::{Reply, Server};

/// What GitHub said in a scenario, call by call.
fn scenario(name: &str) -> Vec<Value> {
    let folder = package("fixtures").join("scenarios/api.github.com").join(name);
    match json(&folder.join("normalized-fixture.json")) {
        Value::Array(calls) => calls,
        other => panic!("{name} is no list of calls: {other}"),
    }
}

/// Puts the reads of a scenario on a server, at the paths at which they were recorded.
async fn play(name: &str) -> (Server, Client) {
    let server = Server::start().await;
    for call in scenario(name).iter().filter(|call| call["method"] == "get") {
        let path = call["path"].as_str().expect("a path");
        let status = call["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .expect("a status");
        let mut reply = Reply::raw(status, call["response"].to_string());
        for key in ["link", "location", "etag"] {
            if let Some(value) = call["headers"][key].as_str() {
                reply = reply.header(key, &value.replace("https://api.github.com", &server.url));
            }
        }
        server.on(path.split('?').next().unwrap_or(path), reply);
    }
    let client = server.client();
    (server, client)
}

fn name(text: &str) -> RepoName {
    text.parse().expect("a name")
}

#[tokio::test]
async fn a_recorded_list_is_walked_to_its_end() {
    let (server, client) = play("paginate-issues").await;
    let mut pages = client.items(&name("octokit-fixture-org/paginate-issues"), None);
    let mut numbers = Vec::new();
    let mut totals = Vec::new();
    while let Some(page) = pages.next().await.expect("a page") {
        assert!(page.odd.is_empty(), "{:?}", page.odd);
        assert!(page.items.iter().all(|item| matches!(item, FeedItem::Issue(_))));
        numbers.extend(page.items.iter().map(|item| item.item().number));
        totals.push(page.total_pages);
    }
    assert_eq!(totals, [Some(5); 5]);
    assert_eq!(numbers, (1..=13).rev().collect::<Vec<_>>());
    server.finish();
}

#[tokio::test]
async fn a_recorded_rename_is_followed() {
    let (server, client) = play("rename-repository").await;
    let asked = name("octokit-fixture-org/rename-repository");
    let found = client.repository(&asked).await.expect("followed").value;
    assert_ne!(found.name, asked);
    assert_eq!((found.id, found.owner.login.as_str()), (1000, "octokit-fixture-org"));
    server.finish();
}

#[tokio::test]
async fn recorded_collaborators_have_their_role() {
    let (server, client) = play("add-and-remove-repository-collaborator").await;
    let repository = name("octokit-fixture-org/add-and-remove-repository-collaborator");
    let mut sizes = Vec::new();
    for _ in 0..2 {
        let page = client
            .collaborators(&repository)
            .next()
            .await
            .expect("an answer")
            .expect("a page");
        assert!(page.odd.is_empty(), "{:?}", page.odd);
        assert!(page.items.iter().any(|member| member.permission == "admin"));
        sizes.push(page.items.len());
    }
    assert_eq!(sizes, [2, 1], "one was removed in between");
    drop(server);
}

/// Whatever else lies in the recordings and is an issue or a repository.
#[test]
fn every_recorded_issue_and_repository_decodes() {
    let (mut repositories, mut issues) = (0, 0);
    let folder = package("fixtures").join("scenarios/api.github.com");
    for scenario in std::fs::read_dir(&folder).expect("scenarios") {
        let scenario = scenario.expect("a scenario").path();
        for file in ["normalized-fixture.json", "raw-fixture.json"] {
            for call in json(&scenario.join(file)).as_array().expect("a list of calls") {
                let place = format!("{} {}", scenario.display(), call["path"]);
                let answer = &call["response"];
                let listed = answer.as_array().or_else(|| answer["items"].as_array());
                for object in listed.map_or_else(|| std::slice::from_ref(answer), Vec::as_slice) {
                    if object.get("full_name").is_some() && object.get("created_at").is_some() {
                        let read = payload::repository(object).unwrap_or_else(|error| panic!("{place}: {error}"));
                        assert_eq!(Some(read.id), object["id"].as_u64());
                        repositories += 1;
                    }
                    if object.get("comments_url").is_some() && object.get("number").is_some() {
                        let read = payload::issue(object).unwrap_or_else(|error| panic!("{place}: {error}"));
                        assert_eq!(Some(read.item.number), object["number"].as_u64());
                        issues += 1;
                    }
                }
            }
        }
    }
    assert!(
        repositories >= 20 && issues >= 40,
        "only {repositories} repositories and {issues} issues in the recordings"
    );
}
