//! Issues and pull requests that cannot be read or told hold up nothing else: they are noted, and asked for by number.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{Effect, Fault};
use erpnext_github::store::runs::RunStatus;
use serde_json::{Value, json};

use crate::support::mirror::Mirror;

const NOTED: &str =
    "SELECT IFNULL(GROUP_CONCAT(entity ORDER BY entity), '') FROM `erpnext_github_cursor` WHERE entity LIKE 'unread:%'";
const WALKED: &str =
    "SELECT CONCAT(cursor_at IS NOT NULL, walked_at IS NOT NULL) FROM `erpnext_github_cursor` WHERE entity = 'items'";

/// GitHub tells nothing of one pull request, whatever is asked of it.
fn never_told(number: u64) -> Fault {
    let hide = move |body: &mut Value| {
        let nodes = body["data"]["nodes"].as_array_mut().expect("nodes");
        for node in nodes.iter_mut().filter(|node| node["number"] == json!(number)) {
            *node = Value::Null;
        }
    };
    Fault::edit("/graphql", hide).containing("query PullRequestDetails").always()
}

/// The title of one issue is no text, wherever it comes.
fn never_readable(number: u64) -> Fault {
    let spoil = move |body: &mut Value| {
        let all = match body {
            Value::Array(all) => all.iter_mut().collect(),
            one => vec![one],
        };
        for one in all.into_iter().filter(|one| one["number"] == json!(number)) {
            one["title"] = json!(7);
        }
    };
    Fault::edit("/repos/octo/web/issues*", spoil).always()
}

#[tokio::test]
async fn s2_a_pull_request_that_github_can_never_tell_does_not_make_each_run_a_complete_walk() {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web");
        web.with_issues(150);
        web.open_pull_request("Told", "told");
        web.open_pull_request("Never told", "never");
        world.faults.push(never_told(152));
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert_eq!(report.entities[&Entity::PullRequest].failed, 1, "{report:?}");
    assert_eq!(mirror.erp.value(NOTED).await, "unread:152");
    assert_eq!(mirror.erp.value(WALKED).await, "11", "nothing else is to be read again");
    let titles = "SELECT GROUP_CONCAT(title, ' ', IFNULL(head_branch, '-') ORDER BY pr_number) FROM `tabRepository Pull Request`";
    assert_eq!(mirror.erp.value(titles).await, "Told told,Never told -");

    for _ in 0..2 {
        mirror.erp.clock().advance(TimeDelta::hours(1));
        mirror.github.forget_requests();
        let report = mirror.sync("octo/web").await;
        assert!(!report.full);
        assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
        assert!(report.reason().contains("#152"), "{report:?}");
        let pages = mirror.asked_for(&["/repos/octo/web/issues", "/repos/octo/web/issues/152"]);
        assert_eq!(pages.len(), 2, "what changed, and the one: {pages:?}");
        assert_eq!(mirror.erp.value(NOTED).await, "unread:152");
    }
    mirror.github.world().faults.clear();
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(titles).await, "Told told,Never told never");
    assert_eq!(mirror.erp.value(NOTED).await, "");
    mirror.finish().await;
}

#[tokio::test]
async fn s2_a_pull_request_at_which_github_breaks_takes_no_others_with_it() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3).with_pull_requests(60);
    })
    .await;
    let bad = {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        let node_id = web.item(17).expect("a pull request").node_id();
        let broken = Fault::on(
            "/graphql",
            Effect::GraphqlErrors(vec![json!({ "message": "Something went wrong" })]),
        );
        world.faults.push(broken.containing(&node_id).always());
        node_id
    };
    assert!(!bad.is_empty());
    let bare = "SELECT IFNULL(GROUP_CONCAT(pr_number), '') FROM `tabRepository Pull Request` WHERE IFNULL(head_branch, '') = ''";
    for full in [true, false] {
        let report = mirror.sync_in(&mirror.impatient().await, "octo/web", false).await;
        assert_eq!(
            (report.status, report.full),
            (RunStatus::CompletedWithFailures, full),
            "{report:?}"
        );
        assert_eq!(report.entities[&Entity::PullRequest].failed, 1, "{report:?}");
        assert_eq!(mirror.erp.value(bare).await, "17");
        assert_eq!(mirror.erp.value(NOTED).await, "unread:17");
        mirror.erp.clock().advance(TimeDelta::hours(1));
    }
    mirror.github.world().faults.clear();
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(bare).await, "");
    mirror.finish().await;
}

