//! Entity tags: what has not changed is not sent again, and costs nothing.

use erpnext_github::sim::github::World;

use super::probe::Probe;

fn remaining(reply: &super::probe::Reply) -> u64 {
    reply
        .header("x-ratelimit-remaining")
        .and_then(|text| text.parse().ok())
        .expect("a number")
}

#[tokio::test]
async fn a_known_tag_is_answered_with_304_and_costs_no_points() {
    let mut world = World::default();
    world.repository("acme/web").with_issues(5);
    let probe = Probe::new(world).await;
    for target in [
        "/repos/acme/web",
        "/repos/acme/web/issues?state=all",
        "/repos/acme/web/issues/1",
        "/user",
    ] {
        let first = probe.ok(target).await;
        let tag = first.header("etag").expect("a tag").to_owned();
        let again = probe.send(target, &[("if-none-match", &tag)]).await.expect("an answer");
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{target}");
        assert_eq!(again.header("etag"), Some(tag.as_str()));
        assert_eq!(remaining(&again), remaining(&first));
    }
    assert_eq!(probe.fake.counts().not_modified, 4);
    assert_eq!(probe.fake.counts().rest_points, 4);
    probe.done();
}

#[tokio::test]
async fn a_change_gives_another_tag() {
    let mut world = World::default();
    world.repository("acme/web").with_issues(5);
    let probe = Probe::new(world).await;
    let target = "/repos/acme/web/issues?state=all";
    let tag = probe.ok(target).await.header("etag").expect("a tag").to_owned();
    probe.fake.world().repository("acme/web").item_mut(2).title = "Another".to_owned();
    let changed = probe.get_with(target, &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status, 200);
    assert!(changed.body.contains("Another"));
    probe.done();
}

#[tokio::test]
async fn a_tag_belongs_to_the_token_that_got_it() {
    let mut world = World::default();
    world.repository("acme/web");
    world.token("another-token", World::VIEWER);
    let probe = Probe::new(world).await;
    let tag = probe.ok("/repos/acme/web").await.header("etag").expect("a tag").to_owned();
    let probe = probe.with_token(Some("another-token"));
    assert_eq!(
        probe.get_with("/repos/acme/web", &[("if-none-match", &tag)]).await.status,
        200
    );
    probe.done();
}
