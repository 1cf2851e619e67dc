//! What no delivery told of is found, repaired and counted.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use reqwest::Method;
use serde_json::Value;

use super::{as_read_at_once, compared_after, drift, triggers};
use crate::jobs::runner;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;
use crate::webhook::Hooked;

async fn mirror() -> Mirror {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web");
        web.with_issues(6)
            .with_pull_requests(4)
            .with_branches(3)
            .with_releases(2)
            .with_milestones(2);
        web.with_commits(3);
        world.repository("octo/idle").with_issues(2);
    })
    .await;
    // What happened in the second of a sync may have happened after it.
    mirror.erp.clock().advance(TimeDelta::minutes(5));
    mirror.sync("octo/web").await;
    mirror.sync("octo/idle").await;
    mirror
}

#[tokio::test]
async fn g4_8_s3_what_was_missed_is_repaired_and_counted_as_drift_by_entity() {
    let mirror = mirror().await;
    let desk = Desk::of(&mirror).await;
    let runner = runner(&mirror);
    compared_after(&mirror, &runner, 3).await;
    assert_eq!(triggers(&mirror).await, "", "in step as they were synced");
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.edit(2).title = "Edited while nobody listened".to_owned();
        web.close(3, "completed");
        web.publish_release("v9.0");
        web.close_milestone(1);
        web.comment_by(2, "octo", "Nobody heard this");
        web.push("feature/unheard");
    }
    let hooks = "INSERT INTO erpnext_github_hook (home, repository_id, name, suspect, due_at, sweep_due_at) \
                 SELECT CONCAT('repository:', github_id), github_id, name, 0, '2100-01-01', '2100-01-01' FROM tabRepository";
    mirror.erp.scratch().execute(hooks).await.expect("set");
    mirror.github.forget_requests();
    assert_eq!(compared_after(&mirror, &runner, 10).await, 1);
    // The new branch, and the one after which it stands in the list now.
    assert_eq!(triggers(&mirror).await, "Reconciliation Incremental");
    assert_eq!(
        drift(&mirror).await,
        "Repository 1, Issue 2, Branch 2, Milestone 1, Release 1, Comment 1"
    );
    let answer = desk.request(Method::GET, "/metrics").send().await.expect("an answer");
    let text = answer.text().await.expect("text");
    for entity in ["repository", "issue", "branch", "milestone", "release", "comment"] {
        let name = format!("erpnext_github_drift_total{{entity=\"{entity}\"}} ");
        assert!(text.contains(&name), "{name} is missing");
    }
    let of_idle = mirror
        .github
        .requests()
        .iter()
        .filter(|one| one.path.contains("idle"))
        .count();
    assert_eq!(of_idle, 0, "what did not change is not read");
    let suspects = mirror
        .erp
        .value("SELECT GROUP_CONCAT(name) FROM erpnext_github_hook WHERE suspect = 1")
        .await;
    assert_eq!(suspects, "octo/web", "its webhook is looked at");
    as_read_at_once(&mirror, &["octo/idle", "octo/web"], TimeDelta::minutes(18), "repaired").await;
    mirror.github.forget_requests();
    assert_eq!(compared_after(&mirror, &runner, 10).await, 1);
    assert_eq!(mirror.github.requests().len(), 1, "in step again");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_a_pull_request_that_was_opened_or_merged_unheard_is_found() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    compared_after(&mirror, &runner, 3).await;
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.open_pull_request("Unheard", "feature/pr");
        web.merge(7, "octo");
    }
    compared_after(&mirror, &runner, 10).await;
    assert!(drift(&mirror).await.contains("Pull Request 2"), "{}", drift(&mirror).await);
    as_read_at_once(&mirror, &["octo/idle", "octo/web"], TimeDelta::minutes(18), "pull requests").await;
    mirror.finish().await;
}

