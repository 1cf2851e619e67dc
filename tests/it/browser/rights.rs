//! A button is there for those who may press it.

use chrono::TimeDelta;
use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn d6_17_who_only_reads_gets_no_button_that_writes() {
    let stage = Stage::new().await;
    stage.task("TASK-9", "Paint the fence").await;
    for (user, groups) in [
        (
            "member@x.com",
            [
                ("GitHub", vec![]),
                ("Actions", vec![]),
                ("View", vec!["Statistics", "Show Activity", "Open in GitHub"]),
            ],
        ),
        (
            "pusher@x.com",
            [
                ("GitHub", vec!["Sync Repository Data", "Sync Members"]),
                // His role may make Projects.
                ("Actions", vec!["Create Issue", "Create Pull Request", "Create Project"]),
                ("View", vec!["Statistics", "Show Activity", "Open in GitHub"]),
            ],
        ),
    ] {
        let sheet = stage.form(user, "Repository", "octo/web").await;
        for (group, labels) in groups {
            assert_eq!(sheet.buttons(group).await, labels, "{user} {group}");
        }
        sheet.close().await;
    }
    let sheet = stage.form("desk@x.com", "Task", "TASK-9").await;
    assert_eq!(sheet.buttons("GitHub").await, Vec::<String>::new());
    sheet.close().await;
    let sheet = stage.form("member@x.com", "User", "pusher@x.com").await;
    assert_eq!(sheet.buttons("GitHub").await, Vec::<String>::new());
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn d6_7_a_project_is_saved_without_a_word_to_its_repository() {
    let stage = Stage::new().await;
    let sheet = stage.form("desk@x.com", "Project", "TRY-1").await;
    sheet.set(json!({"notes": "Something"})).await;
    sheet.eval("window.calls.length = 0").await;
    let saved = sheet.save().await;
    assert_eq!(saved["dirty"], false);
    let calls = sheet.eval("window.calls.map((call) => call.method)").await;
    assert_eq!(calls, json!(["desk.save"]));
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn edits_that_nobody_saved_are_not_disturbed_when_the_document_changes() {
    let stage = Stage::new().await;
    let sheet = stage.form("admin@x.com", "Repository", "octo/web").await;
    sheet.set(json!({"sync_interval_minutes": "7"})).await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(1));
    stage.mirror.github.world().repository("octo/web").push("a-new-branch");
    stage.mirror.sync("octo/web").await;
    sheet.until("This form has been modified after you have loaded it").await;
    assert_eq!(sheet.value("sync_interval_minutes").await, json!("7"));
    sheet.close().await;
    stage.finish().await;
}
