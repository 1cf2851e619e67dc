//! The proof: two processes on one database, deliveries that get lost, and deaths in the middle, end in the tables of one quiet sync.

use chrono::TimeDelta;
use erpnext_github::app::{App, Served};
use erpnext_github::jobs::{Runner, SiteSource as _, Work};
use erpnext_github::sim::github::{Delivery as Sent, World};
use erpnext_github::store::Stamp;
use erpnext_github::store::inbox::{Delivery, Reception, accept};
use erpnext_github::webhook::compression::compress;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::as_read_at_once;
use crate::jobs::{runner, runner_of};
use crate::support::cut::Cut;
use crate::support::mirror::Mirror;
use crate::support::noon;

const DIED: &str = "UPDATE erpnext_github_lease SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND";
const WAITING: &str = "SELECT COUNT(*) FROM `tabGitHub Event` WHERE status IN ('unprocessed', 'processing')";
const MARKED: &str = "SELECT COUNT(*) FROM erpnext_github_refresh";

async fn mirror() -> Mirror {
    let mirror = Mirror::new(|world| {
        world
            .repository("octo/web")
            .with_issues(8)
            .with_pull_requests(5)
            .with_branches(3)
            .with_members(3)
            .with_releases(2)
            .with_milestones(2);
    })
    .await;
    mirror.sync("octo/web").await;
    mirror
}

/// Into the inbox, as the receiver stores it.
async fn receive(mirror: &Mirror, id: &str, sent: &Sent) {
    let payload: Value = serde_json::from_str(&sent.payload).expect("JSON");
    let stamp = Stamp::now(mirror.site(), "Administrator").await.expect("a stamp");
    let delivery = Delivery {
        id: id.to_owned(),
        event: sent.event.to_owned(),
        action: payload["action"].as_str().map(str::to_owned),
        source: "user oauth",
        hook_id: None,
        installation_id: None,
        repository: payload["repository"]["full_name"].as_str().map(str::to_owned),
        repository_id: payload["repository"]["id"].as_u64(),
        sender: None,
        reception: Reception::Work(compress(sent.payload.as_bytes()).expect("compressed")),
        size: sent.payload.len(),
    };
    accept(mirror.site().db(), &stamp, &[&delivery]).await.expect("stored");
}

/// What both do, side by side.
async fn both(one: &Runner<Served>, other: &Runner<Served>, work: Work) {
    tokio::join!(one.step(work), other.step(work));
}

/// Until nothing waits any more.
async fn settled(mirror: &Mirror, one: &Runner<Served>, other: &Runner<Served>) {
    for _ in 0..20 {
        both(one, other, Work::WorkOnDeliveries).await;
        both(one, other, Work::Refresh).await;
        if mirror.erp.value(WAITING).await == "0" && mirror.erp.value(MARKED).await == "0" {
            return;
        }
        mirror.erp.clock().advance(TimeDelta::seconds(30));
    }
    let left =
        "SELECT GROUP_CONCAT(event, ' ', status, ' ', IFNULL(reason, '')) FROM `tabGitHub Event` WHERE status <> 'processed'";
    let marks = "SELECT GROUP_CONCAT(entity, ' ', IFNULL(reason, '')) FROM erpnext_github_refresh";
    panic!("left: {} {}", mirror.erp.value(left).await, mirror.erp.value(marks).await);
}

fn change(world: &mut World, seed: u64, step: u64) {
    world.evolve(seed.wrapping_mul(1_000) + step);
    let web = world.repository("octo/web");
    match step {
        5 => web.rename_label("bug", "defect"),
        8 => web.delete_item(3),
        11 => {
            web.push("another/branch");
        }
        14 => web.delete_milestone(2),
        17 => web.delete_branch("feature/branch-0001"),
        20 => {
            web.publish_release("v7.0");
        }
        _ => {}
    }
}

