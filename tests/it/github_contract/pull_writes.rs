//! Opening pull requests and asking for reviews.

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::sim::github::{Collaborator, Permission, World};
use serde_json::{Value, json};

use super::probe::{Probe, Reply};

const PULLS: &str = "/repos/acme/web/pulls";

fn world() -> World {
    let mut world = World::default();
    let home = world.repository("acme/web");
    for branch in ["change", "other"] {
        home.push(branch);
    }
    home.branch_off("copy", "main");
    home.with_member(Collaborator::new("pusher", Permission::Push));
    home.with_member(Collaborator::new("reader", Permission::Pull));
    world.token("reader", "reader");
    world.token("pusher", "pusher");
    world
}

fn message(reply: &Reply) -> String {
    let json = reply.json();
    let text = json["errors"][0]["message"].as_str().or_else(|| json["message"].as_str());
    text.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_pull_request_is_opened_between_two_branches() {
    let probe = Probe::new(world()).await.with_token(Some("pusher"));
    let sent = json!({ "title": "A change", "head": "change", "base": "main", "body": "Why", "draft": true });
    let reply = probe.write("POST", PULLS, sent).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let pull = reply.json();
    assert_eq!(reply.header("location"), pull["url"].as_str());
    assert_eq!(
        (&pull["number"], &pull["draft"], &pull["merged"]),
        (&json!(1), &json!(true), &json!(false))
    );
    assert_eq!(
        (&pull["head"]["ref"], &pull["base"]["ref"]),
        (&json!("change"), &json!("main"))
    );
    assert_eq!(pull["user"]["login"], "pusher");
    assert!(
        pull["mergeable"].is_null() && pull["mergeable_state"] == "unknown",
        "that is computed later"
    );
    let head = probe
        .fake
        .world()
        .repository("acme/web")
        .branch("change")
        .map(|branch| branch.sha.clone());
    assert_eq!(pull["head"]["sha"].as_str(), head.as_deref());
    let listed = probe.ok(&format!("{PULLS}?state=open")).await;
    assert_eq!(listed.numbers(), [1]);
    let by_owner = json!({ "title": "Another", "head": "acme:other", "base": "main" });
    assert_eq!(probe.done_as(201, "POST", PULLS, by_owner).await["number"], 2);
    probe.done();
}

#[tokio::test]
async fn what_cannot_be_merged_is_refused_with_githubs_reason() {
    let probe = Probe::new(world()).await;
    let open = json!({ "title": "A change", "head": "change", "base": "main" });
    probe.done_as(201, "POST", PULLS, open.clone()).await;
    for (head, base, reason) in [
        ("change", "main", "A pull request already exists for acme:change."),
        ("copy", "main", "No commits between main and copy"),
        ("main", "main", "No commits between main and main"),
    ] {
        let refused = probe
            .write("POST", PULLS, json!({ "title": "x", "head": head, "base": base }))
            .await;
        assert_eq!((refused.status, message(&refused).as_str()), (422, reason));
    }
    for (head, base, fields) in [
        ("nowhere", "main", vec!["head"]),
        ("friend:change", "main", vec!["head"]),
        ("nowhere", "nothing", vec!["head", "base"]),
        ("other", "nothing", vec!["base"]),
    ] {
        let refused = probe
            .write("POST", PULLS, json!({ "title": "x", "head": head, "base": base }))
            .await;
        let json = refused.json();
        let named: Vec<&str> = json["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .filter_map(|one| one["field"].as_str())
            .collect();
        assert_eq!((refused.status, named), (422, fields), "{head} {base}");
    }
    for body in [
        json!({ "head": "other", "base": "main" }),
        json!({ "title": "x", "head": "other" }),
    ] {
        assert_eq!(probe.write("POST", PULLS, body).await.status, 422);
    }
    assert_eq!(probe.ok(&format!("{PULLS}?state=all")).await.numbers(), [1]);
    probe.fake.world().repository("acme/web").merge(1, "mona");
    let merged = probe.write("POST", PULLS, open).await;
    assert_eq!(
        message(&merged),
        "No commits between main and change",
        "all of it is in there already"
    );
    probe.done();
}

#[tokio::test]
async fn a_pull_request_from_a_fork_needs_the_right_to_push_there() {
    let mut world = world();
    world.user("reader");
    world.repository("reader/web").fork = true;
    world.repository("reader/web").push("patch");
    let probe = Probe::new(world).await.with_token(Some("reader"));
    let refused = probe
        .write("POST", PULLS, json!({ "title": "x", "head": "change", "base": "main" }))
        .await;
    assert_eq!((refused.status, message(&refused).as_str()), (422, "must be a collaborator"));
    let sent = json!({ "title": "x", "head": "reader:patch", "base": "main" });
    let pull = probe.done_as(201, "POST", PULLS, sent.clone()).await;
    assert_eq!(
        (&pull["head"]["label"], &pull["head"]["repo"]["full_name"]),
        (&json!("reader:patch"), &json!("reader/web"))
    );
    let again = probe.write("POST", PULLS, sent).await;
    assert_eq!(message(&again), "A pull request already exists for reader:patch.");
    probe.done();
}

#[tokio::test]
async fn reviewers_and_teams_are_asked_once() {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = world().with_clock(clock.clone());
    world.grant_team("acme/web", "platform", Permission::Pull);
    world
        .repository("acme/web")
        .open_pull_request("A change", "change")
        .by("pusher")
        .labels
        .push("bug".to_owned());
    let probe = Probe::new(world).await;
    let target = format!("{PULLS}/1/requested_reviewers");
    clock.advance(TimeDelta::minutes(1));
    let sent = json!({ "reviewers": ["Reader", "mona"], "team_reviewers": ["platform"] });
    let names = |pull: &Value| {
        let of = |list: &str, key: &str| -> Vec<String> {
            let all = pull[list].as_array().expect("a list").iter();
            all.map(|one| one[key].as_str().unwrap_or_default().to_owned()).collect()
        };
        (of("requested_reviewers", "login"), of("requested_teams", "slug"))
    };
    let expected = (vec!["reader".to_owned(), "mona".to_owned()], vec!["platform".to_owned()]);
    let pull = probe.done_as(201, "POST", &target, sent.clone()).await;
    assert_eq!(names(&pull), expected);
    assert_eq!(pull["updated_at"], "2026-03-02T09:01:00Z");
    clock.advance(TimeDelta::minutes(1));
    let pull = probe.done_as(201, "POST", &target, sent).await;
    assert_eq!(
        (names(&pull), &pull["updated_at"]),
        (expected, &json!("2026-03-02T09:01:00Z"))
    );
    probe.done();
}

#[tokio::test]
async fn the_author_and_strangers_cannot_be_asked_to_review_and_then_nobody_is() {
    let mut world = world();
    world.user("stranger");
    world.team("acme", "elsewhere");
    world
        .repository("acme/web")
        .open_pull_request("A change", "change")
        .by("pusher");
    world.repository("acme/web").open_issue("No pull request");
    let mut probe = Probe::new(world).await;
    let target = format!("{PULLS}/1/requested_reviewers");
    for (body, reason) in [
        (
            json!({ "reviewers": ["mona", "PUSHER"] }),
            "Review cannot be requested from pull request author.",
        ),
        (
            json!({ "reviewers": ["mona", "stranger"] }),
            "is not a collaborator of the acme/web repository.",
        ),
        (
            json!({ "reviewers": ["mona", "who@example.com"] }),
            "is not a collaborator of the acme/web repository.",
        ),
        (
            json!({ "reviewers": ["mona"], "team_reviewers": ["elsewhere"] }),
            "is not a collaborator of the acme/web repository.",
        ),
    ] {
        let refused = probe.write("POST", &target, body).await;
        assert_eq!(refused.status, 422);
        assert!(message(&refused).ends_with(reason), "{}", refused.body);
    }
    assert_eq!(probe.ok(&format!("{PULLS}/1")).await.json()["requested_reviewers"], json!([]));
    for number in [2, 9] {
        let missing = probe
            .write(
                "POST",
                &format!("{PULLS}/{number}/requested_reviewers"),
                json!({ "reviewers": [] }),
            )
            .await;
        assert_eq!(missing.status, 404, "{number}");
    }
    probe = probe.with_token(Some("reader"));
    assert_eq!(
        probe.write("POST", &target, json!({ "reviewers": ["mona"] })).await.status,
        403
    );
    probe.done();
}
