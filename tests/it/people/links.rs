//! F-32, D6.7: `Project.repository` and `Repository.project` say the same, and nobody's link is overwritten.

use chrono::TimeDelta;
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::project_links::{self, LinkError};

use super::company_with_cache;
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;

/// Both sides of every link.
const LINKS: &str = "SELECT GROUP_CONCAT(x ORDER BY x) FROM (SELECT CONCAT(name, '>', repository) AS x FROM tabProject WHERE repository > '' \
                     UNION ALL SELECT CONCAT(name, '>', project) FROM tabRepository WHERE project > '') l";

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

async fn settle(test: &TestSite) -> usize {
    project_links::settle(test.site(), "Administrator")
        .await
        .expect("settled")
        .len()
}

async fn expect(test: &TestSite, links: &str) {
    settle(test).await;
    assert_eq!(test.value(LINKS).await, links);
    assert_eq!(settle(test).await, 0, "settled is settled");
}

#[tokio::test]
async fn f32_a_link_on_one_side_is_a_link_on_both() {
    let (test, _redis) = site().await;
    save(&test, "Project", "P-1", "octo/web").await;
    save(&test, "Repository", "octo/api", "P-2").await;
    expect(&test, "octo/api>P-2,octo/web>P-1,P-1>octo/web,P-2>octo/api").await;
    let modified = "SELECT GROUP_CONCAT(DISTINCT modified) FROM (SELECT modified FROM tabProject WHERE name = 'P-2' \
                    UNION SELECT modified FROM tabRepository WHERE name = 'octo/web') m";
    assert_eq!(
        test.value(modified).await,
        "2026-03-01 07:00:00.000000",
        "an open form must not be saved over it"
    );
}

#[tokio::test]
async fn f32_several_projects_share_a_repository_and_the_first_keeps_its_place() {
    let (test, _redis) = site().await;
    save(&test, "Project", "P-1", "octo/web").await;
    expect(&test, "octo/web>P-1,P-1>octo/web").await;
    save(&test, "Project", "P-2", "octo/web").await;
    expect(&test, "octo/web>P-1,P-1>octo/web,P-2>octo/web").await;
    // The first one leaves: who still names the repository takes its place.
    save(&test, "Project", "P-1", "").await;
    expect(&test, "octo/web>P-2,P-2>octo/web").await;
    // And several repositories a Project.
    save(&test, "Repository", "octo/api", "P-2").await;
    expect(&test, "octo/api>P-2,octo/web>P-2,P-2>octo/web").await;
}

#[tokio::test]
async fn d6_7_clearing_one_side_clears_the_other_and_moving_leaves_nothing_behind() {
    let (test, _redis) = site().await;
    for cleared in ["Project", "Repository"] {
        save(&test, "Project", "P-1", "octo/web").await;
        expect(&test, "octo/web>P-1,P-1>octo/web").await;
        let name = if cleared == "Project" { "P-1" } else { "octo/web" };
        save(&test, cleared, name, "").await;
        expect(&test, "").await;
    }
    save(&test, "Project", "P-1", "octo/web").await;
    expect(&test, "octo/web>P-1,P-1>octo/web").await;
    save(&test, "Project", "P-1", "octo/api").await;
    expect(&test, "octo/api>P-1,P-1>octo/api").await;
    // A repository that names another Project first is shared by both.
    save(&test, "Repository", "octo/api", "P-2").await;
    expect(&test, "octo/api>P-2,P-1>octo/api,P-2>octo/api").await;
}

#[tokio::test]
async fn d6_7_another_projects_link_is_never_overwritten() {
    let (test, _redis) = site().await;
    save(&test, "Project", "P-1", "octo/web").await;
    save(&test, "Project", "P-2", "octo/api").await;
    expect(&test, "octo/api>P-2,octo/web>P-1,P-1>octo/web,P-2>octo/api").await;
    // Whoever saves a Project saves its link, too.
    save(&test, "Project", "P-2", "octo/web").await;
    expect(&test, "octo/web>P-1,P-1>octo/web,P-2>octo/web").await;
}

