//! The lists: buttons, indicators, filters.

use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn d6_16_the_list_of_repositories_has_the_buttons_of_admins_for_admins() {
    let stage = Stage::new().await;
    for (user, labels) in [
        (
            "admin@x.com",
            vec!["Fetch All Repositories", "Sync All Repositories", "Bulk Import"],
        ),
        ("member@x.com", vec![]),
    ] {
        let sheet = stage.sheet(user).await;
        sheet.list("Repository").await;
        assert_eq!(sheet.buttons("GitHub").await, labels, "{user}");
        sheet.close().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn indicators_say_the_state_and_people_are_filtered_by() {
    let stage = Stage::new().await;
    let sheet = stage.sheet("pusher@x.com").await;
    sheet.list("Repository Pull Request").await;
    for (doc, label, colour) in [
        (json!({"state": "merged"}), "Merged", "purple"),
        (json!({"state": "closed"}), "Closed", "red"),
        (json!({"state": "open", "draft": 1}), "Draft", "gray"),
        (json!({"state": "open", "review_decision": "approved"}), "Approved", "blue"),
        (json!({"state": "open"}), "Open", "green"),
    ] {
        let shown = sheet
            .eval(&format!("cur_list.settings.get_indicator({doc}).slice(0, 2)"))
            .await;
        assert_eq!(shown, json!([label, colour]), "{doc}");
    }
    sheet.list("Repository Issue").await;
    let shown = sheet.eval("cur_list.settings.get_indicator({state: 'closed'})").await;
    assert_eq!(shown, json!(["Closed", "purple", "state,=,closed"]));
    sheet.press("", "Filter by Assignee").await;
    let dialog = sheet.dialog("Issues Assigned To").await;
    assert_eq!(dialog["fields"]["user"]["value"], "pusher@x.com");
    sheet.submit().await;
    sheet.holds("cur_list.filters.length === 1").await;
    assert_eq!(
        sheet.eval("cur_list.filters[0]").await,
        json!(["Repository Issue Assignee", "user", "=", "pusher@x.com"])
    );
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_script_that_runs_twice_leaves_a_list_as_it_was() {
    let stage = Stage::new().await;
    let sheet = stage.sheet("admin@x.com").await;
    sheet.list("Repository").await;
    let before = sheet.eval("frappe.listview_settings.Repository.add_fields").await;
    sheet.eval("window.run_scripts()").await;
    assert_eq!(sheet.eval("frappe.listview_settings.Repository.add_fields").await, before);
    sheet.close().await;
    stage.finish().await;
}
