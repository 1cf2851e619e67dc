//! Services of an integration: switched off they make no calls, and what is here stays.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Collaborator, Fault, Permission};

use super::{integration, set};
use crate::jobs::runner;
use crate::support::mirror::Mirror;

async fn stage() -> Mirror {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web").with_issues(3);
        web.with_pull_requests(2).with_branches(2);
    })
    .await;
    mirror.sync("octo/web").await;
    integration(&mirror, "Octo", crate::support::mirror::TOKEN).await;
    set(&mirror, "octo/web", "integration", "Octo").await;
    mirror
}

async fn switch(mirror: &Mirror, service: &str, on: u8) {
    let sql = format!("UPDATE `tabGitHub Integration` SET service_{service} = {on}");
    mirror.erp.query(&sql).await;
}

fn grow(mirror: &Mirror) {
    let mut world = mirror.github.world();
    world.repository("octo/web").open_issue("new");
    world.repository("octo/web").open_pull_request("newer", "newer");
}

async fn counts(mirror: &Mirror) -> String {
    let sql =
        "SELECT CONCAT((SELECT COUNT(*) FROM `tabRepository Issue`), ' ', (SELECT COUNT(*) FROM `tabRepository Pull Request`))";
    mirror.erp.value(sql).await
}

#[tokio::test]
async fn g1_issues_that_are_off_are_not_read_and_come_when_they_are_on_again() {
    let mirror = stage().await;
    assert_eq!(counts(&mirror).await, "3 2");
    switch(&mirror, "issues", 0).await;
    grow(&mirror);
    let from = mirror.github.requests().len();
    mirror.sync("octo/web").await;
    assert_eq!(counts(&mirror).await, "3 3", "data stays, and pull requests come");
    let asked = mirror.github.requests();
    assert!(
        asked.iter().skip(from).all(|request| !request.path.ends_with("/issues")),
        "{asked:?}"
    );
    switch(&mirror, "issues", 1).await;
    mirror.sync("octo/web").await;
    assert_eq!(counts(&mirror).await, "4 3");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_pull_requests_that_are_off_are_not_read_and_come_when_they_are_on_again() {
    let mirror = stage().await;
    switch(&mirror, "pull_requests", 0).await;
    grow(&mirror);
    mirror.sync("octo/web").await;
    assert_eq!(counts(&mirror).await, "4 2");
    switch(&mirror, "pull_requests", 1).await;
    mirror.sync("octo/web").await;
    assert_eq!(counts(&mirror).await, "4 3");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_repositories_that_are_off_have_none_of_their_parts_read() {
    let mirror = stage().await;
    switch(&mirror, "repositories", 0).await;
    grow(&mirror);
    let from = mirror.github.requests().len();
    mirror.sync_full("octo/web").await;
    assert_eq!(counts(&mirror).await, "4 3");
    let parts = ["/branches", "/labels", "/milestones", "/releases", "/commits"];
    for request in mirror.github.requests().iter().skip(from) {
        assert!(!parts.iter().any(|part| request.path.ends_with(part)), "{request:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn g1_whoever_is_removed_on_github_reads_no_issue_more_though_repositories_are_off() {
    let mirror = stage().await;
    mirror
        .github
        .world()
        .repository("octo/web")
        .with_member(Collaborator::new("ann-hub", Permission::Pull));
    mirror.sync("octo/web").await;
    let members = "SELECT GROUP_CONCAT(github_username) FROM `tabRepository Member` WHERE github_username = 'ann-hub'";
    assert_eq!(mirror.erp.value(members).await, "ann-hub");
    switch(&mirror, "repositories", 0).await;
    mirror.github.world().repository("octo/web").remove_member("ann-hub");
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(members).await, "", "members are rights");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_comments_are_those_of_the_service_that_is_on_and_the_others_come_with_theirs() {
    let mirror = stage().await;
    switch(&mirror, "issues", 0).await;
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        let (issue, pull) = (web.open_issue("new").number, web.open_pull_request("newer", "newer").number);
        web.comment(issue);
        web.comment(pull);
    }
    mirror.sync("octo/web").await;
    let comments =
        "SELECT GROUP_CONCAT(IF(IFNULL(pull_request, '') = '', 'issue', 'pull') ORDER BY creation) FROM `tabRepository Comment`";
    assert_eq!(mirror.erp.value(comments).await, "pull");
    switch(&mirror, "issues", 1).await;
    mirror.sync("octo/web").await;
    let both = "SELECT GROUP_CONCAT(IF(IFNULL(pull_request, '') = '', 'issue', 'pull') ORDER BY issue DESC) FROM `tabRepository Comment`";
    assert_eq!(mirror.erp.value(both).await, "issue,pull");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_what_is_switched_on_is_read_soon_though_github_says_what_it_said() {
    let mirror = stage().await;
    mirror.sync("octo/web").await;
    let runner = runner(&mirror);
    runner.step(Work::LookAtDesk).await;
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    runner.step(Work::Reconcile).await;
    switch(&mirror, "issues", 0).await;
    grow(&mirror);
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    runner.step(Work::Reconcile).await;
    assert_eq!(
        counts(&mirror).await,
        "3 3",
        "the difference was seen, and issues were left out"
    );
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    let from = mirror.github.requests().len();
    runner.step(Work::Reconcile).await;
    let asked = mirror.github.requests().len() - from;
    assert_eq!(asked, 1, "as long as they are off nothing is read again and again");
    // The form is saved: the next look at the desk, and the minute after it, bring them. Nothing happened on GitHub.
    switch(&mirror, "issues", 1).await;
    mirror
        .erp
        .query("UPDATE `tabGitHub Integration` SET modified = modified + INTERVAL 1 SECOND")
        .await;
    runner.step(Work::LookAtDesk).await;
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    runner.step(Work::Reconcile).await;
    assert_eq!(counts(&mirror).await, "4 3");
    let from = mirror.github.requests().len();
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    runner.step(Work::Reconcile).await;
    assert_eq!(mirror.github.requests().len() - from, 1, "once");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_the_comparison_of_every_ten_minutes_reads_what_was_switched_on_and_so_does_the_schedule() {
    for work in [Work::Reconcile, Work::SyncDue] {
        let mirror = stage().await;
        let runner = runner(&mirror);
        mirror.erp.clock().advance(TimeDelta::minutes(11));
        runner.step(Work::Reconcile).await;
        switch(&mirror, "pull_requests", 0).await;
        grow(&mirror);
        mirror.erp.clock().advance(TimeDelta::minutes(11));
        runner.step(Work::Reconcile).await;
        assert_eq!(counts(&mirror).await, "4 2");
        mirror.erp.clock().advance(TimeDelta::minutes(61));
        if work == Work::SyncDue {
            runner.step(Work::Reconcile).await;
        }
        switch(&mirror, "pull_requests", 1).await;
        runner.step(work).await;
        assert_eq!(counts(&mirror).await, "4 3", "{work:?}");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn g1_what_fails_for_ever_does_not_have_what_was_switched_on_read_for_ever() {
    let mirror = stage().await;
    let runner = runner(&mirror);
    switch(&mirror, "issues", 0).await;
    mirror.sync("octo/web").await;
    // No push right: members are not shown. Nor are labels, whyever.
    let faults = [
        Fault::status("/repos/octo/web/collaborators", 403),
        Fault::status("/repos/octo/web/labels", 403),
    ];
    mirror.github.world().faults.extend(faults.map(Fault::always));
    grow(&mirror);
    switch(&mirror, "issues", 1).await;
    for _ in 0..3 {
        mirror.erp.clock().advance(TimeDelta::minutes(11));
        runner.step(Work::Reconcile).await;
    }
    assert_eq!(counts(&mirror).await, "4 3");
    let marks = "SELECT COUNT(*) FROM erpnext_github_cursor WHERE entity LIKE 'switched_off:%'";
    assert_eq!(mirror.erp.value(marks).await, "0", "issues are here, whatever else fails");
    // The one that fails was off itself: it is tried again, and not each time.
    switch(&mirror, "repositories", 0).await;
    mirror.sync("octo/web").await;
    switch(&mirror, "repositories", 1).await;
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(marks).await, "1");
    let walks = "SELECT COUNT(*) FROM `tabGitHub Sync Run` WHERE kind = 'Full'";
    let before = mirror.erp.value(walks).await;
    for _ in 0..3 {
        mirror.erp.clock().advance(TimeDelta::minutes(11));
        runner.step(Work::Reconcile).await;
    }
    assert_eq!(mirror.erp.value(walks).await, before, "one walk was enough");
    mirror.github.world().faults.clear();
    mirror.erp.clock().advance(TimeDelta::hours(24));
    runner.step(Work::Reconcile).await;
    assert_eq!(mirror.erp.value(marks).await, "0");
    mirror.finish().await;
}
