//! Who may see what: tokens, scopes, expiry, private repositories, single sign-on.

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::domain::Visibility;
use erpnext_github::sim::github::{Block, Collaborator, Permission, World};

use super::probe::Probe;

#[tokio::test]
async fn a_classic_token_tells_its_scopes_and_a_fine_grained_one_does_not() {
    let mut world = World::default();
    world.tokens[0].with_scopes(&["repo", "read:org"]);
    world
        .token("fine", World::VIEWER)
        .fine_grained()
        .expiring(World::start_of_time() + TimeDelta::days(30));
    let probe = Probe::new(world).await;
    assert_eq!(probe.ok("/user").await.header("x-oauth-scopes"), Some("repo, read:org"));
    let probe = probe.with_token(Some("fine"));
    let reply = probe.ok("/user").await;
    assert_eq!(reply.header("x-oauth-scopes"), None);
    assert_eq!(
        reply.header("github-authentication-token-expiration"),
        Some("2026-04-01 09:00:00 UTC")
    );
    probe.done();
}

#[tokio::test]
async fn wrong_and_expired_tokens_are_bad_credentials() {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = World::new(clock.clone());
    world.tokens[0].expiring(World::start_of_time() + TimeDelta::hours(1));
    let probe = Probe::new(world).await;
    probe.ok("/user").await;
    clock.advance(TimeDelta::hours(1));
    let expired = probe.get("/user").await;
    assert_eq!(
        (expired.status, expired.json()["message"].as_str()),
        (401, Some("Bad credentials"))
    );
    let probe = probe.with_token(Some("wrong"));
    assert_eq!(probe.get("/rate_limit").await.status, 401);
    assert_eq!(
        probe
            .graphql_unchecked("{ viewer { login } }", serde_json::json!({}))
            .await
            .status,
        401
    );
    let labels: Vec<_> = probe.fake.requests().into_iter().map(|request| request.credential).collect();
    assert_eq!(labels, ["mona", "unknown", "unknown", "unknown"]);
    probe.done();
}

#[tokio::test]
async fn nobody_sees_what_is_public_only() {
    let mut world = World::default();
    world.repository("acme/open");
    world.repository("acme/hidden").with_visibility(Visibility::Private);
    let probe = Probe::new(world).await.with_token(None);
    let open = probe.ok("/repos/acme/open").await;
    assert_eq!(open.header("x-ratelimit-limit"), Some("60"));
    assert_eq!(probe.get("/repos/acme/hidden").await.status, 404);
    assert_eq!(probe.get("/user").await.status, 401);
    assert_eq!(probe.get("/repos/acme/open/collaborators").await.status, 401);
    assert_eq!(
        probe
            .graphql_unchecked("{ viewer { login } }", serde_json::json!({}))
            .await
            .status,
        401
    );
    probe.done();
}

#[tokio::test]
async fn a_private_repository_needs_a_person_with_access_and_a_token_with_the_scope() {
    let mut world = World::default();
    world
        .repository("acme/hidden")
        .with_visibility(Visibility::Private)
        .with_member(Collaborator::new("ada-l", Permission::Pull));
    world.token("outsider", "visitor");
    world.token("reader", "ada-l");
    world.token("narrow", "mona").with_scopes(&["public_repo"]);
    let mut probe = Probe::new(world).await;
    probe.ok("/repos/acme/hidden/collaborators").await;
    for (token, repository, collaborators) in [("outsider", 404, 404), ("reader", 200, 403), ("narrow", 404, 404)] {
        probe = probe.with_token(Some(token));
        assert_eq!(probe.get("/repos/acme/hidden").await.status, repository, "{token}");
        assert_eq!(
            probe.get("/repos/acme/hidden/collaborators").await.status,
            collaborators,
            "{token}"
        );
    }
    probe.done();
}

#[tokio::test]
async fn single_sign_on_hides_an_organisation_and_says_so() {
    let mut world = World::default();
    world.repository("acme/web");
    world.repository("other/api");
    world.organization("acme").requires_sso = true;
    let id = world.organization("acme").id;
    let probe = Probe::new(world).await;
    let refused = probe.get("/repos/acme/web").await;
    assert_eq!(refused.status, 403);
    assert!(
        refused
            .header("x-github-sso")
            .is_some_and(|text| text.starts_with("required; url="))
    );
    let list = probe.ok("/orgs/acme/repos").await;
    assert_eq!(list.json(), serde_json::json!([]));
    assert_eq!(
        list.header("x-github-sso"),
        Some(format!("partial-results; organizations={id}").as_str())
    );
    probe.fake.world().tokens[0].sso.push("acme".to_owned());
    probe.ok("/repos/acme/web").await;
    probe.done();
}

#[tokio::test]
async fn blocked_repositories_say_why() {
    let mut world = World::default();
    world.repository("acme/taken-down").blocked = Some(Block::Legal);
    world.repository("acme/bad").blocked = Some(Block::Terms);
    let probe = Probe::new(world).await;
    // The description has no member for the reason, so these two are looked at by hand.
    for (name, status, reason) in [("taken-down", 451, "dmca"), ("bad", 403, "tos")] {
        let reply = probe.send(&format!("/repos/acme/{name}"), &[]).await.expect("an answer");
        assert_eq!(
            (reply.status, reply.json()["block"]["reason"].as_str()),
            (status, Some(reason))
        );
    }
    probe.done();
}

#[tokio::test]
async fn impolite_requests_are_refused() {
    let probe = Probe::new(World::default()).await;
    for (header, value, status) in [
        ("user-agent", "", 403),
        ("x-github-api-version", "1999-01-01", 400),
        ("accept", "text/html", 415),
    ] {
        assert_eq!(
            probe.get_with("/user", &[(header, value)]).await.status,
            status,
            "{header}: {value}"
        );
    }
    let polite = [
        ("accept", "application/vnd.github+json"),
        ("x-github-api-version", "2022-11-28"),
    ];
    assert_eq!(probe.get_with("/user", &polite).await.status, 200);
    probe.done();
}

#[tokio::test]
async fn g3_11_a_request_for_rest_that_names_no_version_is_refused_and_one_for_graphql_is_not() {
    let probe = Probe::new(World::default()).await;
    let base = probe.fake.base_url();
    let client = reqwest::Client::builder()
        .user_agent("contract tests")
        .no_proxy()
        .build()
        .expect("a client");
    for (request, status) in [
        (client.get(format!("{base}/user")).bearer_auth(World::TOKEN), 400),
        (client.post(format!("{base}/applications/none/token")).body("{}"), 400),
        (
            client
                .post(probe.fake.graphql_url())
                .bearer_auth(World::TOKEN)
                .body(r#"{"query": "{ viewer { login } }"}"#),
            200,
        ),
    ] {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{}", answer.url());
        let text = answer.text().await.expect("a body");
        assert_eq!(text.contains("send the header X-GitHub-Api-Version"), status == 400, "{text}");
    }
    probe.done();
}
