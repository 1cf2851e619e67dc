//! The lists that the desk's methods show: commits, teams, hooks, and the search for a person.

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::sim::github::{AccountKind, Collaborator, Permission, World};
use serde_json::{Value, json};

use super::probe::{Probe, Reply};

fn texts(reply: &Reply, place: &str) -> Vec<String> {
    let json = reply.json();
    let list = json.as_array().or_else(|| json["items"].as_array()).expect("a list").clone();
    let text = |one: &Value| one.pointer(place).and_then(Value::as_str).map(str::to_owned);
    list.iter().filter_map(text).collect()
}

#[tokio::test]
async fn commits_are_those_of_a_branch_newest_first_between_two_moments() {
    let mut world = World::default();
    let home = world.repository("acme/web").with_commits(6);
    home.open_pull_request("A change", "change");
    let head = home.branch("change").expect("a branch").sha.clone();
    let probe = Probe::new(world).await;
    let target = "/repos/acme/web/commits";
    let main = probe.ok(target).await;
    let dates = texts(&main, "/commit/committer/date");
    assert_eq!(dates.len(), 6);
    assert!(dates.is_sorted_by(|a, b| a >= b), "{dates:?}");
    assert_eq!(main.json()[0]["parents"][0]["sha"], main.json()[1]["sha"]);
    let count = async |query: &str| texts(&probe.ok(&format!("{target}?{query}")).await, "/sha").len();
    assert_eq!(count("sha=change").await, 7);
    assert_eq!(count(&format!("sha={head}&per_page=100")).await, 7);
    assert_eq!(count("since=2026-03-02T07:00:00Z").await, 3);
    assert_eq!(count("since=2026-03-02T06:00:00Z&until=2026-03-02T08:00:00Z").await, 3);
    assert_eq!(probe.get(&format!("{target}?sha=nowhere")).await.status, 404);
    assert_eq!(probe.get(&format!("{target}?since=yesterday")).await.status, 422);
    probe.done();
}

#[tokio::test]
async fn a_repository_without_commits_has_no_list_of_them() {
    let mut world = World::default();
    world.repository("acme/empty").without_commits();
    let probe = Probe::new(world).await;
    let refused = probe.get("/repos/acme/empty/commits?per_page=50").await;
    assert_eq!(
        (refused.status, refused.json()["message"].as_str()),
        (409, Some("Git Repository is empty."))
    );
    probe.done();
}

#[tokio::test]
async fn teams_are_shown_to_members_whose_token_may_read_the_organisation() {
    let mut world = World::default();
    world.team("acme", "platform").description = Some("Keeps things running".to_owned());
    world.team("acme", "reviewers");
    world.team("other", "elsewhere");
    world.token("outsider", "visitor");
    world.token("narrow", "mona").with_scopes(&["repo"]);
    let mut probe = Probe::new(world).await;
    let teams = probe.ok("/orgs/acme/teams").await;
    assert_eq!(texts(&teams, "/slug"), ["platform", "reviewers"]);
    assert_eq!(probe.get("/orgs/nobody/teams").await.status, 404);
    for (token, status) in [("outsider", 403), ("narrow", 403)] {
        probe = probe.with_token(Some(token));
        assert_eq!(probe.get("/orgs/acme/teams").await.status, status, "{token}");
    }
    probe.done();
}

#[tokio::test]
async fn memberships_say_who_owns_an_organization_and_need_a_scope() {
    let mut world = World::default();
    world.organization("acme");
    world.user("octo");
    let guild = world.organization("guild");
    guild.owners = vec!["octo".to_owned()];
    guild.with_member("mona");
    world.organization("strangers").owners = vec!["octo".to_owned()];
    world.token("narrow", "mona").with_scopes(&["repo"]);
    let mut probe = Probe::new(world).await;
    let seen = probe.ok("/user/memberships/orgs").await;
    assert_eq!(texts(&seen, "/organization/login"), ["acme", "guild"]);
    assert_eq!(texts(&seen, "/role"), ["admin", "member"]);
    probe = probe.with_token(Some("narrow"));
    assert_eq!(probe.get("/user/memberships/orgs").await.status, 403);
    probe.done();
}

