//! Every REST route in several worlds; the probe holds each answer against the description.

use std::sync::Arc;

use erpnext_github::clock::FixedClock;
use erpnext_github::sim::github::{HeadRepository, Permission, World};

use super::probe::Probe;

fn lively() -> World {
    World::lively(FixedClock::at(World::start_of_time()))
}

#[tokio::test]
async fn every_route_of_a_lively_world_is_as_described() {
    let probe = Probe::new(lively()).await;
    for target in [
        "/user",
        "/user/repos?per_page=100",
        "/orgs/acme",
        "/orgs/acme/repos?per_page=100",
        "/rate_limit",
    ] {
        probe.ok(target).await;
    }
    let logins: Vec<String> = {
        let world = probe.fake.world();
        world
            .accounts
            .values()
            .map(|account| account.rest_login().replace('[', "%5B").replace(']', "%5D"))
            .collect()
    };
    for login in logins {
        probe.ok(&format!("/users/{login}")).await;
        probe.ok(&format!("/users/{login}/repos")).await;
    }
    let repositories: Vec<(String, bool, bool)> = {
        let world = probe.fake.world();
        world
            .repositories
            .values()
            .map(|one| (one.full_name(), one.has_issues, one.commits.is_empty()))
            .collect()
    };
    for (name, has_issues, is_empty) in repositories {
        let home = probe.ok(&format!("/repos/{name}")).await.json();
        let collaborators = probe.get(&format!("/repos/{name}/collaborators")).await;
        assert_eq!(collaborators.status == 200, home["permissions"]["push"] == true, "{name}");
        probe.ok(&format!("/repos/{name}/branches?per_page=100")).await;
        probe.ok(&format!("/repos/{name}/pulls?state=all&per_page=100")).await;
        probe.ok(&format!("/repos/{name}/labels?per_page=100")).await;
        probe.ok(&format!("/repos/{name}/milestones?state=all&per_page=100")).await;
        probe.ok(&format!("/repos/{name}/releases?per_page=100")).await;
        probe
            .ok(&format!(
                "/repos/{name}/issues/comments?sort=updated&direction=desc&per_page=100"
            ))
            .await;
        if has_issues {
            probe.ok(&format!("/repos/{name}/issues?state=all&per_page=100")).await;
        }
        if !is_empty {
            probe.ok(&format!("/repos/{name}/commits/main")).await;
        }
    }
    probe.done();
}

#[tokio::test]
async fn every_item_of_a_lively_world_is_as_described() {
    let probe = Probe::new(lively()).await;
    let targets: Vec<String> = {
        let world = probe.fake.world();
        let homes = world.repositories.values();
        let items = homes.flat_map(|home| home.items.values().map(move |item| (home, item)));
        let targets = items.flat_map(|(home, item)| {
            let issue = home
                .has_issues
                .then(|| format!("/repos/{}/issues/{}", home.full_name(), item.number));
            let pull = item
                .is_pull_request()
                .then(|| format!("/repos/{}/pulls/{}", home.full_name(), item.number));
            issue.into_iter().chain(pull)
        });
        targets.collect()
    };
    assert!(targets.len() > 80);
    for target in targets {
        probe.ok(&target).await;
    }
    probe.done();
}

#[tokio::test]
async fn a_pull_request_in_the_issues_list_has_the_id_of_its_issue_and_its_own_node_id() {
    let mut world = World::default();
    let home = world.repository("acme/web").with_issues(1);
    let number = home.open_pull_request("A change", "change").number;
    let probe = Probe::new(world).await;
    let issues = probe.ok("/repos/acme/web/issues?state=all&direction=asc").await.json();
    let pull = probe.ok(&format!("/repos/acme/web/pulls/{number}")).await.json();
    let (issue, stub) = (&issues[0], &issues[1]);
    assert!(issue["pull_request"].is_null() && issue["draft"].is_null());
    assert!(stub["pull_request"].is_object() && stub["draft"] == false);
    assert_ne!(stub["id"], pull["id"]);
    assert_eq!(stub["node_id"], pull["node_id"]);
    assert!(stub["id"].as_u64() > Some(u64::from(u32::MAX / 2)));
    probe.done();
}

