//! G0 14, 15: a Project is connected with many repositories, and its own place names one of them.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::setup::{self, SetupOptions};
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::project_links::{self, Flags};
use erpnext_github::store::readers;

use super::{CONFINED, company_with_cache};
use crate::frappe::redis_server::RedisServer;
use crate::jobs::runner;
use crate::support::TestSite;
use crate::support::mirror::Mirror;

/// Both sides of every link.
const LINKS: &str = "SELECT IFNULL(GROUP_CONCAT(x ORDER BY x), '') FROM (SELECT CONCAT(name, '>', repository) AS x FROM tabProject WHERE repository > '' \
                     UNION ALL SELECT CONCAT(name, '>', project) FROM tabRepository WHERE project > '') l";
const ROWS: &str =
    "SELECT IFNULL(GROUP_CONCAT(project, '+', repository ORDER BY project, repository), '') FROM `tabGitHub Project Repository`";

async fn site() -> (TestSite, RedisServer) {
    let (test, redis) = company_with_cache(FrappeMajor::V15).await;
    for name in ["P-1", "P-2"] {
        test.erp().add_project(name, name).await.expect("a project");
    }
    (test, redis)
}

/// Somebody saves a link in the desk.
async fn save(test: &TestSite, doctype: &str, name: &str, target: &str) {
    let column = if doctype == "Project" { "repository" } else { "project" };
    test.erp().set(doctype, name, column, target).await.expect("saved");
    let now = "2026-03-01 07:00:30";
    test.erp().set(doctype, name, "modified", now).await.expect("saved");
}

/// An admin makes a row in the desk.
async fn add(test: &TestSite, project: &str, repository: &str) {
    let values = [("project", project), ("repository", repository), ("following", "1")];
    let name = format!("{project}-{repository}");
    test.erp()
        .insert("GitHub Project Repository", &name, &values)
        .await
        .expect("a row");
}

/// Somebody deletes one.
async fn delete(test: &TestSite, project: &str, repository: &str) {
    let sql = format!("DELETE FROM `tabGitHub Project Repository` WHERE project = '{project}' AND repository = '{repository}'");
    test.scratch().execute(&sql).await.expect("deleted");
}

async fn settle(test: &TestSite) -> usize {
    let touched = project_links::settle(test.site(), "Administrator").await;
    touched.expect("settled").len()
}

/// What is so once both are in step, which the next look finds so, too.
async fn expect(test: &TestSite, links: &str, rows: &str) {
    settle(test).await;
    assert_eq!(
        (test.value(LINKS).await.as_str(), test.value(ROWS).await.as_str()),
        (links, rows)
    );
    assert_eq!(settle(test).await, 0, "settled is settled");
    assert_eq!(
        (test.value(LINKS).await.as_str(), test.value(ROWS).await.as_str()),
        (links, rows)
    );
}

#[tokio::test]
async fn g0_15_a_link_of_either_side_has_a_row_which_goes_with_it() {
    let (test, _redis) = site().await;
    save(&test, "Project", "P-1", "octo/web").await;
    expect(&test, "octo/web>P-1,P-1>octo/web", "P-1+octo/web").await;
    save(&test, "Repository", "octo/api", "P-1").await;
    expect(&test, "octo/api>P-1,octo/web>P-1,P-1>octo/web", "P-1+octo/api,P-1+octo/web").await;
    save(&test, "Repository", "octo/api", "P-2").await;
    expect(
        &test,
        "octo/api>P-2,octo/web>P-1,P-1>octo/web,P-2>octo/api",
        "P-1+octo/web,P-2+octo/api",
    )
    .await;
    save(&test, "Project", "P-1", "").await;
    expect(&test, "octo/api>P-2,P-2>octo/api", "P-2+octo/api").await;
}

