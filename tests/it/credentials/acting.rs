//! In whose name a button changes something: of whoever presses, where he is connected.

use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::sim::site::FrappeMajor;

use super::person::{connect, set, set_up};
use crate::desk::company_of;
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const CREATE_ISSUE: &str = "erpnext_github_integration.github_api.create_issue";
/// Who did what, in whose name.
const ROWS: &str = "SELECT GROUP_CONCAT(CONCAT_WS(' ', SUBSTRING_INDEX(asked_by, '@', 1), acting_as, acting_login, status) ORDER BY asked_by DESC) \
                    FROM `tabGitHub Write`";

pub(super) async fn stage() -> (Mirror, Desk, RedisServer) {
    let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
    let (mirror, desk) = company_of(site).await;
    mirror
        .github
        .world()
        .repository("octo/web")
        .with_member(Collaborator::new("pusher", Permission::Push));
    set_up(&mirror).await;
    (mirror, desk, redis)
}

pub(super) async fn press(desk: &Desk, user: &str, title: &str) -> Answer {
    desk.post(user, CREATE_ISSUE, &[("repo_full_name", "octo/web"), ("title", title)])
        .await
}

/// Who opened the issue of that title on GitHub.
pub(super) fn author(mirror: &Mirror, title: &str) -> String {
    let world = mirror.github.world();
    let home = world.find("octo/web").expect("the repository");
    let found = home.items.values().find(|item| item.title == title);
    found.and_then(|item| item.author.clone()).unwrap_or_default()
}

#[tokio::test]
async fn g3_who_is_connected_acts_in_his_own_name_and_who_is_not_by_the_sites_token() {
    let (mirror, desk, _redis) = stage().await;
    connect(&mirror, "pusher@x.com", "pusher").await;
    let own = press(&desk, "pusher@x.com", "mine").await;
    assert_eq!(own.status, 200, "{own:?}");
    assert_eq!(author(&mirror, "mine"), "pusher");
    let other = press(&desk, "admin@x.com", "the site's").await;
    assert_eq!(other.status, 200, "{other:?}");
    assert_eq!(author(&mirror, "the site's"), "octo");
    let rows = mirror.erp.value(ROWS).await;
    assert_eq!(rows, "pusher user pusher done,admin token octo done");
}

#[tokio::test]
async fn g3_where_the_setting_says_so_nobody_acts_in_another_name_and_the_form_is_told() {
    let (mirror, desk, _redis) = stage().await;
    connect(&mirror, "pusher@x.com", "pusher").await;
    set(&mirror, "act_without_connection", "0").await;
    let refused = press(&desk, "admin@x.com", "not mine").await;
    assert_eq!(
        (refused.status, &refused.body["connect_github"]),
        (417, &serde_json::json!(1))
    );
    assert!(refused.sentence().contains("connect your account first"), "{refused:?}");
    assert_eq!(
        author(&mirror, "not mine"),
        "",
        "nothing was sent, and by nobody else's token"
    );
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabGitHub Write`").await, "0");
    let own = press(&desk, "pusher@x.com", "mine").await;
    assert_eq!((own.status, author(&mirror, "mine").as_str()), (200, "pusher"));
}

#[tokio::test]
async fn g3_3_pull_requests_assignments_and_requests_for_review_carry_his_name_too() {
    let (mirror, desk, _redis) = stage().await;
    connect(&mirror, "pusher@x.com", "pusher").await;
    mirror.github.world().repository("octo/web").push("fix/one");
    let from = mirror.github.requests().len();
    let pull_request = [
        ("repository", "octo/web"),
        ("title", "mine"),
        ("head", "fix/one"),
        ("base", "main"),
    ];
    let assignment = [
        ("repo_full_name", "octo/web"),
        ("issue_number", "2"),
        ("assignees", "[\"pusher@x.com\"]"),
    ];
    let review = [("repo_full_name", "octo/web"), ("pr_number", "4"), ("reviewers", "member")];
    for (method, arguments) in [
        ("create_pull_request", &pull_request[..]),
        ("assign_issue", &assignment),
        ("add_pr_reviewer", &review),
    ] {
        let path = format!("erpnext_github_integration.github_api.{method}");
        let answer = desk.post("pusher@x.com", &path, arguments).await;
        assert_eq!(answer.status, 200, "{method}: {answer:?}");
    }
    assert_eq!(author(&mirror, "mine"), "pusher");
    let asked = mirror.github.requests().split_off(from);
    let writes: Vec<(&str, &str)> = asked
        .iter()
        .filter(|one| one.method != "GET" && one.path.starts_with("/repos/"))
        .map(|one| (one.path.as_str(), one.credential.as_str()))
        .collect();
    let his = |path| (path, "pusher");
    assert_eq!(
        writes,
        [
            his("/repos/octo/web/pulls"),
            his("/repos/octo/web/issues/2"),
            his("/repos/octo/web/pulls/4/requested_reviewers")
        ]
    );
    let rows = "SELECT GROUP_CONCAT(DISTINCT CONCAT_WS(' ', asked_by, acting_as, acting_login, status)) FROM `tabGitHub Write`";
    assert_eq!(mirror.erp.value(rows).await, "pusher@x.com user pusher done");
}