#[tokio::test]
async fn s2_without_issues_a_pull_request_is_asked_for_as_one() {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web");
        web.open_pull_request("Told", "told");
        web.open_pull_request("Never told", "never");
        web.has_issues = false;
        world.faults.push(never_told(2));
    })
    .await;
    for _ in 0..2 {
        let report = mirror.sync("octo/web").await;
        assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
        assert_eq!(mirror.erp.value(NOTED).await, "unread:2");
        mirror.erp.clock().advance(TimeDelta::hours(1));
    }
    mirror.github.world().faults.clear();
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(NOTED).await, "");
    mirror.finish().await;
}

#[tokio::test]
async fn s2_an_issue_that_cannot_be_read_is_counted_in_each_run_until_it_can() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3);
        world.faults.push(never_readable(2));
    })
    .await;
    let count = "SELECT COUNT(*) FROM `tabRepository Issue` WHERE deleted_on_github = 0";
    for _ in 0..2 {
        let report = mirror.sync("octo/web").await;
        assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
        assert!(report.reason().contains("#2: at title"), "{report:?}");
        assert_eq!(mirror.erp.value(count).await, "2");
        assert_eq!(mirror.erp.value(NOTED).await, "unread:2");
        assert_eq!(mirror.erp.value(WALKED).await, "11");
        mirror.erp.clock().advance(TimeDelta::hours(1));
    }
    mirror.github.world().faults.clear();
    let report = mirror.sync("octo/web").await;
    assert_eq!((report.status, report.full), (RunStatus::Completed, false), "{report:?}");
    assert_eq!(mirror.erp.value(count).await, "3");
    assert_eq!(mirror.erp.value(NOTED).await, "");
    mirror.finish().await;
}

#[tokio::test]
async fn s2_a_stored_issue_that_cannot_be_read_any_more_stays_through_complete_walks_until_it_is_gone() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3);
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let mut world = mirror.github.world();
    world.repository("octo/web").edit(2).title = "Changed".to_owned();
    world.faults.push(never_readable(2));
    drop(world);
    mirror.github.forget_requests();
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    let stored = "SELECT GROUP_CONCAT(issue_number ORDER BY issue_number) FROM `tabRepository Issue` WHERE deleted_on_github = 0";
    assert_eq!(mirror.erp.value(stored).await, "1,2,3");
    assert_eq!(mirror.erp.value(WALKED).await, "11");

    mirror.erp.clock().advance(TimeDelta::hours(1));
    let mut world = mirror.github.world();
    world.faults.clear();
    world.repository("octo/web").delete_item(2);
    drop(world);
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(stored).await, "1,3");
    assert_eq!(mirror.erp.value(NOTED).await, "");
    mirror.finish().await;
}

/// A process that dies within a walk leaves both behind: where it was, and what it could not read.
#[tokio::test]
async fn s2_what_could_not_be_read_is_remembered_by_a_walk_that_is_cut_off() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(450);
        let away = Fault::status("/repos/octo/web/issues", 502);
        world.faults.push(away.containing("page=4").always());
        world.faults.push(never_readable(7));
    })
    .await;
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", false).await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert_eq!(mirror.erp.value(NOTED).await, "unread:7");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.world().faults.clear();
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await, "450");
    assert_eq!(mirror.erp.value(NOTED).await, "");
    mirror.finish().await;
}