#[tokio::test]
async fn ghosts_bots_and_lost_forks_look_like_github_makes_them() {
    let mut world = World::default();
    let home = world.repository("acme/web");
    home.open_issue("From a ghost").by_ghost();
    home.open_issue("From a bot").by("renovate[bot]");
    let pull = home.open_pull_request("From a lost fork", "patch").by_ghost();
    if let Some(pull) = pull.pull_request.as_mut() {
        pull.head_repository = HeadRepository::Gone;
    }
    let probe = Probe::new(world).await;
    let issues = probe.ok("/repos/acme/web/issues?direction=asc").await.json();
    assert!(issues[0]["user"].is_null());
    assert_eq!(issues[1]["user"]["login"], "renovate[bot]");
    assert_eq!(issues[1]["user"]["type"], "Bot");
    let pull = probe.ok("/repos/acme/web/pulls/3").await.json();
    assert!(pull["user"].is_null() && pull["head"]["repo"].is_null());
    assert_eq!(pull["head"]["ref"], "patch");
    probe.done();
}

#[tokio::test]
async fn the_state_of_a_pull_request_is_told_in_two_words_and_a_date() {
    let mut world = World::default();
    let home = world.repository("acme/web");
    for _ in 0..3 {
        home.open_pull_request("A change", "change");
    }
    home.close(2, "completed");
    home.merge(3, "ada-l");
    let probe = Probe::new(world).await;
    let pulls = probe.ok("/repos/acme/web/pulls?state=all&direction=asc").await.json();
    let state = |at: usize| {
        (
            pulls[at]["state"].as_str().map(str::to_owned),
            pulls[at]["merged_at"].is_string(),
        )
    };
    assert_eq!(state(0), (Some("open".to_owned()), false));
    assert_eq!(state(1), (Some("closed".to_owned()), false));
    assert_eq!(state(2), (Some("closed".to_owned()), true));
    let alone = probe.ok("/repos/acme/web/pulls/3").await.json();
    assert_eq!(
        (&alone["merged"], &alone["merged_by"]["login"]),
        (&true.into(), &"ada-l".into())
    );
    assert!(
        pulls[2]["mergeable_state"].is_null(),
        "a list never says whether it can be merged"
    );
    let stubs = probe.ok("/repos/acme/web/issues?state=closed&direction=asc").await.json();
    assert!(stubs[0]["pull_request"]["merged_at"].is_null() && stubs[1]["pull_request"]["merged_at"].is_string());
    probe.done();
}

#[tokio::test]
async fn lists_can_be_narrowed_and_sorted() {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = World::new(clock.clone());
    let home = world.repository("acme/web");
    for title in ["one", "two", "three"] {
        home.open_issue(title);
        clock.advance(chrono::TimeDelta::minutes(1));
    }
    home.comment(1);
    clock.advance(chrono::TimeDelta::minutes(1));
    home.close(2, "not_planned").labelled("bug");
    home.push("later");
    home.protect("main");
    let since = World::start_of_time() + chrono::TimeDelta::minutes(3);
    let probe = Probe::new(world).await;
    let numbers = async |query: &str| probe.ok(&format!("/repos/acme/web/issues?{query}")).await.numbers();
    assert_eq!(numbers("").await, [3, 1]);
    assert_eq!(numbers("state=all").await, [3, 2, 1]);
    assert_eq!(numbers("state=closed").await, [2]);
    assert_eq!(numbers("state=all&sort=updated").await, [2, 1, 3]);
    assert_eq!(numbers("state=all&sort=updated&direction=asc").await, [3, 1, 2]);
    assert_eq!(numbers("state=all&sort=comments").await[0], 1);
    assert_eq!(numbers("state=all&labels=Bug").await, [2]);
    let since = since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    assert_eq!(
        numbers(&format!("state=all&direction=asc&since={since}")).await,
        [1, 2],
        "since includes its own second"
    );
    let protected = probe.ok("/repos/acme/web/branches?protected=true").await.json();
    assert_eq!(protected.as_array().map(Vec::len), Some(1));
    probe.done();
}

#[tokio::test]
async fn collaborators_have_roles_permissions_and_affiliations() {
    let world = lively();
    let probe = Probe::new(world).await;
    let all = probe.ok("/repos/acme/web/collaborators").await.json();
    let outside = probe.ok("/repos/acme/web/collaborators?affiliation=outside").await.json();
    let triage = probe.ok("/repos/acme/web/collaborators?permission=triage").await.json();
    assert_eq!(all.as_array().map(Vec::len), Some(5));
    assert_eq!(outside[0]["role_name"], "security-reviewer");
    assert_eq!(outside[0]["permissions"]["triage"], true);
    assert_eq!(outside[0]["permissions"]["push"], false);
    assert!(triage.as_array().is_some_and(|list| list.len() == 2));
    probe.done();
}