#[tokio::test]
async fn g0_15_a_row_that_is_deleted_takes_its_links_and_the_oldest_other_one_becomes_the_main_one() {
    let (test, _redis) = site().await;
    save(&test, "Project", "P-1", "octo/web").await;
    settle(&test).await;
    add(&test, "P-1", "octo/api").await;
    add(&test, "P-2", "octo/web").await;
    expect(
        &test,
        "octo/api>P-1,octo/web>P-1,P-1>octo/web,P-2>octo/web",
        "P-1+octo/api,P-1+octo/web,P-2+octo/web",
    )
    .await;
    delete(&test, "P-1", "octo/web").await;
    expect(
        &test,
        "octo/api>P-1,octo/web>P-2,P-1>octo/api,P-2>octo/web",
        "P-1+octo/api,P-2+octo/web",
    )
    .await;
    delete(&test, "P-1", "octo/api").await;
    expect(&test, "octo/web>P-2,P-2>octo/web", "P-2+octo/web").await;
    // The same link may be made again.
    save(&test, "Project", "P-1", "octo/api").await;
    expect(
        &test,
        "octo/api>P-1,octo/web>P-2,P-1>octo/api,P-2>octo/web",
        "P-1+octo/api,P-2+octo/web",
    )
    .await;
}

#[tokio::test]
async fn g0_15_a_row_that_somebody_made_outlives_a_link_that_moves_and_not_one_that_is_cleared() {
    let (test, _redis) = site().await;
    add(&test, "P-1", "octo/web").await;
    expect(&test, "octo/web>P-1,P-1>octo/web", "P-1+octo/web").await;
    save(&test, "Project", "P-1", "octo/api").await;
    expect(&test, "octo/api>P-1,octo/web>P-1,P-1>octo/api", "P-1+octo/api,P-1+octo/web").await;
    save(&test, "Project", "P-1", "octo/web").await;
    expect(&test, "octo/web>P-1,P-1>octo/web", "P-1+octo/web").await;
    save(&test, "Project", "P-1", "").await;
    expect(&test, "", "").await;
}

#[tokio::test]
async fn g0_15_links_from_before_the_upgrade_have_rows_after_it() {
    let (test, _redis) = site().await;
    save(&test, "Project", "P-1", "octo/web").await;
    settle(&test).await;
    for statement in [
        "DELETE FROM `tabGitHub Project Repository`",
        "DELETE FROM erpnext_github_project_link WHERE doctype LIKE '% row'",
        // An older version's.
        "UPDATE erpnext_github_site SET v = 'another' WHERE k = 'schema_fingerprint'",
    ] {
        test.scratch().execute(statement).await.expect("as it was before");
    }
    setup::install(test.site(), &SetupOptions::default(), &|_| ())
        .await
        .expect("upgraded");
    assert_eq!(test.value(ROWS).await, "P-1+octo/web");
    expect(&test, "octo/web>P-1,P-1>octo/web", "P-1+octo/web").await;
}

#[tokio::test]
async fn g0_15_who_connected_and_what_reaches_the_project_is_written_once() {
    let (test, _redis) = site().await;
    let link = ("P-1", "octo/web");
    let all = Flags::default();
    project_links::join(test.site(), "ann@x.com", link, &all)
        .await
        .expect("joined");
    let row = "SELECT CONCAT_WS('|', connected_by, connected_at, following, service_issues, service_pull_requests, service_releases, modified) \
               FROM `tabGitHub Project Repository`";
    let first = test.value(row).await;
    assert_eq!(
        first,
        "ann@x.com|2026-03-01 07:00:00.000000|1|1|1|1|2026-03-01 07:00:00.000000"
    );
    test.clock().advance(TimeDelta::minutes(1));
    project_links::join(test.site(), "ben@x.com", link, &all)
        .await
        .expect("joined");
    assert_eq!(test.value(row).await, first, "connected already");
    let flags = Flags {
        issues: Some(false),
        ..Flags::default()
    };
    assert!(
        project_links::follow(test.site(), "ben@x.com", link, &flags)
            .await
            .expect("saved")
    );
    assert_eq!(
        test.value(row).await,
        "ann@x.com|2026-03-01 07:00:00.000000|1|0|1|1|2026-03-01 07:01:00.000000"
    );
    let nothing = project_links::follow(test.site(), "ben@x.com", ("P-2", "octo/web"), &flags).await;
    assert!(!nothing.expect("answered"));
    let parted = project_links::part(test.site(), "ann@x.com", link).await.expect("parted");
    assert!(parted.is_some());
    expect(&test, "", "").await;
    assert_eq!(
        project_links::part(test.site(), "ann@x.com", link).await.expect("answered"),
        None
    );
}