#[tokio::test]
async fn f32_links_from_before_the_installation_are_brought_together() {
    let (test, _redis) = site().await;
    test.scratch()
        .execute("DELETE FROM erpnext_github_project_link")
        .await
        .expect("nothing is remembered");
    save(&test, "Repository", "octo/web", "P-1").await;
    save(&test, "Project", "P-2", "octo/web").await;
    expect(&test, "octo/web>P-1,P-1>octo/web,P-2>octo/web").await;
}

#[tokio::test]
async fn f32_both_sides_saved_between_two_looks_are_a_link() {
    let (test, _redis) = site().await;
    save(&test, "Project", "P-1", "octo/web").await;
    expect(&test, "octo/web>P-1,P-1>octo/web").await;
    save(&test, "Project", "P-1", "octo/api").await;
    save(&test, "Repository", "octo/api", "P-1").await;
    expect(&test, "octo/api>P-1,P-1>octo/api").await;
    // Cleared here, and said anew there.
    save(&test, "Project", "P-1", "").await;
    save(&test, "Repository", "octo/web", "P-1").await;
    expect(&test, "octo/web>P-1,P-1>octo/web").await;
}

#[tokio::test]
async fn f32_an_old_copy_that_comes_back_is_mended_and_clears_nothing() {
    let (test, _redis) = site().await;
    save(&test, "Repository", "octo/web", "P-1").await;
    expect(&test, "octo/web>P-1,P-1>octo/web").await;
    // A Task was saved: ERPNext writes its Project back whole, from the copy that it had before.
    let old = "UPDATE tabProject SET repository = NULL, modified = '2026-02-02 09:00:00' WHERE name = 'P-1'";
    test.scratch().execute(old).await.expect("written back");
    test.clock().advance(TimeDelta::minutes(1));
    expect(&test, "octo/web>P-1,P-1>octo/web").await;
    // Whoever saves it himself means it.
    test.erp().set("Project", "P-1", "repository", "").await.expect("set");
    test.erp()
        .set("Project", "P-1", "modified", "2026-03-01 09:00:00")
        .await
        .expect("set");
    expect(&test, "").await;
}

#[tokio::test]
async fn f32_a_rename_is_no_change_of_a_link() {
    let (test, _redis) = site().await;
    save(&test, "Project", "P-1", "octo/web").await;
    expect(&test, "octo/web>P-1,P-1>octo/web").await;
    let rename = "UPDATE tabRepository SET name = 'octo/site', full_name = 'octo/site' WHERE name = 'octo/web'; \
                  UPDATE tabProject SET repository = 'octo/site' WHERE name = 'P-1'; \
                  INSERT INTO tabRepository (name, full_name) VALUES ('octo/web', 'octo/web')";
    test.scratch()
        .execute(rename)
        .await
        .expect("renamed, and a stranger has the name");
    expect(&test, "octo/site>P-1,P-1>octo/site").await;
    test.scratch()
        .execute("DELETE FROM tabProject WHERE name = 'P-1'")
        .await
        .expect("deleted");
    expect(&test, "").await;
}

#[tokio::test]
async fn d13_while_old_copies_cannot_be_dropped_no_project_is_written() {
    let (test, mut redis) = site().await;
    save(&test, "Repository", "octo/web", "P-1").await;
    redis.stop();
    let refused = project_links::settle(test.site(), "Administrator").await;
    assert!(matches!(&refused, Err(LinkError::Cache(_))), "{refused:?}");
    assert_eq!(test.value(LINKS).await, "octo/web>P-1");
    redis.start_again().await;
    let key = format!(
        "{}|document_cache::Project::P-1",
        test.site().config().text("db_name").expect("a name")
    );
    redis.fill(&[&key]).await;
    expect(&test, "octo/web>P-1,P-1>octo/web").await;
    assert_eq!(redis.left().await, Vec::<String>::new(), "the old copy is dropped");
}

#[tokio::test]
async fn f32_where_nothing_changed_four_statements_read_and_none_writes() {
    let (test, _redis) = site().await;
    save(&test, "Project", "P-1", "octo/web").await;
    settle(&test).await;
    test.record().await;
    assert_eq!(settle(&test).await, 0);
    let statements = test.statements().await;
    assert_eq!(
        statements.iter().filter(|one| !one.starts_with("SET ")).count(),
        4,
        "{statements:#?}"
    );
}
