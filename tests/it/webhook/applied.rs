//! What deliveries do to the mirror.

use serde_json::json;

use super::Hooked;

#[tokio::test]
async fn f13_an_issue_is_followed_through_its_life() {
    let hooked = Hooked::new(|_| {}).await;
    hooked.change(|world| {
        world.repository("octo/web").open_issue("Fresh");
    });
    let opened = hooked.object("repos/octo/web/issues/1").await;
    let payload = hooked.payload("opened", json!({"issue": opened})).await;
    assert_eq!(hooked.deliver("a", "issues", &payload).await, 202);
    let title = "SELECT CONCAT_WS('|', title, state) FROM `tabRepository Issue`";
    assert_eq!(hooked.mirror.erp.value(title).await, "Fresh|open");

    hooked.mirror.erp.clock().advance(chrono::TimeDelta::minutes(1));
    hooked.change(|world| {
        world.repository("octo/web").edit(1).title = "Renamed".to_owned();
    });
    let edited = hooked.object("repos/octo/web/issues/1").await;
    let later = hooked.payload("edited", json!({"issue": edited})).await;
    assert_eq!(hooked.deliver("b", "issues", &later).await, 202);
    assert_eq!(hooked.mirror.erp.value(title).await, "Renamed|open");
    // The first one once more, under another id: older than what is stored.
    assert_eq!(hooked.deliver("c", "issues", &payload).await, 202);
    assert_eq!(hooked.mirror.erp.value(title).await, "Renamed|open");

    let gone = hooked.payload("deleted", json!({"issue": later["issue"]})).await;
    assert_eq!(hooked.deliver("d", "issues", &gone).await, 202);
    assert_eq!(hooked.count("tabRepository Issue").await, "0");
    assert_eq!(hooked.deliver("e", "issues", &later).await, 202);
    assert_eq!(
        hooked.count("tabRepository Issue").await,
        "0",
        "a late word does not bring it back"
    );
}

#[tokio::test]
async fn two_states_of_one_second_are_read_anew() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").open_issue("As it is");
    })
    .await;
    let mut issue = hooked.object("repos/octo/web/issues/1").await;
    issue["title"] = json!("As it was, within the same second");
    let payload = hooked.payload("edited", json!({"issue": issue})).await;
    assert_eq!(hooked.deliver("a", "issues", &payload).await, 202);
    let title = hooked.mirror.erp.value("SELECT title FROM `tabRepository Issue`").await;
    assert_eq!(title, "As it is");
    assert_eq!(hooked.count("erpnext_github_refresh").await, "0", "it was read");
}

#[tokio::test]
async fn what_is_not_followed_is_ignored_and_not_kept() {
    let hooked = Hooked::new(|_| {}).await;
    let payload = json!({"action": "opened", "issue": {}, "repository": {"id": 999_999, "full_name": "who/ever"}});
    assert_eq!(hooked.deliver("a", "issues", &payload).await, 202);
    assert_eq!(hooked.event("a").await, ("ignored".to_owned(), "not followed".to_owned()));
    assert_eq!(hooked.count("erpnext_github_payload").await, "0");
}

#[tokio::test]
async fn a_push_moves_its_branch_and_a_new_one_is_read() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").push("main");
    })
    .await;
    let head = "SELECT commit_sha FROM `tabRepository Branch` WHERE branch_name = 'main'";
    let before = hooked.mirror.erp.value(head).await;
    hooked.mirror.erp.clock().advance(chrono::TimeDelta::minutes(1));
    hooked.change(|world| {
        let web = world.repository("octo/web");
        web.push("main");
        web.push("idea");
    });
    let branches = hooked.object("repos/octo/web/branches").await;
    let main = branches.as_array().expect("a list").iter().find(|one| one["name"] == "main");
    let after = main.expect("main")["commit"]["sha"].as_str().expect("a head").to_owned();
    let pushed = json!({"ref": "refs/heads/main", "before": before, "after": after, "commits": []});
    let payload = hooked.payload("", pushed).await;
    assert_eq!(hooked.deliver("a", "push", &payload).await, 202);
    assert_eq!(hooked.mirror.erp.value(head).await, after);
    assert_eq!(hooked.event("a").await.0, "processed");
    assert_eq!(hooked.count("tabRepository Branch").await, "2");
    assert_eq!(hooked.count("erpnext_github_refresh").await, "0");
}
