//! Tokens of installations: asked for once, renewed early, dropped when GitHub refuses them.

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::domain::{Feature, Installation, Level};
use erpnext_github::github::app::Narrowing;
use erpnext_github::github::{ErrorKind, NewIssue, RetryPolicy, Write};
use erpnext_github::sim::github::{Effect, Fault, Gate, Installation as OnGithub, World};
use futures_util::future::join_all;

use super::Stage;
use crate::github_client::web;

#[tokio::test]
async fn g3_4_fifty_callers_ask_for_one_token() {
    let stage = Stage::new(|_| {}).await;
    // More than may be under way at a time, so that some have to wait for others.
    let client = stage.installed().await.with_retry(RetryPolicy::background());
    let gate = Gate::closed();
    let held = Fault::on("*/access_tokens", Effect::Held(gate.clone()));
    stage.fake.world().faults.push(held);
    let asking = (0..50).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.repository(&web()).await.map(|found| found.value.name.to_string()) })
    });
    let asking: Vec<_> = asking.collect();
    gate.reached(1).await;
    gate.open();
    for answer in join_all(asking).await {
        assert_eq!(answer.expect("no panic").expect("a repository"), "acme/web");
    }
    assert_eq!(stage.asked_for_tokens(), ["app:erp-of-acme"], "and they count as the App's");
    stage.done();
}

#[tokio::test]
async fn fifty_callers_are_told_of_one_refusal() {
    let stage = Stage::new(|_| {}).await;
    let client = stage.installed().await;
    let gate = Gate::closed();
    let held = Fault::on("*/access_tokens", Effect::Held(gate.clone()));
    stage.fake.world().faults.push(held);
    let id = stage.acme().await.id;
    stage.fake.world().uninstall(id);
    let asking = (0..50).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.repository(&web()).await })
    });
    let asking: Vec<_> = asking.collect();
    gate.reached(1).await;
    // All others stand in line by now: they run on this one thread, and wait for nothing else.
    tokio::task::yield_now().await;
    gate.open();
    for answer in join_all(asking).await {
        let error = answer.expect("no panic").expect_err("it is gone");
        assert!(matches!(error.kind(), ErrorKind::NotInstalled { .. }), "{error}");
    }
    assert_eq!(stage.asked_for_tokens().len(), 1);
    stage.done();
}

#[tokio::test]
async fn a_token_is_made_anew_five_minutes_before_its_end() {
    let stage = Stage::new(|_| {}).await;
    let client = stage.installed().await;
    let ask = async || client.repository(&web()).await.expect("a repository");
    ask().await;
    stage.pass(54);
    ask().await;
    assert_eq!(stage.asked_for_tokens().len(), 1);
    stage.pass(1);
    ask().await;
    assert_eq!(stage.asked_for_tokens().len(), 2);
    let refused = stage.fake.requests().iter().filter(|request| request.status == 401).count();
    assert_eq!(refused, 0);
    stage.done();
}

#[tokio::test]
async fn how_long_a_token_lasts_is_said_by_githubs_clock() {
    let stage = Stage::new(|_| {}).await;
    let acme = stage.acme().await;
    let credential = stage.credential("site", &acme, Narrowing::default());
    let ours = FixedClock::at(World::start_of_time() - TimeDelta::hours(5));
    let client = stage.client_by(&credential, ours.clone());
    let turn = async |minutes: i64| {
        ours.advance(TimeDelta::minutes(minutes));
        stage.pass(minutes);
        client.repository(&web()).await.expect("a repository");
        stage.asked_for_tokens().len()
    };
    assert_eq!((turn(0).await, turn(54).await, turn(1).await), (1, 1, 2));
    stage.done();
}

#[tokio::test]
async fn an_outage_when_a_token_is_renewed_is_no_reason_to_stop_while_it_lasts() {
    let stage = Stage::new(|_| {}).await;
    let client = stage.installed().await;
    client.repository(&web()).await.expect("a repository");
    stage.pass(56);
    stage.fake.world().faults.push(Fault::status("*/access_tokens", 502).always());
    client
        .repository(&web())
        .await
        .expect("the old one is good for four minutes more");
    stage.pass(4);
    let error = client.repository(&web()).await.expect_err("now it is not");
    assert_eq!((error.kind(), error.status()), (&ErrorKind::Server, Some(502)));
    stage.done();
}

#[tokio::test]
async fn a_token_that_github_revoked_in_mid_run_is_renewed_once() {
    let stage = Stage::new(|_| {}).await;
    let client = stage.installed().await;
    let mut pages = client.items(&web(), None);
    assert!(pages.next().await.expect("a page").is_some());
    stage.fake.world().tokens.retain(|token| token.grant.is_none());
    client.repository(&web()).await.expect("asked again with another token");
    assert_eq!(stage.asked_for_tokens().len(), 2);
    let refused = stage.fake.requests().iter().filter(|request| request.status == 401).count();
    assert_eq!(refused, 1);
    stage.done();
}

