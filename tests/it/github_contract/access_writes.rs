//! Giving and taking access: collaborators and teams.

use erpnext_github::sim::github::{Affiliation, Collaborator, Permission, World};
use serde_json::{Value, json};

use super::probe::Probe;

const HOME: &str = "/repos/acme/web";

fn world() -> World {
    let mut world = World::default();
    world.organization("acme").with_member("ada-l");
    let home = world.repository("acme/web");
    home.with_member(Collaborator::new("pusher", Permission::Push));
    home.with_member(Collaborator {
        affiliation: Affiliation::Outside,
        ..Collaborator::new("guest", Permission::Pull)
    });
    world.team("acme", "platform").members.push("ada-l".to_owned());
    world.user("newcomer");
    world.token("pusher", "pusher");
    world.token("guest", "guest");
    world
}

fn held(probe: &Probe, login: &str) -> Option<(Permission, Affiliation)> {
    let mut world = probe.fake.world();
    let mut all = world.repository("acme/web").collaborators.iter();
    all.find(|one| one.login == login)
        .map(|one| (one.permission, one.affiliation))
}

#[tokio::test]
async fn somebody_new_is_invited_and_has_access_only_after_accepting() {
    let probe = Probe::new(world()).await;
    let target = format!("{HOME}/collaborators/Newcomer");
    let reply = probe.write("PUT", &target, json!({ "permission": "triage" })).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let invitation = reply.json();
    assert_eq!(reply.header("location"), invitation["url"].as_str());
    assert_eq!(
        (
            &invitation["permissions"],
            &invitation["invitee"]["login"],
            &invitation["inviter"]["login"]
        ),
        (&json!("triage"), &json!("newcomer"), &json!("mona"))
    );
    assert_eq!(invitation["repository"]["full_name"], "acme/web");
    assert_eq!(held(&probe, "newcomer"), None);
    let again = probe.done_as(201, "PUT", &target, Value::Null).await;
    assert_eq!(
        (&again["id"], &again["permissions"]),
        (&invitation["id"], &json!("write")),
        "the same invitation, with the default"
    );
    probe.fake.world().repository("acme/web").accept_invitation("newcomer");
    assert_eq!(held(&probe, "newcomer"), Some((Permission::Push, Affiliation::Outside)));
    assert!(probe.fake.world().repository("acme/web").invitations.is_empty());
    assert_eq!(probe.done_as(204, "PUT", &target, Value::Null).await, Value::Null);
    probe.done();
}

#[tokio::test]
async fn who_has_access_already_is_changed_at_once() {
    let probe = Probe::new(world()).await;
    for (login, permission, becomes) in [
        ("pusher", "maintain", (Permission::Maintain, Affiliation::Direct)),
        ("guest", "admin", (Permission::Admin, Affiliation::Outside)),
        ("ada-l", "pull", (Permission::Pull, Affiliation::Direct)),
    ] {
        let target = format!("{HOME}/collaborators/{login}");
        probe.done_as(204, "PUT", &target, json!({ "permission": permission })).await;
        assert_eq!(held(&probe, login), Some(becomes), "{login}");
    }
    probe.done();
}

#[tokio::test]
async fn access_that_cannot_be_given_is_refused() {
    let mut world = world();
    world
        .repository("mona/home")
        .with_member(Collaborator::new("guest", Permission::Push));
    let mut probe = Probe::new(world).await;
    let wanted = json!({ "permission": "push" });
    for (target, body, status) in [
        (
            format!("{HOME}/collaborators/newcomer"),
            json!({ "permission": "everything" }),
            422,
        ),
        (format!("{HOME}/collaborators/nobody-at-all"), wanted.clone(), 404),
        (format!("{HOME}/collaborators/who%40example.com"), wanted.clone(), 404),
        (format!("{HOME}/collaborators/acme"), wanted.clone(), 404),
        ("/repos/mona/home/collaborators/mona".to_owned(), wanted.clone(), 422),
        ("/repos/acme/none/collaborators/newcomer".to_owned(), wanted.clone(), 404),
    ] {
        let refused = probe.write("PUT", &target, body).await;
        assert_eq!(refused.status, status, "{target}: {}", refused.body);
    }
    probe = probe.with_token(Some("pusher"));
    let refused = probe.write("PUT", &format!("{HOME}/collaborators/newcomer"), wanted).await;
    assert_eq!(
        (refused.status, refused.json()["message"].as_str()),
        (403, Some("Must have admin rights to Repository."))
    );
    assert!(probe.fake.world().repository("acme/web").invitations.is_empty());
    probe.done();
}

