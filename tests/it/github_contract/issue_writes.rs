//! Opening, changing and assigning issues.

use std::sync::Arc;

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::domain::Visibility;
use erpnext_github::sim::github::{Collaborator, Permission, World};
use serde_json::{Value, json};

use super::probe::{Probe, Reply};

const ISSUES: &str = "/repos/acme/web/issues";

/// A world with an administrator, somebody who may push, triage, read, and a stranger; the tokens have their logins.
fn world(clock: &Arc<FixedClock>) -> World {
    let mut world = World::new(Arc::clone(clock) as _);
    let home = world.repository("acme/web");
    for (login, permission) in [
        ("pusher", Permission::Push),
        ("sorter", Permission::Triage),
        ("reader", Permission::Pull),
    ] {
        home.with_member(Collaborator::new(login, permission));
    }
    for login in ["pusher", "sorter", "reader", "stranger"] {
        world.token(login, login);
    }
    world
}

async fn probe() -> Probe {
    Probe::new(world(&FixedClock::at(World::start_of_time()))).await
}

fn logins(item: &Value) -> Vec<&str> {
    let all = item["assignees"].as_array().expect("assignees").iter();
    all.filter_map(|one| one["login"].as_str()).collect()
}

fn why(reply: &Reply) -> (u16, String, String) {
    let error = reply.json()["errors"][0].take();
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    (reply.status, text("field"), text("code"))
}

#[tokio::test]
async fn an_issue_is_opened_by_the_caller_under_the_next_number() {
    let probe = probe().await.with_token(Some("pusher"));
    probe.fake.world().repository("acme/web").with_issues(3).delete_item(3);
    let sent = json!({ "title": "It breaks", "body": "Really", "assignees": ["SORTER", "sorter"], "labels": ["Bug", "odd"] });
    let reply = probe.write("POST", ISSUES, sent).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let made = reply.json();
    assert_eq!(reply.header("location"), made["url"].as_str());
    assert_eq!(
        (&made["number"], &made["state"], &made["comments"]),
        (&json!(4), &json!("open"), &json!(0))
    );
    assert_eq!(made["user"]["login"], "pusher");
    assert_eq!(logins(&made), ["sorter"]);
    let (held, new) = (&made["labels"][0], &made["labels"][1]);
    assert_eq!(
        (&held["name"], &held["color"]),
        (&json!("bug"), &json!("d73a4a")),
        "case does not make another label"
    );
    assert_eq!(
        (&new["name"], &new["color"], &new["description"]),
        (&json!("odd"), &json!("ededed"), &Value::Null)
    );
    assert_eq!(made["created_at"], "2026-03-02T09:00:00Z");
    assert_eq!(probe.ok(&format!("{ISSUES}/4")).await.json(), made, "it is there afterwards");
    let request = probe.fake.requests().remove(0);
    assert_eq!((request.method.as_str(), request.status), ("POST", 201));
    assert!(request.body.is_some_and(|body| body.contains("It breaks")));
    assert_eq!(super::wrong_requests(&probe.fake.requests()), Vec::<String>::new());
    probe.done();
}

#[tokio::test]
async fn what_cannot_be_an_issue_is_refused_and_nothing_is_made() {
    let probe = probe().await;
    let field = async |body: Value| why(&probe.write("POST", ISSUES, body).await);
    let is = |field: &str, code: &str| (422, field.to_owned(), code.to_owned());
    assert_eq!(field(json!({ "title": "  " })).await, is("title", "missing_field"));
    assert_eq!(field(json!({ "title": "x".repeat(257) })).await, is("title", "custom"));
    assert_eq!(
        field(json!({ "title": "x", "body": "漢".repeat(65_537) })).await,
        is("body", "custom")
    );
    let nobody = json!({ "title": "x", "assignees": ["pusher", "stranger"] });
    assert_eq!(field(nobody).await, is("assignees", "invalid"));
    for (body, text) in [
        (json!({ "body": "x" }), "\"title\" wasn't supplied"),
        (json!({ "title": "x", "labels": "bug" }), "is not an array"),
    ] {
        let reply = probe.write("POST", ISSUES, body).await;
        assert_eq!(reply.status, 422);
        assert!(
            reply.json()["message"].as_str().is_some_and(|message| message.contains(text)),
            "{}",
            reply.body
        );
    }
    for body in ["{", "[]"] {
        let reply = probe.send_write("POST", ISSUES, body.to_owned()).await.expect("an answer");
        assert_eq!(reply.status, 400);
    }
    assert_eq!(probe.ok(&format!("{ISSUES}?state=all")).await.json(), json!([]));
    probe.done();
}

#[tokio::test]
async fn members_of_a_body_that_the_fake_does_not_know_are_named_and_remembered() {
    let probe = probe().await;
    let sent = json!({ "title": "x", "type": 1 }).to_string();
    let reply = probe.send_write("POST", ISSUES, sent).await.expect("an answer");
    assert!(reply.status == 500 && reply.body.contains("`type`"));
    let route = probe
        .send_write("POST", "/user/repos", "{}".to_owned())
        .await
        .expect("an answer");
    assert_eq!(route.status, 500);
    assert_eq!(probe.fake.unexpected().len(), 2);
}

