//! A repository that is not on GitHub any more: told once, looked at once a day, asked for whenever it is named.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::Fault;
use erpnext_github::store::runs::RunStatus;
use erpnext_github::sync::{Selection, SiteReport};

use crate::jobs::runner;
use crate::support::mirror::Mirror;

/// Two synced repositories, of which GitHub does not show `octo/gone` any more.
async fn mirror() -> Mirror {
    let mirror = Mirror::new(|world| {
        world.repository("octo/gone");
        world.repository("octo/web");
    })
    .await;
    mirror.sync("octo/gone").await;
    mirror.sync("octo/web").await;
    let hidden = Fault::status("/repos/octo/gone", 404).always();
    let nowhere = Fault::edit("/graphql", |body| body["data"]["node"] = serde_json::Value::Null)
        .containing("RepositoryByNodeId")
        .always();
    mirror.github.world().faults.extend([hidden, nowhere]);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.forget_requests();
    mirror
}

async fn sync_all(mirror: &Mirror) -> SiteReport {
    mirror.run(&Selection::default(), false).await
}

/// How often GitHub was asked for the repository since the last time.
fn asked(mirror: &Mirror) -> usize {
    let requests = mirror.github.requests();
    mirror.github.forget_requests();
    requests.iter().filter(|request| request.path == "/repos/octo/gone").count()
}

async fn logged(mirror: &Mirror) -> String {
    mirror.erp.value("SELECT COUNT(*) FROM `tabError Log`").await
}

#[tokio::test]
async fn s3_a_gone_repository_is_a_failure_once_and_then_looked_at_once_a_day() {
    let mirror = mirror().await;
    let first = sync_all(&mirror).await;
    assert!(first.has_failures(), "{first:?}");
    assert_eq!((asked(&mirror), logged(&mirror).await.as_str()), (1, "1"));

    mirror.erp.clock().advance(TimeDelta::hours(23));
    let second = sync_all(&mirror).await;
    assert_eq!(second.repositories.len(), 1, "{second:?}");
    assert!(!second.has_failures(), "{second:?}");
    assert_eq!(asked(&mirror), 0);

    mirror.erp.clock().advance(TimeDelta::hours(1));
    let third = sync_all(&mirror).await;
    assert_eq!(third.repositories.len(), 2, "{third:?}");
    assert!(!third.has_failures(), "that it is gone is no news: {third:?}");
    assert_eq!((asked(&mirror), logged(&mirror).await.as_str()), (1, "1"));

    mirror.github.world().faults.clear();
    mirror.erp.clock().advance(TimeDelta::days(1));
    let back = sync_all(&mirror).await;
    assert!(!back.has_failures(), "{back:?}");
    assert_eq!(
        mirror.erp.value("SELECT SUM(deleted_on_github) FROM tabRepository").await,
        "0"
    );
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_a_gone_repository_is_asked_for_whenever_it_is_named() {
    let mirror = mirror().await;
    sync_all(&mirror).await;
    asked(&mirror);
    for _ in 0..2 {
        let report = mirror.sync("octo/gone").await;
        assert_eq!(report.status, RunStatus::Failed, "{report:?}");
        assert!(report.error.is_some_and(|error| error.contains("no longer shows octo/gone")));
        assert_eq!(asked(&mirror), 1);
    }
    assert_eq!(logged(&mirror).await, "1", "only the change is logged");
    mirror.github.world().faults.clear();
    let report = mirror.sync("octo/gone").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_the_schedule_looks_at_a_gone_repository_once_a_day() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    let mut looks = Vec::new();
    for hour in 0..50 {
        runner.step(Work::SyncDue).await;
        looks.extend((asked(&mirror) > 0).then_some(hour));
        mirror.erp.clock().advance(TimeDelta::hours(1));
    }
    assert_eq!(looks, [0, 24, 48]);
    mirror.finish_with_errors(1).await;
}
