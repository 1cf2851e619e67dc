//! A request to stop is noticed at once, wherever a run waits for GitHub, and leaves everything in order.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use erpnext_github::github::RetryPolicy;
use erpnext_github::sim::github::{Effect, Fault, Gate, RecordedRequest, Resource};
use erpnext_github::store::runs::{RunStatus, Trigger};
use erpnext_github::sync::{Pace, RunOptions, Selection, SiteReport, SyncContext, sync_site};
use tokio::task::JoinHandle;

use crate::support::mirror::Mirror;
use crate::support::noon;

/// Far beyond what ending takes, far below what GitHub is waited for: only a run that does not end meets it.
const AT_MOST: Duration = Duration::from_secs(20);

const SECOND_PAGE: &str = "page=2";

async fn mirror() -> Mirror {
    Mirror::new(|world| {
        world.repository("octo/web").with_issues(250);
    })
    .await
}

/// A context that would wait for GitHub for hours.
async fn patient(mirror: &Mirror) -> SyncContext {
    let mut context = mirror.context().await;
    let hour = Duration::from_secs(3600);
    context.client = context.client.with_retry(RetryPolicy {
        attempts: 9,
        first: hour,
        longest: hour,
        patience: hour,
        total: 9 * hour,
    });
    context
}

fn begin(context: &SyncContext, selection: Selection) -> JoinHandle<SiteReport> {
    let context = context.clone();
    let options = RunOptions {
        full: false,
        trigger: Trigger::Command,
    };
    tokio::spawn(async move { sync_site(&context, &selection, options).await.expect("a report") })
}

fn web() -> Selection {
    Selection {
        repositories: vec!["octo/web".parse().expect("a name")],
        owners: Vec::new(),
    }
}

/// Asks the run to stop and gives its report.
async fn stop(context: &SyncContext, run: JoinHandle<SiteReport>) -> SiteReport {
    assert!(!run.is_finished());
    context.stop.cancel();
    let report = tokio::time::timeout(AT_MOST, run).await.expect("it does not wait for GitHub");
    report.expect("the task")
}

/// Waits until the second page of issues was answered with `status`.
async fn answered(mirror: &Mirror, status: u16) {
    let was = |request: &RecordedRequest| {
        request.path.ends_with("/issues") && request.query.contains(SECOND_PAGE) && request.status == status
    };
    while !mirror.github.requests().iter().any(was) {
        tokio::task::yield_now().await;
    }
}

/// What a run that was stopped in the middle leaves: its row says so, nobody holds the repository, and the next run completes.
async fn is_in_order(mirror: Mirror, report: SiteReport) {
    let [run] = &report.repositories[..] else {
        panic!("{report:?}")
    };
    assert_eq!(run.status, RunStatus::Stopped, "{run:?}");
    assert!(
        run.error.as_ref().is_some_and(|text| text.contains("stopped before the end")),
        "{run:?}"
    );
    assert!(run.entities.values().all(|entity| entity.failed == 0), "{run:?}");
    assert_eq!(mirror.erp.value("SELECT status FROM `tabGitHub Sync Run`").await, "Stopped");
    let held = "SELECT COUNT(*) FROM erpnext_github_lease WHERE lease_until > UTC_TIMESTAMP(6)";
    assert_eq!(mirror.erp.value(held).await, "0", "nobody holds it");
    let stored = mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await;
    assert_eq!(stored, "100", "the page in hand is stored as a whole");
    mirror.github.world().faults.clear();
    mirror.erp.clock().advance(TimeDelta::hours(2));
    let next = mirror.sync("octo/web").await;
    assert_eq!(next.status, RunStatus::Completed, "{next:?}");
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await, "250");
    mirror.finish().await;
}

#[tokio::test]
async fn s5_a_run_that_github_leaves_without_an_answer_stops_when_asked() {
    let mirror = mirror().await;
    let gate = Gate::closed();
    let fault = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).containing(SECOND_PAGE);
    mirror.github.world().faults.push(fault);
    let context = patient(&mirror).await;
    let run = begin(&context, web());
    gate.reached(1).await;
    let report = stop(&context, run).await;
    is_in_order(mirror, report).await;
}

#[tokio::test]
async fn s5_a_run_that_waits_before_it_tries_again_stops_when_asked() {
    let mirror = mirror().await;
    let fault = Fault::status("/repos/octo/web/issues", 502).containing(SECOND_PAGE).always();
    mirror.github.world().faults.push(fault);
    let context = patient(&mirror).await;
    let run = begin(&context, web());
    answered(&mirror, 502).await;
    let report = stop(&context, run).await;
    is_in_order(mirror, report).await;
}

