//! The primary rate limit.

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::sim::github::{Resource, World};
use serde_json::json;

use super::probe::Probe;

#[tokio::test]
async fn points_run_out_and_come_back() {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = World::new(clock.clone());
    world.limits.core = 2;
    let probe = Probe::new(world).await;
    let first = probe.ok("/user").await;
    assert_eq!(first.header("x-ratelimit-remaining"), Some("1"));
    assert_eq!(first.header("x-ratelimit-resource"), Some("core"));
    let reset = (World::start_of_time() + TimeDelta::hours(1)).timestamp().to_string();
    assert_eq!(first.header("x-ratelimit-reset"), Some(reset.as_str()));
    probe.ok("/user").await;
    let refused = probe.get("/user").await;
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (403, Some("0")));
    assert!(refused.body.contains("API rate limit exceeded"));
    assert_eq!(refused.header("retry-after"), None);
    let overview = probe.ok("/rate_limit").await.json();
    assert_eq!(overview["resources"]["core"]["remaining"], 0);
    assert_eq!(overview["resources"]["graphql"]["remaining"], 5_000);
    clock.advance(TimeDelta::hours(1));
    assert_eq!(probe.ok("/user").await.header("x-ratelimit-used"), Some("1"));
    probe.done();
}

#[tokio::test]
async fn a_limit_can_be_used_up_until_a_moment() {
    let clock = FixedClock::at(World::start_of_time());
    let world = World::new(clock.clone());
    let probe = Probe::new(world).await;
    let until = World::start_of_time() + TimeDelta::minutes(10);
    probe.fake.world().limits.exhaust(Resource::Core, until);
    probe.fake.world().limits.exhaust(Resource::Graphql, until);
    let refused = probe.get("/user").await;
    assert_eq!(
        refused.header("x-ratelimit-reset"),
        Some(until.timestamp().to_string().as_str())
    );
    let limited = probe.graphql_unchecked("{ viewer { login } }", json!({})).await;
    assert_eq!((limited.status, limited.header("x-ratelimit-remaining")), (200, Some("0")));
    assert_eq!(limited.header("x-ratelimit-resource"), Some("graphql"));
    assert_eq!(limited.json()["errors"][0]["type"], "RATE_LIMITED");
    clock.advance(TimeDelta::minutes(10));
    probe.ok("/user").await;
    probe.data("{ viewer { login } }", json!({})).await;
    probe.done();
}

#[tokio::test]
async fn graphql_costs_what_its_connections_cost() {
    let mut world = World::default();
    world.repository("acme/web").with_issues(3);
    let probe = Probe::new(world).await;
    let query = r"query($ids: [ID!]!) {
        rateLimit { cost limit remaining used resetAt nodeCount }
        nodes(ids: $ids) { ... on Issue { labels(first: 10) { totalCount } assignees(first: 10) { totalCount } } }
    }";
    let ids: Vec<String> = probe
        .fake
        .world()
        .repository("acme/web")
        .items
        .values()
        .map(erpnext_github::sim::github::Issue::node_id)
        .collect();
    let ids: Vec<&String> = ids.iter().cycle().take(100).collect();
    let data = probe.data(query, json!({ "ids": ids })).await;
    assert_eq!(data["rateLimit"]["cost"], 2);
    assert_eq!(data["rateLimit"]["nodeCount"], 2_000);
    assert_eq!(data["rateLimit"]["remaining"], 4_998);
    assert_eq!(probe.fake.counts().graphql_points, 2);
    assert_eq!(probe.fake.requests()[0].points, 2);
    probe.done();
}
