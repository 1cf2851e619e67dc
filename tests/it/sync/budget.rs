//! One budget for all that speak to GitHub with a credential: short of points, killed in the middle, slowed down.

use std::process::Stdio;

use chrono::TimeDelta;
use erpnext_github::clock::Clock as _;
use erpnext_github::domain::budget::Purpose;
use erpnext_github::github::ErrorKind;
use erpnext_github::sim::github::{Effect, Fault, Gate, Resource, World};
use erpnext_github::store::runs::{self, RunStatus};
use erpnext_github::store::{Stamp, budgets};

use crate::cli::program::program;
use crate::support::mirror::Mirror;

fn large(world: &mut World) {
    world.repository("octo/web").with_issues(12_000);
}

async fn stored(mirror: &Mirror) -> u64 {
    let stored = mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await;
    stored.parse().expect("a number")
}

#[tokio::test]
async fn a_budget_of_200_points_ends_clean_and_the_next_hour_goes_on_where_it_was() {
    let mirror = Mirror::new(|world| {
        large(world);
        world.limits.core = 200;
    })
    .await;
    let first = mirror.sync_in(&mirror.context().await, "octo/web", false).await;
    assert_ne!(
        first.status,
        RunStatus::Completed,
        "120 pages and 100 points kept for people: {first:?}"
    );
    let error = first.error.clone().unwrap_or_default();
    assert!(error.contains("100 points are kept for people"), "{error}");
    let before = mirror.github.counts().rest;
    let so_far = stored(&mirror).await;
    assert!(so_far > 5_000, "{so_far}");
    // A person's own action finds what was kept.
    let client = mirror.app().client(mirror.erp.site()).await.expect("a client").for_a_person();
    let name = "octo/web".parse().expect("a name");
    client.repository(&name).await.expect("points are kept for it");
    // Tried again in the same hour, no more is asked than is left above what is kept; pages that were given up cost nothing.
    let usage = |resource| {
        let now = mirror.erp.clock().now();
        mirror.github.world().limits.usage("octo", resource, now).remaining()
    };
    let left = usage(Resource::Core);
    // A person's action took one, and one may have been asked for to find out what is left.
    assert!(left >= 98, "{left} points are left for people");
    let above = left.saturating_sub(99);
    mirror.github.forget_requests();
    mirror.sync_in(&mirror.context().await, "octo/web", false).await;
    let asked: Vec<String> = mirror.github.requests().iter().map(|one| one.path.clone()).collect();
    assert!(
        asked.len() as u64 <= above,
        "{above} points were left above people's: {asked:?}"
    );
    assert!(usage(Resource::Core) >= left.min(99), "they are people's");

    mirror.erp.clock().advance(TimeDelta::minutes(61));
    mirror.github.forget_requests();
    let second = mirror.sync_in(&mirror.context().await, "octo/web", false).await;
    assert_eq!(second.status, RunStatus::Completed, "{second:?}");
    assert_eq!(stored(&mirror).await, 12_000);
    let pages = mirror
        .github
        .requests()
        .iter()
        .filter(|one| one.path.ends_with("/issues"))
        .count();
    assert!(pages < 60, "it goes on where it was: {pages} pages after {before} requests");
    assert_eq!(mirror.github.complaints(), Vec::<String>::new());
    mirror.finish_with_errors(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_never_pass_a_limit_together_though_one_is_killed_holding_a_slice() {
    let mirror = Mirror::new(|world| {
        large(world);
        world.repository("octo/api").with_issues(12_000);
        world.limits.core = 130;
    })
    .await;
    // The other process, a real one, dies in the middle of a page.
    let gate = Gate::closed();
    mirror
        .github
        .world()
        .faults
        .push(Fault::on("/repos/octo/api/issues", Effect::Held(gate.clone())).after(20));
    let scratch = mirror.erp.scratch();
    for (key, url) in [
        ("github_api_url", mirror.github.base_url().to_owned()),
        ("github_graphql_url", mirror.github.graphql_url()),
    ] {
        scratch.set_config(key, url.into()).expect("the site's file");
    }
    let mut other = program(&["sync", "--repo", "octo/api"]);
    other
        .current_dir(mirror.erp.bench_root())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut other = other.spawn().expect("the program");
    gate.reached(1).await;
    other.kill().expect("killed");
    other.wait().expect("dead");
    let context = mirror.context().await;
    let report = mirror.sync_in(&context, "octo/web", false).await;
    assert_ne!(report.status, RunStatus::Completed, "{report:?}");
    gate.open();
    let used = mirror.github.counts().rest_points;
    assert!(used <= 130, "{used}");
    assert_eq!(mirror.github.complaints(), Vec::<String>::new());
    let left = mirror
        .github
        .world()
        .limits
        .usage("octo", Resource::Core, mirror.erp.clock().now());
    assert!(left.remaining() >= 100 - 8, "people's points are left: {left:?}");
    let stamp = Stamp::now(mirror.erp.site(), "Administrator").await.expect("a stamp");
    runs::end_orphans(mirror.erp.site().db(), Some("octo/api"), &stamp)
        .await
        .expect("the dead process's run is ended");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn d10_what_github_tells_one_process_another_one_keeps_to() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3);
    })
    .await;
    let name = "octo/web".parse().expect("a name");
    let fault = Fault::on(
        "/repos/octo/web",
        Effect::SecondaryLimit {
            status: 403,
            retry_after: None,
        },
    )
    .times(1);
    mirror.github.world().faults.push(fault);
    let site = mirror.erp.site();
    let first = mirror.app().client(site).await.expect("a client").for_a_person();
    let error = first.repository(&name).await.expect_err("GitHub refuses");
    assert!(
        matches!(error.kind(), ErrorKind::RateLimited { secondary: true, .. }),
        "{error}"
    );
    mirror.github.forget_requests();
    let other = mirror.replica();
    let second = other.client(site).await.expect("a client").for_a_person();
    let error = second.repository(&name).await.expect_err("nobody asks for a minute");
    let until = error.until().expect("a time");
    assert!(until >= mirror.erp.clock().now() + TimeDelta::seconds(59), "{error}");
    assert_eq!(mirror.github.requests().len(), 0);
    mirror.erp.clock().advance(TimeDelta::seconds(61));
    second.repository(&name).await.expect("the minute is over");
    mirror.finish().await;
}