#[tokio::test]
async fn lists_of_repositories_follow_owner_affiliation_and_visibility() {
    let mut world = World::default();
    world.repository("acme/open");
    world.repository("acme/hidden").visibility = erpnext_github::domain::Visibility::Private;
    world.user("ada-l");
    world.repository("ada-l/dots");
    world
        .repository("ada-l/notes")
        .with_member(erpnext_github::sim::github::Collaborator::new(
            World::VIEWER,
            Permission::Push,
        ));
    world.repository("mona/home");
    let probe = Probe::new(world).await;
    let names = async |target: &str| -> Vec<String> {
        let json = probe.ok(target).await.json();
        let list = json.as_array().expect("a list").iter();
        list.map(|one| one["full_name"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(names("/orgs/acme/repos?sort=full_name").await, ["acme/hidden", "acme/open"]);
    assert_eq!(names("/orgs/acme/repos?type=public").await, ["acme/open"]);
    assert_eq!(names("/users/ada-l/repos").await, ["ada-l/dots", "ada-l/notes"]);
    assert_eq!(names("/user/repos?affiliation=owner").await, ["mona/home"]);
    assert_eq!(
        names("/user/repos?affiliation=collaborator&visibility=public").await,
        ["acme/open", "ada-l/notes", "mona/home"]
    );
    assert_eq!(names("/user/repos").await.len(), 4);
    probe.done();
}

#[tokio::test]
async fn empty_repositories_and_empty_profiles_are_as_described() {
    let mut world = World::default();
    world.repository("acme/empty").without_commits().description = None;
    let probe = Probe::new(world).await;
    assert_eq!(probe.ok("/repos/acme/empty/branches").await.json(), serde_json::json!([]));
    assert_eq!(probe.ok("/repos/acme/empty/issues").await.json(), serde_json::json!([]));
    probe.ok("/repos/acme/empty").await;
    assert_eq!(probe.get("/repos/acme/empty/commits/main").await.status, 409);
    probe.done();
}

#[tokio::test]
async fn the_worlds_clock_dates_every_answer() {
    let clock = FixedClock::at(World::start_of_time());
    let probe = Probe::new(World::new(Arc::clone(&clock) as _)).await;
    assert_eq!(probe.ok("/user").await.header("date"), Some("Mon, 02 Mar 2026 09:00:00 GMT"));
    clock.advance(chrono::TimeDelta::hours(1));
    assert_eq!(probe.ok("/user").await.header("date"), Some("Mon, 02 Mar 2026 10:00:00 GMT"));
    probe.done();
}

#[tokio::test]
async fn a_world_that_went_on_is_still_as_described_and_shows_what_changed() {
    let clock = FixedClock::at(World::start_of_time());
    let probe = Probe::new(World::lively(Arc::clone(&clock) as _)).await;
    clock.advance(chrono::TimeDelta::minutes(1));
    let since = clock_text(&*clock);
    for step in 0..60 {
        clock.advance(chrono::TimeDelta::seconds(10));
        probe.fake.world().evolve(step);
    }
    let mut changed = 0;
    for name in ["web", "ledger", "infra"] {
        let query = format!("state=all&sort=updated&direction=asc&per_page=100&since={since}");
        changed += probe.ok(&format!("/repos/acme/{name}/issues?{query}")).await.numbers().len();
        probe.ok(&format!("/repos/acme/{name}/pulls?state=all&per_page=100")).await;
        probe.ok(&format!("/repos/acme/{name}/branches")).await;
    }
    assert!(changed > 10, "only {changed} items changed");
    probe.done();
}

fn clock_text(clock: &dyn erpnext_github::clock::Clock) -> String {
    clock.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[tokio::test]
async fn a_world_can_be_served_on_a_listener_of_ones_own() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(erpnext_github::sim::github::serve(World::default(), listener));
    // The probe only lends its client; its own fake is not asked.
    let probe = Probe::new(World::default()).await;
    let reply = probe.send(&format!("http://{address}/user"), &[]).await.expect("an answer");
    assert_eq!((reply.status, reply.json()["login"].as_str()), (200, Some("mona")));
    server.abort();
    probe.done();
}