#[tokio::test]
async fn who_may_not_manage_issues_opens_them_without_labels_and_assignees() {
    let mut probe = probe().await;
    let sent = json!({ "title": "x", "assignees": ["pusher"], "labels": ["bug"] });
    for (token, kept) in [("stranger", 0), ("reader", 0), ("sorter", 1), ("pusher", 1)] {
        probe = probe.with_token(Some(token));
        let made = probe.done_as(201, "POST", ISSUES, sent.clone()).await;
        let counts = [&made["assignees"], &made["labels"]].map(|list| list.as_array().map_or(9, Vec::len));
        assert_eq!(counts, [kept, kept], "{token}");
    }
    probe.done();
}

#[tokio::test]
async fn writes_need_a_token_with_the_scope_and_a_repository_that_can_be_written() {
    let mut world = world(&FixedClock::at(World::start_of_time()));
    world.repository("acme/mirror").without_issues();
    world.repository("acme/old").archived = true;
    world.repository("acme/hidden").with_visibility(Visibility::Private);
    world.token("no-scope", World::VIEWER).with_scopes(&["read:org"]);
    let mut probe = Probe::new(world).await;
    for (token, target, status) in [
        (Some(World::TOKEN), "/repos/acme/mirror/issues", 410),
        (Some(World::TOKEN), "/repos/acme/old/issues", 403),
        (Some(World::TOKEN), "/repos/acme/none/issues", 404),
        (Some("stranger"), "/repos/acme/hidden/issues", 404),
        (Some("no-scope"), ISSUES, 404),
        (None, ISSUES, 401),
    ] {
        probe = probe.with_token(token);
        let reply = probe.write("POST", target, json!({ "title": "x" })).await;
        assert_eq!(reply.status, status, "{token:?} {target}");
    }
    probe.done();
}

#[tokio::test]
async fn a_change_moves_updated_at_and_no_change_does_not() {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = world(&clock);
    world.repository("acme/web").open_issue("Old").with_body("Text");
    let probe = Probe::new(world).await;
    let target = format!("{ISSUES}/1");
    clock.advance(TimeDelta::minutes(1));
    let same = json!({ "title": "Old", "body": "Text", "assignees": [], "labels": [], "state": "open" });
    let item = probe.done_as(200, "PATCH", &target, same).await;
    assert_eq!(item["updated_at"], "2026-03-02T09:00:00Z");
    let new = json!({ "title": "New", "body": null, "assignees": ["pusher", "sorter"], "labels": ["bug"] });
    let item = probe.done_as(200, "PATCH", &target, new).await;
    assert_eq!((&item["title"], &item["body"]), (&json!("New"), &Value::Null));
    assert_eq!(logins(&item), ["pusher", "sorter"]);
    assert_eq!(item["updated_at"], "2026-03-02T09:01:00Z");
    let item = probe
        .done_as(200, "PATCH", &target, json!({ "assignees": [], "labels": [] }))
        .await;
    assert_eq!(
        (logins(&item).len(), &item["labels"]),
        (0, &json!([])),
        "an empty list empties"
    );
    let item = probe.done_as(200, "PATCH", &target, json!({})).await;
    assert_eq!(item["title"], "New");
    let refused = probe.write("PATCH", &target, json!({ "assignees": ["stranger"] })).await;
    assert_eq!(why(&refused), (422, "assignees".to_owned(), "invalid".to_owned()));
    probe.done();
}

#[tokio::test]
async fn closing_and_reopening_say_who_when_and_why() {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = world(&clock);
    let home = world.repository("acme/web");
    home.open_issue("One");
    home.open_pull_request("Two", "change");
    home.open_pull_request("Three", "other");
    home.merge(3, "mona");
    let probe = Probe::new(world).await.with_token(Some("sorter"));
    clock.advance(TimeDelta::minutes(1));
    let one = format!("{ISSUES}/1");
    let closed = probe
        .done_as(
            200,
            "PATCH",
            &one,
            json!({ "state": "closed", "state_reason": "not_planned" }),
        )
        .await;
    assert_eq!(
        (&closed["state"], &closed["state_reason"]),
        (&json!("closed"), &json!("not_planned"))
    );
    assert_eq!(
        (&closed["closed_by"]["login"], &closed["closed_at"]),
        (&json!("sorter"), &json!("2026-03-02T09:01:00Z"))
    );
    let again = probe
        .done_as(200, "PATCH", &one, json!({ "state": "closed", "state_reason": "completed" }))
        .await;
    assert_eq!(
        again["state_reason"], "not_planned",
        "a reason counts with a change of state only"
    );
    let open = probe.done_as(200, "PATCH", &one, json!({ "state": "open" })).await;
    assert_eq!(
        (&open["state_reason"], &open["closed_at"]),
        (&json!("reopened"), &Value::Null)
    );
    let pull = probe
        .done_as(200, "PATCH", &format!("{ISSUES}/2"), json!({ "state": "closed" }))
        .await;
    assert_eq!((&pull["state"], &pull["state_reason"]), (&json!("closed"), &Value::Null));
    for (number, body) in [
        (3, json!({ "state": "open" })),
        (1, json!({ "state": "merged" })),
        (1, json!({ "state": "open", "state_reason": "bored" })),
    ] {
        let refused = probe.write("PATCH", &format!("{ISSUES}/{number}"), body).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
    }
    probe.done();
}

