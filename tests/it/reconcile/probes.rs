//! What it costs to know that nothing happened.

use chrono::TimeDelta;
use erpnext_github::config::ReconciliationPeriod;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::World;
use erpnext_github::store::proofs::{self, Which};
use erpnext_github::sync::{Selection, reconcile};

use super::compared_after;
use crate::jobs::runner;
use crate::support::mirror::Mirror;

/// Repositories as they are after a first sync an hour ago, without the hour that a thousand of them would take.
async fn synced(count: u64) -> Mirror {
    let mirror = Mirror::new(|world| {
        for number in 0..count {
            world.repository(&format!("octo/idle-{number:04}"));
        }
    })
    .await;
    let (mut rows, mut cursors) = (Vec::new(), Vec::new());
    for repository in mirror.github.world().repositories.values() {
        let (name, id, node) = (repository.full_name(), repository.id, repository.node_id());
        rows.push(format!("('{name}', '{name}', '{id}', '{node}', 1, 0, '')"));
        cursors.push(format!(
            "({id}, 'items', UTC_TIMESTAMP(6), '2026-03-01 11:00:00', '2026-03-01 11:00:00')"
        ));
    }
    let scratch = mirror.erp.scratch();
    let sql =
        "INSERT INTO tabRepository (name, full_name, github_id, node_id, enabled, deleted_on_github, last_sync_error) VALUES ";
    scratch
        .execute(&format!("{sql}{}", rows.join(", ")))
        .await
        .expect("repositories");
    let sql = "INSERT INTO erpnext_github_cursor (repository_id, entity, attempted_at, cursor_at, walked_at) VALUES ";
    scratch
        .execute(&format!("{sql}{}", cursors.join(", ")))
        .await
        .expect("cursors");
    mirror
}