/// A history that two processes follow; each delivery gets lost with a chance of `lost`.
async fn followed(seed: u64, lost: f64) {
    let mut dice = StdRng::seed_from_u64(seed);
    let mirror = mirror().await;
    let (one, other) = (runner(&mirror), runner_of(&mirror, &mirror.replica()));
    let mut number = 0;
    for step in 0..24 {
        mirror
            .erp
            .clock()
            .advance(TimeDelta::milliseconds(dice.random_range(0..90_000)));
        let before = mirror.github.world().clone();
        change(&mut mirror.github.world(), seed, step);
        for sent in mirror.github.deliveries_since(&before) {
            number += 1;
            if !dice.random_bool(lost) {
                receive(&mirror, &format!("delivery-{number}"), &sent).await;
            }
        }
        both(&one, &other, Work::WorkOnDeliveries).await;
        both(&one, &other, Work::Refresh).await;
        if step % 6 == 5 {
            mirror.erp.clock().advance(TimeDelta::minutes(11));
            both(&one, &other, Work::Reconcile).await;
            both(&one, &other, Work::SyncDue).await;
            // Whoever holds the schedule stands still for a while.
            mirror.erp.scratch().execute(DIED).await.expect("its time is over");
            both(&other, &one, Work::LookAtDesk).await;
        }
    }
    settled(&mirror, &one, &other).await;
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    both(&one, &other, Work::Reconcile).await;
    // The night: half past five of the site's own clock.
    let night = noon() + TimeDelta::minutes(22 * 60 + 30);
    mirror.erp.clock().advance(night - mirror.site().clock().now());
    both(&one, &other, Work::Walk).await;
    settled(&mirror, &one, &other).await;
    let passed = mirror.site().clock().now() - noon();
    as_read_at_once(&mirror, &["octo/web"], passed, &format!("seed {seed}, lost {lost}")).await;
    let twice = "SELECT COUNT(*) FROM `tabGitHub Event` WHERE status = 'errored' OR attempts > 1";
    assert_eq!(
        mirror.erp.value(twice).await,
        "0",
        "seed {seed}: nobody takes up what another has"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s5_f_two_replicas_end_in_the_tables_of_one() {
    for seed in 1..=2 {
        followed(seed, 0.0).await;
    }
}

#[tokio::test]
async fn s5_d_lost_deliveries_are_made_good_by_comparison_and_walk() {
    for seed in 11..=12 {
        followed(seed, 0.5).await;
    }
    followed(13, 1.0).await;
}

/// A process whose way to the database breaks off after so many messages: there it dies. Gives how many it sent.
async fn dying(mirror: &Mirror, messages: usize, work: impl AsyncFnOnce(App)) -> usize {
    let scratch = mirror.erp.scratch();
    let cut = Cut::after(messages, scratch.server().port()).await;
    scratch.set_config("db_port", cut.port().into()).expect("the site's file");
    let app = mirror.replica();
    app.site(mirror.site().name()).expect("the site");
    work(app).await;
    scratch
        .set_config("db_port", scratch.server().port().into())
        .expect("the site's file");
    cut.used()
}

#[tokio::test]
async fn s5_e_a_death_at_any_step_of_working_on_a_delivery_loses_nothing_and_shows_nothing_twice() {
    let mirror = mirror().await;
    let next = runner_of(&mirror, &mirror.replica());
    let mut messages = 1;
    loop {
        mirror.erp.clock().advance(TimeDelta::seconds(10));
        let before = mirror.github.world().clone();
        let title = format!("Said before message {messages}");
        mirror.github.world().repository("octo/web").edit(2).title.clone_from(&title);
        for (at, sent) in mirror.github.deliveries_since(&before).iter().enumerate() {
            receive(&mirror, &format!("delivery-{messages}-{at}"), sent).await;
        }
        let name = mirror.site().name().to_owned();
        let used = dying(&mirror, messages, async |app: App| {
            let site = app.site(&name).expect("the site");
            let served = Served::new(app, move || vec![name.clone()], CancellationToken::new());
            let working = served.work_on_deliveries(&site);
            // It is killed, so that it does not try again for long.
            let _killed = tokio::time::timeout(std::time::Duration::from_millis(300), working).await;
        })
        .await;
        let leases =
            "UPDATE `tabGitHub Event` SET _lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE status = 'processing'";
        mirror.erp.scratch().execute(leases).await.expect("its time is over");
        next.step(Work::WorkOnDeliveries).await;
        let stored = "SELECT title FROM `tabRepository Issue` WHERE issue_number = 2";
        assert_eq!(mirror.erp.value(stored).await, title, "{messages}");
        let ended = "SELECT COUNT(*) FROM `tabGitHub Event` WHERE status <> 'processed'";
        assert_eq!(mirror.erp.value(ended).await, "0", "{messages}");
        if used < messages {
            break;
        }
        messages += 1;
    }
    assert!(messages > 10, "it was cut at {messages} places");
    let passed = mirror.site().clock().now() - noon();
    mirror.erp.scratch().execute(DIED).await.expect("its time is over");
    settled(&mirror, &next, &next).await;
    as_read_at_once(&mirror, &["octo/web"], passed, "after all those deaths").await;
    mirror.finish().await;
}

#[tokio::test]
async fn s5_e_a_death_in_a_comparison_leaves_the_difference_to_the_next_one() {
    let mirror = mirror().await;
    let mut passed = 0;
    let mut places = 0;
    for messages in (9..400).step_by(20) {
        mirror.erp.clock().advance(TimeDelta::minutes(3));
        let title = format!("Unheard before message {messages}");
        mirror.github.world().repository("octo/web").edit(2).title.clone_from(&title);
        mirror.erp.clock().advance(TimeDelta::minutes(11));
        passed += 14;
        let used = dying(&mirror, messages, async |app: App| {
            let dead = runner_of(&mirror, &app);
            let working = dead.step(Work::Reconcile);
            let _killed = tokio::time::timeout(std::time::Duration::from_secs(2), working).await;
        })
        .await;
        mirror.erp.scratch().execute(DIED).await.expect("its time is over");
        mirror.erp.clock().advance(TimeDelta::minutes(11));
        passed += 11;
        let next = runner_of(&mirror, &mirror.replica());
        next.step(Work::Reconcile).await;
        let stored = "SELECT title FROM `tabRepository Issue` WHERE issue_number = 2";
        assert_eq!(mirror.erp.value(stored).await, title, "{messages}");
        if used < messages {
            break;
        }
        places += 1;
        // It goes as well, so that its lease is renewed no more.
        drop(next);
        mirror.erp.scratch().execute(DIED).await.expect("its time is over");
    }
    assert!(places > 2, "it was cut at {places} places");
    as_read_at_once(&mirror, &["octo/web"], TimeDelta::minutes(passed), "after all those deaths").await;
}