#[tokio::test]
async fn an_issue_is_changed_by_its_author_and_by_those_who_manage_issues() {
    let mut world = world(&FixedClock::at(World::start_of_time()));
    world.repository("acme/web").open_issue("Mine").by("stranger");
    world.repository("acme/web").open_issue("Theirs").by("pusher");
    let mut probe = Probe::new(world).await;
    for (token, statuses) in [("stranger", [200, 403]), ("reader", [403, 403]), ("sorter", [200, 200])] {
        probe = probe.with_token(Some(token));
        for (number, status) in (1..).zip(statuses) {
            let sent = json!({ "body": token, "labels": ["bug"] });
            let reply = probe.write("PATCH", &format!("{ISSUES}/{number}"), sent).await;
            assert_eq!(reply.status, status, "{token} {number}");
            if status == 200 {
                let labels = reply.json()["labels"].as_array().map_or(9, Vec::len);
                assert_eq!(labels, usize::from(token == "sorter"));
            }
        }
    }
    probe.done();
}

#[tokio::test]
async fn assignees_are_added_and_taken_away_and_nobody_is_told_who_cannot_be() {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = world(&clock);
    world.repository("acme/web").open_issue("One").assigned_to("pusher");
    world.repository("acme/web").open_pull_request("Two", "change");
    let mut probe = Probe::new(world).await;
    let target = format!("{ISSUES}/1/assignees");
    let some = json!({ "assignees": ["sorter", "Pusher", "stranger", "nobody-at-all"] });
    let item = probe.done_as(201, "POST", &target, some.clone()).await;
    assert_eq!(logins(&item), ["pusher", "sorter"]);
    clock.advance(TimeDelta::minutes(1));
    let item = probe.done_as(201, "POST", &target, some.clone()).await;
    assert_eq!(item["updated_at"], "2026-03-02T09:00:00Z", "nothing was new");
    let item = probe
        .done_as(200, "DELETE", &target, json!({ "assignees": ["PUSHER", "reader"] }))
        .await;
    assert_eq!(logins(&item), ["sorter"]);
    assert_eq!(item["updated_at"], "2026-03-02T09:01:00Z");
    let pull = probe
        .done_as(201, "POST", &format!("{ISSUES}/2/assignees"), some.clone())
        .await;
    assert!(pull["pull_request"].is_object() && logins(&pull).len() == 2);
    assert_eq!(
        probe
            .write("POST", &format!("{ISSUES}/9/assignees"), some.clone())
            .await
            .status,
        404
    );
    probe = probe.with_token(Some("reader"));
    let item = probe.done_as(201, "POST", &target, some.clone()).await;
    assert_eq!(logins(&item), ["sorter"], "ignored, and not refused");
    let item = probe.done_as(200, "DELETE", &target, some).await;
    assert_eq!(logins(&item), ["sorter"]);
    probe.done();
}

#[tokio::test]
async fn a_team_gives_its_members_what_it_may_do() {
    let mut world = world(&FixedClock::at(World::start_of_time()));
    world.grant_team("acme/web", "platform", Permission::Push).members = vec!["stranger".to_owned(), "reader".to_owned()];
    let probe = Probe::new(world).await;
    let made = probe
        .done_as(201, "POST", ISSUES, json!({ "title": "x", "assignees": ["stranger"] }))
        .await;
    assert_eq!(logins(&made), ["stranger"]);
    let people = probe.ok("/repos/acme/web/collaborators").await.json();
    let role = |login: &str| {
        let mut all = people.as_array().expect("a list").iter();
        all.find(|one| one["login"] == login).map(|one| one["role_name"].clone())
    };
    assert_eq!(
        (role("stranger"), role("reader"), role("sorter")),
        (Some(json!("write")), Some(json!("write")), Some(json!("triage")))
    );
    let direct = probe.ok("/repos/acme/web/collaborators?affiliation=direct").await.json();
    assert!(
        direct
            .as_array()
            .is_some_and(|all| all.iter().all(|one| one["login"] != "stranger"))
    );
    probe.done();
}

#[tokio::test]
async fn a_write_follows_a_repository_that_was_renamed_and_stays_what_it_is() {
    let mut world = world(&FixedClock::at(World::start_of_time()));
    let id = world.repository("acme/web").with_issues(1).id;
    world.rename_repository("acme/web", "acme/site");
    let probe = Probe::new(world).await;
    let moved = probe.write("PATCH", &format!("{ISSUES}/1"), json!({ "title": "New" })).await;
    let location = format!("{}/repositories/{id}/issues/1", probe.fake.base_url());
    assert_eq!((moved.status, moved.header("location")), (307, Some(location.as_str())));
    let item = probe.done_as(200, "PATCH", &location, json!({ "title": "New" })).await;
    assert_eq!(item["title"], "New");
    probe.done();
}