#[tokio::test]
async fn s3_a_thousand_idle_repositories_cost_ten_questions_a_period() {
    let mirror = synced(1_000).await;
    let runner = runner(&mirror);
    mirror.github.forget_requests();
    assert_eq!(runner.step(Work::Reconcile).await, 1, "at start");
    let count = || {
        let requests = mirror.github.requests();
        mirror.github.forget_requests();
        assert!(requests.iter().all(|one| one.path == "/graphql"), "{requests:?}");
        requests.len()
    };
    assert_eq!(count(), 10);
    assert_eq!(compared_after(&mirror, &runner, 9).await, 0, "the period is ten minutes");
    assert_eq!(count(), 0);
    assert_eq!(compared_after(&mirror, &runner, 1).await, 1);
    assert_eq!(count(), 10);
    assert_eq!(
        mirror.erp.value("SELECT COUNT(*) FROM `tabGitHub Sync Run`").await,
        "0",
        "nothing was read"
    );
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_proof").await, "1000");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_thousand_unchanged_repositories_cost_ten_requests_and_forty_points() {
    let mirror = synced(1_000).await;
    let context = mirror.context().await;
    // The first time everything is asked for.
    for (round, points) in [60, 40, 40, 40, 40].into_iter().enumerate() {
        let before = context.client.spent();
        let done = reconcile(&context, Which::All).await.expect("compared");
        assert_eq!((done.probed, done.in_step, done.reports.len()), (1_000, 1_000, 0));
        let spent = context.client.spent().since(before);
        assert_eq!((spent.requests, spent.points), (10, points), "{round}");
        mirror.erp.clock().advance(TimeDelta::minutes(10));
    }
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_sync_of_a_thousand_unchanged_repositories_asks_ten_times() {
    let mirror = synced(1_000).await;
    mirror.github.forget_requests();
    let report = mirror.run(&Selection::default(), false).await;
    assert_eq!((report.in_step, report.repositories.len()), (1_000, 0), "{:?}", report.errors);
    assert_eq!(mirror.github.requests().len(), 10);
    let mut world = mirror.github.world();
    world.repository("octo/idle-0007").open_issue("New");
    drop(world);
    mirror.erp.clock().advance(TimeDelta::minutes(10));
    mirror.github.world().repository("octo/idle-0007").edit(1).title = "Newer".to_owned();
    let report = mirror.run(&Selection::default(), false).await;
    assert_eq!((report.in_step, report.repositories.len()), (999, 1), "{:?}", report.errors);
    assert_eq!(mirror.erp.value("SELECT title FROM `tabRepository Issue`").await, "Newer");
    mirror.finish().await;
}

#[tokio::test]
async fn s2_what_is_asked_for_in_turn_is_found_when_its_turn_comes() {
    for (what, change) in [
        (
            "a branch",
            (|world| drop(world.repository("octo/idle-0001").push("another"))) as fn(&mut World),
        ),
        ("a label", |world| {
            world.repository("octo/idle-0001").add_label("another");
        }),
        ("a milestone", |world| {
            world.repository("octo/idle-0001").add_milestone("Another");
        }),
    ] {
        let mirror = synced(3).await;
        let context = mirror.context().await;
        reconcile(&context, Which::All).await.expect("compared");
        mirror.erp.clock().advance(TimeDelta::minutes(10));
        change(&mut mirror.github.world());
        let mut runs = 0;
        for _ in 0..6 {
            mirror.erp.clock().advance(TimeDelta::minutes(10));
            let done = reconcile(&context, Which::All).await.expect("compared");
            runs += done.reports.len();
        }
        assert_eq!(runs, 1, "{what} is found once, within three rounds");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn g4_7_s3_the_flag_wins_over_the_setting_and_the_setting_counts_at_once() {
    let mirror = synced(1).await;
    let runner = runner(&mirror);
    runner.step(Work::Reconcile).await;
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "reconciliation_period_minutes", "3")
        .await
        .expect("the setting");
    assert_eq!(compared_after(&mirror, &runner, 2).await, 0);
    assert_eq!(compared_after(&mirror, &runner, 1).await, 1);
    let name = mirror.site().name().to_owned();
    let served = erpnext_github::app::Served::new(
        mirror.app().clone(),
        move || vec![name.clone()],
        tokio_util::sync::CancellationToken::new(),
    );
    let told = served
        .clone()
        .reconciling(ReconciliationPeriod::Every(std::time::Duration::from_secs(60)));
    let told = erpnext_github::jobs::Runner::new(std::sync::Arc::new(told));
    assert_eq!(told.step(Work::Reconcile).await, 1, "at start");
    assert_eq!(compared_after(&mirror, &told, 1).await, 1, "the flag says a minute");
    let off = erpnext_github::jobs::Runner::new(std::sync::Arc::new(served.reconciling(ReconciliationPeriod::Off)));
    mirror.github.forget_requests();
    assert_eq!(compared_after(&mirror, &off, 60).await, 0, "not even at start");
    assert_eq!(mirror.github.requests().len(), 0);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(off.step(Work::SyncDue).await, 1, "the schedule takes nothing for proven");
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabGitHub Sync Run`").await, "1");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_an_answer_with_holes_proves_nothing() {
    let mirror = synced(3).await;
    let hole = erpnext_github::sim::github::Effect::Edited(std::sync::Arc::new(|answer: &mut serde_json::Value| {
        answer["data"]["nodes"][1] = serde_json::Value::Null;
        answer["errors"] = serde_json::json!([{ "message": "Something went wrong", "path": ["nodes", 1] }]);
    }));
    let fault = erpnext_github::sim::github::Fault::on("/graphql", hole);
    mirror.github.world().faults.push(fault);
    let done = reconcile(&mirror.context().await, Which::All).await.expect("compared");
    assert_eq!((done.probed, done.in_step, done.reports.len()), (3, 2, 0));
    let now = mirror.site().clock().now();
    assert_eq!(
        proofs::proven_since(mirror.site().db(), now - TimeDelta::minutes(1), now)
            .await
            .expect("read")
            .len(),
        2
    );
    mirror.finish().await;
}
