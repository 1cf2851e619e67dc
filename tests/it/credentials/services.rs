//! Services of an integration: switched off they make no calls, and what is here stays.

use super::{integration, set};
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
    let parts = [
        "/branches",
        "/collaborators",
        "/labels",
        "/milestones",
        "/releases",
        "/commits",
    ];
    for request in mirror.github.requests().iter().skip(from) {
        assert!(!parts.iter().any(|part| request.path.ends_with(part)), "{request:?}");
    }
    mirror.finish().await;
}