/// GitHub does not deliver again what nobody took while the process was away.
#[tokio::test]
async fn g4_6_releases_and_open_pull_requests_missed_while_nobody_was_there_are_found_at_start_and_each_period() {
    let mirror = mirror().await;
    mirror.erp.clock().advance(TimeDelta::hours(5));
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.publish_release("v7.0");
        web.open_pull_request("While it was down", "feature/down");
    }
    mirror.erp.clock().advance(TimeDelta::minutes(2));
    let begun = runner(&mirror);
    assert_eq!(begun.step(Work::Reconcile).await, 1, "at start, without waiting for a period");
    let release = "SELECT COUNT(*) FROM `tabRepository Release` WHERE tag_name LIKE 'v7.%'";
    let pull = "SELECT COUNT(*) FROM `tabRepository Pull Request` WHERE title = 'While it was down' AND state = 'open'";
    assert_eq!(
        (mirror.erp.value(release).await, mirror.erp.value(pull).await),
        ("1".into(), "1".into())
    );
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.publish_release("v7.1");
        web.delete_release("v7.0");
        let number = web.items.keys().copied().max().expect("the newest");
        web.close(number, "completed");
    }
    compared_after(&mirror, &begun, 10).await;
    let names = "SELECT GROUP_CONCAT(tag_name) FROM `tabRepository Release` WHERE tag_name LIKE 'v7.%'";
    assert_eq!(
        (mirror.erp.value(names).await, mirror.erp.value(pull).await),
        ("v7.1".into(), "0".into())
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s3_a_rename_and_a_deletion_of_a_repository_are_found_within_a_period() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    compared_after(&mirror, &runner, 3).await;
    {
        let mut world = mirror.github.world();
        world.rename_repository("octo/web", "octo/site");
        world.delete_repository("octo/idle");
    }
    compared_after(&mirror, &runner, 10).await;
    let names = "SELECT GROUP_CONCAT(name, ' ', deleted_on_github ORDER BY name) FROM tabRepository";
    assert_eq!(mirror.erp.value(names).await, "octo/idle 1,octo/site 0");
    mirror.github.forget_requests();
    compared_after(&mirror, &runner, 10).await;
    assert_eq!(
        mirror.github.requests().len(),
        1,
        "what is gone is not asked for at every period"
    );
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_an_event_lost_between_others_is_found_though_the_newest_change_is_here() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").with_issues(4);
    })
    .await;
    let mirror = &hooked.mirror;
    let runner = runner(mirror);
    compared_after(mirror, &runner, 3).await;
    let before = mirror.github.world().clone();
    mirror.github.world().repository("octo/web").edit(1).title = "Lost".to_owned();
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    mirror.github.world().repository("octo/web").edit(2).title = "Heard".to_owned();
    let deliveries = mirror.github.deliveries_since(&before);
    let heard = deliveries
        .iter()
        .find(|one| one.payload.contains("Heard") && one.event == "issues");
    let heard = heard.expect("a delivery");
    let payload: Value = serde_json::from_str(&heard.payload).expect("JSON");
    assert_eq!(hooked.deliver("heard", heard.event, &payload).await, 202);
    let titles = "SELECT GROUP_CONCAT(title ORDER BY issue_number) FROM `tabRepository Issue` WHERE issue_number < 3";
    assert!(mirror.erp.value(titles).await.ends_with(",Heard"));
    compared_after(mirror, &runner, 10).await;
    assert_eq!(mirror.erp.value(titles).await, "Lost,Heard");
    assert_eq!(drift(mirror).await, "Issue 1");
    hooked.mirror.finish().await;
}

#[tokio::test]
async fn s3_what_is_switched_off_or_was_never_synced_is_not_compared() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    let scratch = mirror.erp.scratch();
    scratch.execute("UPDATE tabRepository SET enabled = 0").await.expect("off");
    let values = [("full_name", "octo/new"), ("enabled", "1")];
    mirror
        .erp
        .erp()
        .insert("Repository", "octo/new", &values)
        .await
        .expect("a row");
    mirror.github.forget_requests();
    assert_eq!(runner.step(Work::Reconcile).await, 0);
    assert_eq!(mirror.github.requests().len(), 0);
    mirror.finish().await;
}