#[tokio::test]
async fn taking_access_takes_assignments_and_sent_invitations_too() {
    let mut world = world();
    let home = world.repository("acme/web");
    home.open_issue("One").assigned_to("guest").assigned_to("pusher");
    home.invite("newcomer", "guest", Permission::Pull);
    let mut probe = Probe::new(world).await;
    let target = |login: &str| format!("{HOME}/collaborators/{login}");
    probe.done_as(204, "DELETE", &target("Guest"), Value::Null).await;
    assert_eq!(held(&probe, "guest"), None);
    assert!(probe.fake.world().repository("acme/web").invitations.is_empty());
    assert_eq!(probe.fake.world().repository("acme/web").item_mut(1).assignees, ["pusher"]);
    probe.done_as(204, "DELETE", &target("guest"), Value::Null).await;
    probe.done_as(204, "DELETE", &target("newcomer"), Value::Null).await;
    assert_eq!(probe.write("DELETE", &target("nobody-at-all"), Value::Null).await.status, 404);
    probe = probe.with_token(Some("pusher"));
    assert_eq!(probe.write("DELETE", &target("mona"), Value::Null).await.status, 403);
    probe.done_as(204, "DELETE", &target("pusher"), Value::Null).await;
    assert_eq!(held(&probe, "pusher"), None, "everybody may leave");
    probe.done();
}

#[tokio::test]
async fn a_team_is_given_a_repository_and_loses_it_again() {
    let probe = Probe::new(world()).await;
    let target = "/orgs/acme/teams/platform/repos/acme/web";
    let role = async || -> Value {
        let people = probe.ok(&format!("{HOME}/collaborators")).await.json();
        let mut people = people.as_array().expect("a list").iter();
        people
            .find(|one| one["login"] == "ada-l")
            .map_or(Value::Null, |one| one["role_name"].clone())
    };
    assert_eq!(role().await, Value::Null);
    for (body, name) in [
        (json!({ "permission": "maintain" }), "maintain"),
        (json!({}), "read"),
        (Value::Null, "read"),
    ] {
        assert_eq!(probe.done_as(204, "PUT", target, body).await, Value::Null);
        assert_eq!(role().await, name);
    }
    for _ in 0..2 {
        probe.done_as(204, "DELETE", target, Value::Null).await;
        assert_eq!(role().await, Value::Null);
    }
    probe.done();
}

#[tokio::test]
async fn teams_and_repositories_that_do_not_fit_are_refused() {
    let mut world = world();
    world.repository("other/api");
    world.user("ada-l");
    let mut probe = Probe::new(world).await;
    for (target, body, status) in [
        ("/orgs/acme/teams/none/repos/acme/web", json!({}), 404),
        ("/orgs/acme/teams/platform/repos/acme/none", json!({}), 404),
        ("/orgs/nobody/teams/platform/repos/acme/web", json!({}), 404),
        ("/orgs/acme/teams/platform/repos/other/api", json!({}), 422),
        (
            "/orgs/acme/teams/platform/repos/acme/web",
            json!({ "permission": "all" }),
            422,
        ),
    ] {
        assert_eq!(probe.write("PUT", target, body).await.status, status, "{target}");
    }
    let target = "/orgs/acme/teams/platform/repos/acme/web";
    for (token, status) in [(Some("pusher"), 404), (None, 401)] {
        probe = probe.with_token(token);
        assert_eq!(probe.write("PUT", target, json!({})).await.status, status, "{token:?}");
        assert_eq!(probe.write("DELETE", target, Value::Null).await.status, status, "{token:?}");
    }
    assert!(probe.fake.world().teams[0].repositories.is_empty());
    probe.done();
}
