//! A run that failed half way deletes nothing and moves no cursor; the next one completes.

use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{Effect, Fault};
use erpnext_github::store::runs::RunStatus;

use super::failures::progress;
use crate::support::mirror::Mirror;

#[tokio::test]
async fn f19_s3_a_fault_on_page_three_deletes_nothing_and_the_next_run_completes() {
    for effect in [Effect::Truncated, Effect::Refused, Effect::Empty] {
        let mirror = Mirror::new(|world| {
            world.repository("octo/web").with_issues(450).with_branches(3);
        })
        .await;
        mirror.sync("octo/web").await;
        mirror.erp.clock().advance(chrono::TimeDelta::hours(1));
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.delete_item(7);
        web.close(9, "completed");
        world.faults.push(Fault::on("/repos/octo/web/issues", effect).after(2));
        drop(world);
        let before = progress(&mirror).await;
        let report = mirror.sync_in(&mirror.impatient().await, "octo/web", true).await;
        assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
        assert_eq!(report.entities[&Entity::Issue].failed, 1, "{report:?}");
        // What was seen until then is stored; the rest of the run went on.
        let nine = "SELECT state FROM `tabRepository Issue` WHERE issue_number = 9";
        assert_eq!(mirror.erp.value(nine).await, "closed");
        assert_eq!(report.entities[&Entity::Branch].counts.unchanged, 3, "{report:?}");
        let count = "SELECT COUNT(*) FROM `tabRepository Issue`";
        assert_eq!(mirror.erp.value(count).await, "450", "nothing is deleted after half a walk");
        assert_eq!(progress(&mirror).await, before);
        let next = mirror.sync_full("octo/web").await;
        assert_eq!(next.status, RunStatus::Completed, "{next:?}");
        assert_eq!(mirror.erp.value(count).await, "449");
        assert_ne!(progress(&mirror).await, before);
        assert_eq!(mirror.erp.value("SELECT last_sync_error FROM tabRepository").await, "");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn f09_a_limit_that_runs_out_in_the_middle_ends_the_run_and_keeps_branches_and_members() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(250).with_branches(4).with_members(3);
    })
    .await;
    mirror.sync("octo/web").await;
    let before = mirror
        .erp
        .dump_tables(&["tabRepository Branch", "tabRepository Member"])
        .await;
    let cursor = progress(&mirror).await;
    let limit = Effect::SecondaryLimit {
        status: 403,
        retry_after: Some(300),
    };
    mirror
        .github
        .world()
        .faults
        .push(Fault::on("/repos/octo/web/issues", limit).after(1).always());
    let asked = mirror.github.requests().len();
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", true).await;
    assert_eq!(report.status, RunStatus::Failed, "{report:?}");
    assert!(
        report.error.as_ref().is_some_and(|text| text.contains("slow down")),
        "{report:?}"
    );
    let after: Vec<String> = mirror
        .github
        .requests()
        .split_off(asked)
        .iter()
        .map(|one| one.path.clone())
        .collect();
    assert!(
        !after.iter().any(|path| path.ends_with("/branches")),
        "a limit ends the run: {after:?}"
    );
    assert_eq!(
        mirror
            .erp
            .dump_tables(&["tabRepository Branch", "tabRepository Member"])
            .await,
        before
    );
    let kept = mirror
        .erp
        .value("SELECT CONCAT(visibility, ' ', github_id <> '') FROM tabRepository")
        .await;
    assert_eq!(kept, "Public 1");
    assert_eq!(progress(&mirror).await, cursor);
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn f09_the_last_point_of_the_hour_ends_the_run_and_wipes_nothing() {
    use erpnext_github::sim::github::Resource;
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(250).with_branches(4).with_members(3);
    })
    .await;
    mirror.sync("octo/web").await;
    let (rows, before) = (mirror.mirror_without_notes().await, progress(&mirror).await);
    // The repository and one page of issues can still be read.
    let until = crate::support::noon() + chrono::TimeDelta::minutes(50);
    mirror.github.world().limits.set_used("octo", Resource::Core, 4_998, until);
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", true).await;
    assert_eq!(report.status, RunStatus::Failed, "{report:?}");
    assert_eq!(report.entities[&Entity::Issue].fetched, 100, "{report:?}");
    let sentence = report.error.unwrap_or_default();
    assert!(sentence.contains("used up until 2026-03-01T12:50:00Z"), "{sentence}");
    assert_eq!(mirror.mirror_without_notes().await, rows);
    assert_eq!(progress(&mirror).await, before);
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn f09_half_a_set_of_branches_or_members_throws_out_nobody() {
    for path in ["/repos/octo/web/branches", "/repos/octo/web/collaborators"] {
        let mirror = Mirror::new(|world| {
            world.repository("octo/web").with_branches(130).with_members(130);
        })
        .await;
        mirror.sync("octo/web").await;
        let before = mirror
            .erp
            .dump_tables(&["tabRepository Branch", "tabRepository Member"])
            .await;
        mirror.github.world().faults.push(Fault::status(path, 500).after(1).always());
        let report = mirror.sync_in(&mirror.impatient().await, "octo/web", true).await;
        assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
        assert_eq!(
            mirror
                .erp
                .dump_tables(&["tabRepository Branch", "tabRepository Member"])
                .await,
            before
        );
        mirror.finish().await;
    }
}

#[tokio::test]
async fn one_odd_row_of_a_page_is_counted_and_the_others_are_stored() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(10);
        let odd = Fault::edit("/repos/octo/web/issues", |body| {
            body[4]["title"] = serde_json::json!({ "odd": true });
        });
        world.faults.push(odd);
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    let issues = &report.entities[&Entity::Issue];
    assert_eq!((issues.counts.created, issues.failed), (9, 1));
    assert!(issues.reasons[0].contains("title"), "{issues:?}");
    let kept = "SELECT GROUP_CONCAT(entity, IF(cursor_at IS NULL, '', ' moved') ORDER BY entity) FROM erpnext_github_cursor \
                WHERE entity = 'items' OR entity LIKE 'unread:%'";
    assert_eq!(
        mirror.erp.value(kept).await,
        "items moved,unread:5",
        "it alone is asked for again"
    );
    let next = mirror.sync("octo/web").await;
    assert_eq!(next.entities[&Entity::Issue].counts.created, 1, "{next:?}");
    assert_eq!(next.status, RunStatus::Completed);
    mirror.finish().await;
}

#[tokio::test]
async fn s3_a_failure_that_passes_is_tried_again_and_leaves_no_trace() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(120).with_pull_requests(3);
        world.faults.push(Fault::status("/repos/octo/web/issues", 502).after(1));
        world.faults.push(Fault::on("/repos/octo/web/branches", Effect::Reset));
        world.faults.push(Fault::on("/graphql", Effect::Empty));
    })
    .await;
    let mut context = mirror.context().await;
    let quick = erpnext_github::github::RetryPolicy {
        first: std::time::Duration::from_millis(1),
        ..erpnext_github::github::RetryPolicy::background()
    };
    context.client = context.client.with_retry(quick);
    let report = mirror.sync_in(&context, "octo/web", false).await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await, "120");
    assert_eq!(mirror.erp.value("SELECT last_sync_error FROM tabRepository").await, "");
    mirror.finish().await;
}
