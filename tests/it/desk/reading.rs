//! What the methods say that only look at the tables.

use erpnext_github::sim::github::{Collaborator, Permission};
use serde_json::json;

use super::company;

const API: &str = "erpnext_github_integration.api.";
const GITHUB_API: &str = "erpnext_github_integration.github_api.";

#[tokio::test]
async fn statistics_count_what_is_mirrored() {
    let (mirror, desk) = company().await;
    let all = desk
        .post("admin@x.com", &format!("{GITHUB_API}get_sync_statistics"), &[])
        .await;
    assert_eq!(
        all.message(),
        &json!({"repositories": 2, "issues": 3, "pull_requests": 0, "members": 4, "branches": 2})
    );
    let one = desk
        .get(
            "member@x.com",
            &format!("{API}get_repository_statistics"),
            &[("repo_full_name", "octo/web")],
        )
        .await;
    assert_eq!(
        one.message(),
        &json!({
            "issues": {"total": 3, "open": 2, "closed": 1},
            "pull_requests": {"total": 0, "open": 0, "closed": 0, "merged": 0},
            "branches": 1,
            "members": 3
        })
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f31_a_custom_role_that_pushes_works_on_the_repository() {
    let (mirror, desk) = company().await;
    let can_sync = async || {
        let method = format!("{API}can_user_sync_repo");
        let answer = desk.post("member@x.com", &method, &[("repo_full_name", "octo/web")]).await;
        answer.message()["can_sync"].clone()
    };
    for (permission, may) in [(Permission::Triage, false), (Permission::Push, true)] {
        let mut member = Collaborator::new("member", permission);
        member.role_name = "Release crew".to_owned();
        mirror.github.world().repository("octo/web").with_member(member);
        mirror.sync("octo/web").await;
        assert_eq!(can_sync().await, json!(may), "{permission:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn f04_everybody_learns_what_he_may_sync_and_what_is_his() {
    let (mirror, desk) = company().await;
    for (user, may, repositories) in [
        ("admin@x.com", true, &["octo/secret", "octo/web"][..]),
        ("manager@x.com", true, &["octo/web"]),
        ("pusher@x.com", true, &["octo/web"]),
        ("member@x.com", false, &["octo/web"]),
        ("desk@x.com", false, &[]),
    ] {
        for path in [API, GITHUB_API] {
            let answer = desk
                .post(user, &format!("{path}can_user_sync_repo"), &[("repo_full_name", "octo/web")])
                .await;
            assert_eq!(answer.message(), &json!({"can_sync": may}), "{user}");
        }
        let answer = desk.get(user, &format!("{API}get_user_repositories"), &[]).await;
        let names: Vec<&str> = answer
            .message()
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|one| one["name"].as_str())
            .collect();
        assert_eq!(names, repositories, "{user}");
    }
    let absent = desk
        .post(
            "desk@x.com",
            &format!("{GITHUB_API}can_user_sync_repo"),
            &[("repo_full_name", "octo/absent")],
        )
        .await;
    assert_eq!(absent.message(), &json!({"can_sync": false}));
    mirror.finish().await;
}