#[tokio::test]
async fn what_is_known_of_the_points_is_known_to_all() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3);
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.app().rest().await;
    let row = mirror.erp.value("SELECT CONCAT(COUNT(*), ' ', MAX(credential) LIKE '%ghp%' OR MAX(credential) LIKE '%token%') FROM `erpnext_github_budget`").await;
    assert_eq!(row, "1 0", "one row, without the token");
    let state = mirror.erp.value("SELECT state FROM `erpnext_github_budget`").await;
    let state: serde_json::Value = serde_json::from_str(&state).expect("JSON");
    let spent = mirror
        .github
        .world()
        .limits
        .usage("octo", Resource::Core, mirror.erp.clock().now());
    assert_eq!(state["primary"]["core"]["remaining"], spent.remaining(), "{state}");
    assert_eq!(state["slots"], serde_json::json!([]), "nothing is held");
    mirror.finish().await;
}

#[tokio::test]
async fn what_was_spent_is_kept_by_repository_and_by_purpose() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(250);
        world.repository("octo/api").with_issues(3);
    })
    .await;
    let (web, api) = (mirror.sync("octo/web").await, mirror.sync("octo/api").await);
    let client = mirror.app().client(mirror.erp.site()).await.expect("a client").for_a_person();
    client.repository(&"octo/web".parse().expect("a name")).await.expect("there");
    mirror.app().rest().await;
    let runs = "SELECT GROUP_CONCAT(CONCAT(repository, ' ', kind, ' ', points) ORDER BY repository SEPARATOR ', ') FROM `tabGitHub Sync Run`";
    assert_eq!(
        mirror.erp.value(runs).await,
        format!("octo/api Full {}, octo/web Full {}", api.cost.points, web.cost.points)
    );
    let spent = budgets::spent(mirror.erp.site().db()).await.expect("the rows");
    let points = |purpose| spent.get(&purpose).map(|cost| cost.points);
    let synced = points(Purpose::FullSync).unwrap_or_default() + points(Purpose::Sync).unwrap_or_default();
    assert_eq!(synced, web.cost.points + api.cost.points, "{spent:?}");
    assert_eq!(points(Purpose::Desk), Some(1), "{spent:?}");
    let counted: u64 = spent.values().map(|cost| cost.points).sum();
    assert_eq!(
        counted,
        mirror.github.counts().rest_points + mirror.github.counts().graphql_points,
        "as GitHub counts"
    );
    mirror.finish().await;
}
