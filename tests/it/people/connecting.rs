//! F-32: a button connects a Project with a repository, for those who may write the Project.

use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::sim::site::FrappeMajor;
use serde_json::json;

use super::CONFINED;
use crate::support::TestSite;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const CONNECT: &str = "erpnext_github_integration.api.link_repository_to_project";

#[tokio::test]
async fn f32_both_sides_are_linked_what_was_linked_before_is_told_and_readers_follow() {
    let (site, _redis) = TestSite::cached(FrappeMajor::V15).await;
    let mirror = Mirror::on(site, |world| {
        for name in ["octo/web", "octo/api"] {
            world.repository(name).with_member(Collaborator::new("ann", Permission::Pull));
        }
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.sync("octo/api").await;
    let may_write = [("role", "Projects User"), ("read", "1"), ("write", "1"), ("permlevel", "0")];
    let erp = mirror.erp.erp();
    erp.add_child("DocPerm", ("DocType", "Project", "permissions"), &may_write)
        .await
        .expect("a row");
    erp.add_user("reader@x.com", "Reader", &[]).await.expect("a user");
    for user in ["bob@example.com", "reader@x.com"] {
        Desk::log_in(&mirror, user).await;
    }
    // Bob is a member of both repositories: he reads what he connects.
    erp.set("User", "bob@example.com", "github_username", "ann")
        .await
        .expect("a login");
    mirror.sync("octo/web").await;
    mirror.sync("octo/api").await;
    let desk = Desk::of(&mirror).await;
    let connect = async |user: &str, repository: &str, project: &str| {
        let arguments = [("repo_full_name", repository), ("project", project)];
        desk.post(user, CONNECT, &arguments).await
    };
    let first = connect("bob@example.com", "octo/web", "PROJ-0001").await;
    assert_eq!(
        first.message(),
        &json!({
            "success": true,
            "message": "PROJ-0001 is connected with octo/web",
            "project": "PROJ-0001",
            "repository": "octo/web",
            "before": null,
            "modified": "2026-03-01 07:00:00.000000",
        })
    );
    let links =
        "SELECT CONCAT_WS(' ', p.repository, (SELECT GROUP_CONCAT(name, '>', project) FROM tabRepository)) FROM tabProject p";
    assert_eq!(mirror.erp.value(links).await, "octo/web octo/web>PROJ-0001");
    assert_eq!(mirror.erp.value(CONFINED).await, "bob>octo/api,bob>octo/web");
    let again = connect("bob@example.com", "OCTO/web", "PROJ-0001").await;
    assert_eq!(again.message()["message"], "PROJ-0001 is connected with octo/web already");
    let moved = connect("bob@example.com", "octo/api", "PROJ-0001").await;
    assert_eq!(moved.message()["before"], "octo/web");
    assert_eq!(mirror.erp.value(links).await, "octo/api octo/api>PROJ-0001");
    assert_eq!(mirror.erp.value(CONFINED).await, "bob>octo/api,bob>octo/web");
    for (user, repository, project, status) in [
        ("reader@x.com", "octo/web", "PROJ-0001", 403),
        ("bob@example.com", "octo/web", "PROJ-9999", 403),
        ("bob@example.com", "octo/absent", "PROJ-0001", 403),
        ("bob@example.com", "octo/../web", "PROJ-0001", 417),
    ] {
        let answer = connect(user, repository, project).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn f01_a_repository_that_one_may_not_read_is_not_connected_and_looks_like_none() {
    let (mirror, desk) = crate::desk::company().await;
    let may_write = [("role", "Projects User"), ("read", "1"), ("write", "1"), ("permlevel", "0")];
    let erp = mirror.erp.erp();
    erp.add_child("DocPerm", ("DocType", "Project", "permissions"), &may_write)
        .await
        .expect("a row");
    let before = mirror.erp.dump().await;
    let mut sentences = Vec::new();
    for repository in ["octo/secret", "octo/absent"] {
        let arguments = [("repo_full_name", repository), ("project", "TRY-1")];
        let answer = desk.post("desk@x.com", CONNECT, &arguments).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        sentences.push(answer.sentence().replace(repository, "it"));
    }
    assert_eq!(sentences[0], sentences[1]);
    assert!(before == mirror.erp.dump().await, "nothing was written");
    mirror.finish().await;
}