#[tokio::test]
async fn d2_whoever_sees_the_project_reads_all_its_repositories_as_long_as_they_are_connected() {
    let (test, _redis) = site().await;
    test.erp()
        .set("Project", "P-1", "project_manager", "ben@x.com")
        .await
        .expect("set");
    test.erp().set("Project", "P-1", "owner", "ann@x.com").await.expect("set");
    for repository in ["octo/api", "octo/web"] {
        add(&test, "P-1", repository).await;
    }
    readers::settle(test.site()).await.expect("settled");
    assert_eq!(
        test.value(CONFINED).await,
        "ann>octo/api,ann>octo/web,ben>octo/api,ben>octo/web"
    );
    settle(&test).await;
    delete(&test, "P-1", "octo/api").await;
    settle(&test).await;
    readers::settle(test.site()).await.expect("settled");
    assert_eq!(test.value(CONFINED).await, "ann>octo/web,ben>octo/web");
}

#[tokio::test]
async fn d15_a_row_that_is_made_or_deleted_in_the_desk_is_seen_by_the_next_look() {
    let (site, _redis) = TestSite::cached(FrappeMajor::V15).await;
    let mirror = Mirror::on(site, |world| {
        world.repository("octo/web");
    })
    .await;
    mirror.sync("octo/web").await;
    let runner = runner(&mirror);
    runner.step(Work::LookAtDesk).await;
    runner.step(Work::LookAtDesk).await;
    add(&mirror.erp, "PROJ-0001", "octo/web").await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    assert_eq!(mirror.erp.value(LINKS).await, "octo/web>PROJ-0001,PROJ-0001>octo/web");
    assert_eq!(mirror.erp.value(CONFINED).await, "bob>octo/web");
    mirror.erp.clock().advance(TimeDelta::hours(3));
    runner.step(Work::LookAtDesk).await;
    runner.step(Work::LookAtDesk).await;
    delete(&mirror.erp, "PROJ-0001", "octo/web").await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    assert_eq!(
        (mirror.erp.value(LINKS).await, mirror.erp.value(CONFINED).await),
        (String::new(), String::new())
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f14_connections_follow_a_renamed_repository_and_nobody_is_parted() {
    let (site, _redis) = TestSite::cached(FrappeMajor::V15).await;
    let mirror = Mirror::on(site, |world| {
        world.repository("octo/a");
        world.repository("octo/b");
    })
    .await;
    mirror.sync("octo/a").await;
    mirror.sync("octo/b").await;
    mirror.erp.connect("PROJ-0001", "octo/a").await;
    settle(&mirror.erp).await;
    add(&mirror.erp, "PROJ-0001", "octo/b").await;
    settle(&mirror.erp).await;
    mirror.github.world().rename_repository("octo/a", "octo/site");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.sync("octo/a").await;
    expect(
        &mirror.erp,
        "octo/b>PROJ-0001,octo/site>PROJ-0001,PROJ-0001>octo/site",
        "PROJ-0001+octo/b,PROJ-0001+octo/site",
    )
    .await;
    // A rename of the Project moves every Link to it, as Frappe does.
    for sql in [
        "UPDATE tabProject SET name = 'PROJ-NEW' WHERE name = 'PROJ-0001'",
        "UPDATE tabRepository SET project = 'PROJ-NEW' WHERE project = 'PROJ-0001'",
        "UPDATE `tabGitHub Project Repository` SET project = 'PROJ-NEW' WHERE project = 'PROJ-0001'",
    ] {
        mirror.erp.scratch().execute(sql).await.expect("renamed");
    }
    expect(
        &mirror.erp,
        "octo/b>PROJ-NEW,octo/site>PROJ-NEW,PROJ-NEW>octo/site",
        "PROJ-NEW+octo/b,PROJ-NEW+octo/site",
    )
    .await;
    mirror.finish().await;
}
