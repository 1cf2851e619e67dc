//! What an issue can be given, and who has access: the lists behind dialogs and behind looking for a lost write.

use erpnext_github::sim::github::{Collaborator, Permission, World};
use serde_json::{Value, json};

use super::probe::Probe;

fn world() -> World {
    let mut world = World::default();
    let home = world.repository("acme/web");
    home.with_member(Collaborator::new("pusher", Permission::Push));
    home.with_issues(2);
    home.push("change");
    world.user("stranger");
    world.token("pusher", "pusher");
    world.team("acme", "core");
    world.grant_team("acme/web", "core", Permission::Maintain);
    world
}

fn words<'v>(list: &'v Value, key: &str) -> Vec<&'v str> {
    let items = list.as_array().expect("a list").iter();
    items.filter_map(|one| one[key].as_str()).collect()
}

#[tokio::test]
async fn labels_and_assignees_are_listed() {
    let probe = Probe::new(world()).await;
    let labels = probe.ok("/repos/acme/web/labels?per_page=2").await;
    assert!(labels.link("next").is_some());
    assert!(
        probe.pages("/repos/acme/web/labels?per_page=100").await[0]
            .body
            .contains("\"bug\"")
    );
    let people = probe.ok("/repos/acme/web/assignees").await.json();
    assert!(words(&people, "login").contains(&"pusher") && !words(&people, "login").contains(&"stranger"));
    probe.done();
}

#[tokio::test]
async fn invitations_and_teams_are_for_those_who_may_know() {
    let probe = Probe::new(world()).await;
    probe
        .done_as(
            201,
            "PUT",
            "/repos/acme/web/collaborators/stranger",
            json!({"permission": "triage"}),
        )
        .await;
    let waiting = probe.ok("/repos/acme/web/invitations").await.json();
    assert_eq!(
        (&waiting[0]["invitee"]["login"], &waiting[0]["permissions"]),
        (&json!("stranger"), &json!("triage"))
    );
    let teams = probe.ok("/repos/acme/web/teams").await.json();
    assert_eq!(
        (&teams[0]["slug"], &teams[0]["permission"]),
        (&json!("core"), &json!("maintain"))
    );
    let probe = probe.with_token(Some("pusher"));
    assert_eq!(probe.get("/repos/acme/web/invitations").await.status, 403);
    probe.done();
}

#[tokio::test]
async fn issues_are_listed_by_author_and_pull_requests_by_their_branches() {
    let probe = Probe::new(world()).await;
    probe
        .done_as(201, "POST", "/repos/acme/web/issues", json!({"title": "mine"}))
        .await;
    let pull = json!({"title": "A change", "head": "change", "base": "main"});
    probe.done_as(201, "POST", "/repos/acme/web/pulls", pull).await;
    let mine = probe
        .ok("/repos/acme/web/issues?creator=mona&state=all&sort=created&direction=desc")
        .await;
    let mine = mine.json();
    assert_eq!(words(&mine, "title")[..2], ["A change", "mine"]);
    assert!(
        mine.as_array()
            .expect("a list")
            .iter()
            .all(|one| one["user"]["login"] == "mona")
    );
    assert_eq!(probe.get("/repos/acme/web/issues?creator=nobody-at-all").await.status, 422);
    for (query, count) in [
        ("head=acme:change&base=main", 1),
        ("head=acme:other", 0),
        ("head=pusher:change", 0),
        ("base=other", 0),
    ] {
        let found = probe.ok(&format!("/repos/acme/web/pulls?{query}")).await;
        assert_eq!(found.numbers().len(), count, "{query}");
    }
    probe.done();
}