#[tokio::test]
async fn a_write_that_met_a_revoked_token_is_done_once() {
    let stage = Stage::new(|_| {}).await;
    let client = stage.installed().await;
    client.repository(&web()).await.expect("a repository");
    stage.fake.world().tokens.retain(|token| token.grant.is_none());
    let before = stage.fake.world().repository("acme/web").items.len();
    let issue = Write::CreateIssue(NewIssue {
        title: "From an App".to_owned(),
        body: None,
        assignees: Vec::new(),
        labels: Vec::new(),
        milestone: None,
    });
    let made = client.carry_out(&web(), &issue).await.expect("it is done");
    assert_eq!(made["user"]["login"], "erp-of-acme[bot]");
    assert_eq!(stage.fake.world().repository("acme/web").items.len(), before + 1);
    stage.done();
}

#[tokio::test]
async fn what_github_refuses_again_is_an_error_and_not_asked_a_third_time() {
    let stage = Stage::new(|_| {}).await;
    let client = stage.installed().await;
    stage.fake.world().faults.push(Fault::status("/repos/acme/web", 401).always());
    let error = client.repository(&web()).await.expect_err("refused");
    assert_eq!(error.kind(), &ErrorKind::RenewedInVain);
    assert!(error.is_outage(), "{error}");
    let asked = stage
        .fake
        .requests()
        .iter()
        .filter(|request| request.path == "/repos/acme/web")
        .count();
    assert_eq!((asked, stage.asked_for_tokens().len()), (2, 2));
    stage.done();
}

#[tokio::test]
async fn a_token_is_never_another_sites_nor_for_another_purpose() {
    let stage = Stage::new(|_| {}).await;
    let acme = stage.acme().await;
    let ids = [stage.fake.world().repository("acme/web").id];
    let all = Narrowing::default;
    for (site, narrowing, asked) in [
        ("one", all(), 1),
        ("one", all(), 1),
        ("two", all(), 2),
        ("one", all().in_repositories(ids), 3),
        ("one", all().in_repositories(ids), 3),
    ] {
        let client = stage.client(&stage.credential(site, &acme, narrowing));
        client.repository(&web()).await.expect("a repository");
        assert_eq!(stage.asked_for_tokens().len(), asked, "{site}");
    }
    stage.fake.world().app(super::APP).key = 1;
    let client = stage.client(&stage.credential("one", &acme, all()));
    client.repository(&web()).await.expect("a repository");
    assert_eq!(stage.asked_for_tokens().len(), 4, "another key is another App");
    stage.done();
}

#[tokio::test]
async fn only_a_refusal_of_the_installation_makes_what_is_known_of_it_old_and_the_next_token_ends_that() {
    let stage = Stage::new(|world| {
        let web = world.repository("acme/web").id;
        world.install(super::APP, "acme").only([web]);
        world.repository("acme/secret");
    })
    .await;
    let acme = stage.acme().await;
    let (picked, unpicked) = {
        let mut world = stage.fake.world();
        (world.repository("acme/web").id, world.repository("acme/secret").id)
    };
    let reads = async |narrowing: Narrowing| {
        let client = stage.client(&stage.credential("site", &acme, narrowing));
        client.repository(&web()).await.map(drop)
    };
    let is_old = || stage.tokens.is_refused("site", &acme);
    reads(Narrowing::default().in_repositories([unpicked]))
        .await
        .expect_err("not picked");
    assert!(!is_old(), "a repository that was not picked is no matter of the installation");
    let suspend = |story: fn(&mut OnGithub)| {
        story(stage.fake.world().installations.get_mut(&acme.id).expect("it"));
    };
    suspend(|one| {
        one.suspend("mona");
    });
    for narrowing in [Narrowing::default(), Narrowing::default().in_repositories([picked])] {
        reads(narrowing).await.expect_err("suspended");
        assert!(is_old());
    }
    assert!(!stage.tokens.is_refused("another site", &acme));
    suspend(|one| {
        one.unsuspend();
    });
    reads(Narrowing::default()).await.expect("again");
    assert!(!is_old(), "a token for anything ends it");
    // Less was granted than is known: true for as long as that is believed.
    let granted = super::grants(&[("issues", Level::Write), ("deployments", Level::Read)]);
    reads(Narrowing::to([Feature::Previews, Feature::WriteIssues], &granted))
        .await
        .expect_err("not granted");
    assert!(!is_old(), "nobody believes it");
    let believed = Installation {
        permissions: granted,
        ..acme.clone()
    };
    assert!(stage.tokens.is_refused("site", &believed));
    stage.fake.world().uninstall(acme.id);
    stage.pass(60);
    reads(Narrowing::default()).await.expect_err("gone");
    assert!(is_old());
    stage.done();
}