#[tokio::test]
async fn hooks_are_shown_to_administrators_and_their_secrets_to_nobody() {
    let mut world = World::default();
    let home = world.repository("acme/web");
    home.add_hook("https://erp.example.com/hook")
        .with_secret("a-made-up-secret")
        .for_events(&["push", "issues"]);
    home.add_hook("https://ci.example.com/hook").last_response = Some(502);
    home.with_member(Collaborator::new("ada-l", Permission::Maintain));
    world.token("maintainer", "ada-l");
    world.token("no-hooks", "mona").with_scopes(&["public_repo"]);
    let mut probe = Probe::new(world).await;
    let hooks = probe.ok("/repos/acme/web/hooks").await;
    let shown = hooks.json();
    assert_eq!(shown[0]["config"]["secret"], "********");
    assert_eq!(shown[0]["events"], json!(["push", "issues"]));
    assert_eq!(shown[0]["last_response"]["status"], "unused");
    assert_eq!(shown[1]["config"].get("secret"), None);
    assert_eq!(shown[1]["last_response"]["code"], 502);
    assert!(!hooks.body.contains("a-made-up-secret"));
    let one = probe.ok(&format!("/repos/acme/web/hooks/{}", shown[1]["id"])).await.json();
    assert_eq!(one, shown[1]);
    assert_eq!(probe.get("/repos/acme/web/hooks/5").await.status, 404);
    for token in ["maintainer", "no-hooks"] {
        probe = probe.with_token(Some(token));
        assert_eq!(probe.get("/repos/acme/web/hooks").await.status, 404, "{token}");
    }
    probe.done();
}

#[tokio::test]
async fn people_are_found_by_their_public_address_and_one_hit_is_not_always_the_right_one() {
    let mut world = World::default();
    world.user("other").with_email("not-ada@example.com");
    world.user("ada-l").with_email("Ada@Example.com");
    world.bot("renovate").with_email("ada@example.com");
    world.user("hidden");
    let probe = Probe::new(world).await;
    let found = probe.ok("/search/users?q=ada%40example.com+in%3Aemail").await;
    assert_eq!(texts(&found, "/login"), ["ada-l", "other"], "the same address comes first");
    assert_eq!(found.json()["total_count"], 2);
    assert_eq!(found.json()["incomplete_results"], false);
    assert_eq!(found.json()["items"][0].get("email"), None);
    assert_eq!(found.json()["items"][0]["type"], AccountKind::User.as_str());
    let nobody = probe.ok("/search/users?q=hidden%40example.com+in%3Aemail").await;
    assert_eq!(
        nobody.json(),
        json!({ "total_count": 0, "incomplete_results": false, "items": [] })
    );
    assert_eq!(probe.get("/search/users?q=").await.status, 422);
    assert_eq!(
        probe.get("/search/users?q=ada%40example.com+in:email&page=35").await.status,
        422
    );
    probe.done();
}

#[tokio::test]
async fn a_search_for_anything_else_is_named_and_remembered() {
    let probe = Probe::new(World::default()).await;
    for query in ["ada", "ada+in:login", "ada+in:email+type:user", "one+two+in:email"] {
        let reply = probe.send(&format!("/search/users?q={query}"), &[]).await.expect("an answer");
        assert_eq!(reply.status, 500, "{query}");
    }
    assert_eq!(probe.fake.unexpected().len(), 4);
}

#[tokio::test]
async fn searches_have_a_limit_of_their_own_that_comes_back_each_minute() {
    let clock = FixedClock::at(World::start_of_time());
    let probe = Probe::new(World::new(clock.clone())).await;
    let target = "/search/users?q=nobody%40example.com+in:email";
    for left in (0..30).rev() {
        let reply = probe.ok(target).await;
        assert_eq!(reply.header("x-ratelimit-remaining"), Some(left.to_string().as_str()));
        assert_eq!(reply.header("x-ratelimit-resource"), Some("search"));
    }
    let refused = probe.get(target).await;
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (403, Some("0")));
    let overview = probe.ok("/rate_limit").await.json();
    assert_eq!(overview["resources"]["search"]["remaining"], 0);
    assert_eq!(overview["resources"]["core"]["remaining"], 5_000);
    assert_eq!(probe.fake.counts().search_points, 30);
    clock.advance(TimeDelta::minutes(1));
    probe.ok(target).await;
    probe.done();
}

