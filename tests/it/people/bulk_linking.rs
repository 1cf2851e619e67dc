//! F-42, D6.11: users are found by just their address; what is similar or shared is offered, never linked.

use serde_json::json;

use crate::desk::told_company;

const BULK: &str = "erpnext_github_integration.api.bulk_link_github_users";

#[tokio::test]
async fn d6_11_exactly_one_exact_match_is_linked_and_everybody_else_is_offered() {
    let (mirror, desk, _told) = told_company().await;
    let mut world = mirror.github.world();
    world.user("desker").with_email("Desk@X.com");
    // A search finds it, too: GitHub compares parts.
    world.user("similar").with_email("not-manager@x.com");
    for login in ["one", "two"] {
        world.user(login).with_email("system@x.com");
    }
    // Whoever is linked already is not looked for.
    world.user("another").with_email("pusher@x.com");
    // Shown by the account that somebody else is.
    world.user("member").with_email("admin@x.com");
    drop(world);
    mirror.github.forget_requests();
    let answer = desk.post("admin@x.com", BULK, &[]).await;
    let message = answer.message();
    assert_eq!(
        message["linked"],
        json!([{"user": "desk@x.com", "github_username": "desker", "linked_rows": 0}])
    );
    assert_eq!(
        message["ambiguous"],
        json!([
            {"user": "manager@x.com", "email": "manager@x.com", "candidates": ["similar"]},
            {"user": "system@x.com", "email": "system@x.com", "candidates": ["one", "two"]},
        ])
    );
    assert_eq!(message["not_found"], json!(["bob@example.com", "jane@example.com"]));
    assert_eq!(message["failed"][0]["user"], "admin@x.com");
    let reason = message["failed"][0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("member is linked to member@x.com"), "{reason}");
    assert_eq!(
        [
            &message["processed"],
            &message["success_count"],
            &message["ambiguous_count"],
            &message["error_count"]
        ],
        [&json!(6), &json!(1), &json!(2), &json!(1)]
    );
    let searches = mirror.github.requests();
    assert_eq!(searches.iter().filter(|one| one.path == "/search/users").count(), 6);
    let claim = "SELECT CONCAT(github_username, ' ', github_user_id > 0) FROM tabUser WHERE name = 'desk@x.com'";
    assert_eq!(mirror.erp.value(claim).await, "desker 1");
    let nobody = "SELECT GROUP_CONCAT(name) FROM tabUser WHERE github_username > '' AND name IN ('manager@x.com', 'system@x.com', 'admin@x.com')";
    assert_eq!(mirror.erp.value(nobody).await, "");
    mirror.finish().await;
}

#[tokio::test]
async fn d6_11_in_the_background_it_answers_at_once_and_goes_on() {
    let (mirror, desk, _told) = told_company().await;
    mirror.github.world().user("desker").with_email("desk@x.com");
    let answer = desk.post("admin@x.com", BULK, &[("background", "1")]).await;
    assert!(
        answer.message()["status"] == "running" || answer.message()["success"] == true,
        "{answer:?}"
    );
    desk.ended().await;
    let run =
        "SELECT CONCAT_WS(' ', status, `trigger`, started_by, requests > 0) FROM `tabGitHub Sync Run` WHERE repository IS NULL";
    assert_eq!(
        mirror.erp.value(run).await,
        "Completed Button admin@x.com 1",
        "its row is there to look at"
    );
    let claim = "SELECT github_username FROM tabUser WHERE name = 'desk@x.com'";
    assert_eq!(mirror.erp.value(claim).await, "desker");
    mirror.finish().await;
}

#[tokio::test]
async fn f42_a_similar_address_is_not_the_address_even_where_it_is_the_only_hit() {
    let (mirror, desk, _told) = told_company().await;
    mirror.github.world().user("similar").with_email("not-jane@x.com");
    let method = "erpnext_github_integration.github_api.get_github_username_by_email";
    let answer = desk.post("admin@x.com", method, &[("email", "jane@x.com")]).await;
    assert_eq!(answer.message()["success"], json!(false));
    assert_eq!(answer.message()["candidates"], json!(["similar"]));
    mirror.github.world().user("exact").with_email("JANE@x.com");
    let answer = desk.post("admin@x.com", method, &[("email", "jane@x.com")]).await;
    assert_eq!(
        answer.message(),
        &json!({"success": true, "github_username": "exact", "total_results": 2})
    );
    mirror.finish().await;
}