#[tokio::test]
async fn s5_a_run_that_waits_for_a_rate_limit_stops_when_asked() {
    let mirror = mirror().await;
    let gate = Gate::closed();
    let fault = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).containing(SECOND_PAGE);
    mirror.github.world().faults.push(fault);
    let context = patient(&mirror).await;
    let run = begin(&context, web());
    gate.reached(1).await;
    let reset = noon() + TimeDelta::minutes(50);
    mirror.github.world().limits.exhaust(Resource::Core, reset);
    gate.open();
    answered(&mirror, 403).await;
    let report = stop(&context, run).await;
    is_in_order(mirror, report).await;
}

#[tokio::test]
async fn s5_a_question_for_details_is_cut_short_too() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(100).with_pull_requests(3);
    })
    .await;
    let gate = Gate::closed();
    mirror
        .github
        .world()
        .faults
        .push(Fault::on("/graphql", Effect::Held(gate.clone())).times(9));
    let context = patient(&mirror).await;
    let run = begin(&context, web());
    gate.reached(1).await;
    let report = stop(&context, run).await;
    let [run] = &report.repositories[..] else {
        panic!("{report:?}")
    };
    assert_eq!(run.status, RunStatus::Stopped, "{run:?}");
    assert!(run.entities.values().all(|entity| entity.failed == 0), "{run:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn s5_a_stop_before_a_repository_was_read_leaves_no_trace_of_a_run() {
    for (path, selection) in [
        ("/repos/octo/web", web()),
        (
            "/user*",
            Selection {
                repositories: Vec::new(),
                owners: vec!["octo".to_owned()],
            },
        ),
    ] {
        let mirror = Arc::new(mirror().await);
        let gate = Gate::closed();
        mirror.github.world().faults.push(Fault::on(path, Effect::Held(gate.clone())));
        let context = patient(&mirror).await;
        let (inner, options) = (
            context.clone(),
            RunOptions {
                full: false,
                trigger: Trigger::Command,
            },
        );
        let run = tokio::spawn(async move { sync_site(&inner, &selection, options).await });
        gate.reached(1).await;
        context.stop.cancel();
        let ended = tokio::time::timeout(AT_MOST, run).await.expect("it ends").expect("the task");
        let told = match ended {
            Ok(report) => {
                assert!(report.has_failures() && report.repositories.is_empty(), "{report:?}");
                report.errors.join(" ")
            }
            Err(error) => error.to_string(),
        };
        assert!(told.contains("stopped before the end"), "{told}");
        for table in [
            "`tabGitHub Sync Run`",
            "tabRepository",
            "erpnext_github_cursor",
            "erpnext_github_lease",
        ] {
            let rows = mirror.erp.value(&format!("SELECT COUNT(*) FROM {table}")).await;
            assert_eq!(rows, "0", "{table}");
        }
        Arc::into_inner(mirror).expect("alone").finish().await;
    }
}

#[tokio::test]
async fn g1_11_what_is_switched_off_in_the_middle_of_a_run_ends_it_and_goes_on_when_it_is_on_again() {
    let mirror = mirror().await;
    crate::credentials::integration(&mirror, "Acme", crate::support::mirror::TOKEN).await;
    mirror.sync("octo/web").await;
    mirror.erp.query("UPDATE tabRepository SET integration = 'Acme'").await;
    for (off, on) in [
        (
            "UPDATE `tabGitHub Integration` SET service_issues = 0",
            "UPDATE `tabGitHub Integration` SET service_issues = 1",
        ),
        (
            "UPDATE `tabGitHub Integration` SET enabled = 0",
            "UPDATE `tabGitHub Integration` SET enabled = 1",
        ),
        ("UPDATE tabRepository SET enabled = 0", "UPDATE tabRepository SET enabled = 1"),
        // Unfollowed: it is not read for the integration any more, and the site's own way is another one.
        (
            "UPDATE tabRepository SET integration = NULL",
            "UPDATE tabRepository SET integration = 'Acme'",
        ),
        (
            "UPDATE tabSingles SET value = '0' WHERE doctype = 'GitHub Settings' AND field = 'enabled'",
            "UPDATE tabSingles SET value = '1' WHERE doctype = 'GitHub Settings' AND field = 'enabled'",
        ),
    ] {
        let gate = Gate::closed();
        let held = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone()));
        mirror.github.world().faults.push(held);
        let mut context = patient(&mirror).await;
        context.pace = Pace {
            switches: Duration::from_millis(1),
            ..Pace::default()
        };
        mirror.github.world().repository("octo/web").open_issue("news");
        let run = begin(&context, web());
        gate.reached(1).await;
        mirror.erp.query(off).await;
        let report = tokio::time::timeout(AT_MOST, run).await.expect("GitHub is not waited for");
        let report = report.expect("the task");
        let [one] = &report.repositories[..] else {
            panic!("{report:?}")
        };
        assert_eq!(one.status, RunStatus::Stopped, "{off}: {one:?}");
        gate.open();
        mirror.erp.query(on).await;
        assert_eq!(mirror.sync("octo/web").await.status, RunStatus::Completed, "{on}");
    }
    mirror.finish().await;
}