#[tokio::test]
async fn comments_are_listed_by_either_time_and_since_a_moment() {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = World::new(clock.clone());
    let home = world.repository("acme/web").with_issues(1);
    home.open_pull_request("A change", "change");
    let ids: Vec<u64> = (1..=3)
        .map(|step| {
            clock.advance(TimeDelta::minutes(1));
            home.comment_by(1 + step % 2, "ada-l", "Text")
        })
        .collect();
    clock.advance(TimeDelta::minutes(1));
    home.edit_comment(ids[0], "Better");
    let probe = Probe::new(world).await;
    let list = async |query: &str| {
        let reply = probe.ok(&format!("/repos/acme/web/issues/comments?{query}")).await.json();
        let ids = reply
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["id"].as_u64().unwrap_or(0));
        ids.collect::<Vec<u64>>()
    };
    assert_eq!(list("").await, ids);
    assert_eq!(list("direction=desc").await, ids, "ignored without an order");
    assert_eq!(list("sort=updated&direction=desc").await, [ids[0], ids[2], ids[1]]);
    assert_eq!(
        list("sort=updated&direction=asc&since=2026-03-02T09:03:00Z").await,
        [ids[2], ids[0]]
    );
    let all = probe.ok("/repos/acme/web/issues/comments").await.json();
    assert_eq!(
        all[1]["html_url"],
        format!("https://github.com/acme/web/issues/1#issuecomment-{}", ids[1])
    );
    assert!(
        all[0]["html_url"]
            .as_str()
            .is_some_and(|page| page.contains("/pull/2#issuecomment-"))
    );
    assert!(all[0]["issue_url"].as_str().is_some_and(|url| url.ends_with("/issues/2")));
    probe.done();
}

#[tokio::test]
async fn drafts_are_shown_to_those_who_may_push() {
    let mut world = World::default();
    let home = world.repository("acme/web").with_releases(2);
    home.publish_release("v9").make_draft();
    world.token("outsider", "visitor");
    let mut probe = Probe::new(world).await;
    let releases = probe.ok("/repos/acme/web/releases").await;
    assert_eq!(texts(&releases, "/tag_name"), ["v9", "v0.1.0", "v0.0.0"]);
    assert!(releases.json()[0]["published_at"].is_null());
    assert_eq!(releases.json()[1]["assets"][0]["state"], "uploaded");
    probe = probe.with_token(Some("outsider"));
    assert_eq!(
        texts(&probe.ok("/repos/acme/web/releases").await, "/tag_name"),
        ["v0.1.0", "v0.0.0"]
    );
    probe.done();
}

#[tokio::test]
async fn a_label_keeps_its_id_and_a_milestone_its_number() {
    let mut world = World::default();
    let home = world.repository("acme/web");
    home.add_label("one");
    home.add_label("two");
    home.add_milestone("First");
    home.add_milestone("Second");
    home.open_issue("Labelled").labelled("two").milestone = Some(2);
    let probe = Probe::new(world).await;
    let before = probe.ok("/repos/acme/web/labels").await.json();
    let mut world = probe.fake.world();
    let home = world.repository("acme/web");
    home.delete_label("one");
    home.rename_label("two", "deux");
    home.delete_milestone(1);
    home.close_milestone(2);
    drop(world);
    let after = probe.ok("/repos/acme/web/labels").await.json();
    assert_eq!((&after[5]["id"], &after[5]["name"]), (&before[6]["id"], &json!("deux")));
    assert_eq!(probe.ok("/repos/acme/web/issues/1").await.json()["labels"][0]["name"], "deux");
    assert_eq!(
        probe.ok("/repos/acme/web/milestones").await.json(),
        json!([]),
        "only open ones"
    );
    let closed = probe.ok("/repos/acme/web/milestones?state=all").await.json();
    assert_eq!((&closed[0]["number"], &closed[0]["open_issues"]), (&json!(2), &json!(1)));
    probe.done();
}
