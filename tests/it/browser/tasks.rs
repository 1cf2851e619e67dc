//! The form of a Task: what it writes to GitHub, and that it can be edited and saved afterwards.

use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn d6_2_an_issue_of_a_task_stays_linked_and_the_task_can_be_edited_and_saved() {
    let stage = Stage::new().await;
    stage.task("TASK-9", "Paint the fence").await;
    let sheet = stage.form("manager@x.com", "Task", "TASK-9").await;
    sheet.press("GitHub", "Create GitHub Issue").await;
    let dialog = sheet.dialog("Create Issue in octo/web").await;
    assert_eq!(dialog["fields"]["title"]["value"], "Paint the fence");
    let people = dialog["fields"]["assignees"]["choices"].to_string();
    assert!(people.contains("pusher"), "{people}");
    sheet.fill(json!({"body": "Green.", "assignees": ["pusher"]})).await;
    sheet.submit().await;
    sheet.until("Issue #4 was created.").await;
    assert_eq!(stage.written("/octo/web/issues")[0]["title"], "Paint the fence");
    assert_eq!(sheet.value("github_issue_number").await, json!(4));
    assert_eq!(sheet.value("github_issue_doc").await, json!("octo/web-#4"));
    sheet.set(json!({"subject": "Paint the long fence"})).await;
    let saved = sheet.save().await;
    assert_eq!(saved["dirty"], false, "{:?}", sheet.said().await);
    let stored = "SELECT CONCAT(subject, ' ', github_issue_number) FROM tabTask WHERE name = 'TASK-9'";
    assert_eq!(stage.value(stored).await, "Paint the long fence 4");
    assert_eq!(
        stage
            .value("SELECT task FROM `tabRepository Issue` WHERE issue_number = 4")
            .await,
        "TASK-9"
    );
    assert_eq!(
        sheet.buttons("GitHub").await,
        ["Assign Issue", "Create Pull Request", "View GitHub Issue"]
    );
    sheet.until("pusher").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn d6_3_an_edited_task_is_saved_first_and_one_that_cannot_be_saved_writes_nothing() {
    let stage = Stage::new().await;
    stage.task("TASK-9", "Paint the fence").await;
    let sheet = stage.form("manager@x.com", "Task", "TASK-9").await;
    sheet.set(json!({"subject": ""})).await;
    sheet.press("GitHub", "Create GitHub Issue").await;
    sheet.until("Mandatory fields required in Task: subject").await;
    assert_eq!(sheet.said().await["messages"].as_array().map(Vec::len), Some(1));
    sheet.dismiss().await;
    sheet.set(json!({"subject": "Mend the fence"})).await;
    sheet.press("GitHub", "Create GitHub Issue").await;
    let dialog = sheet.dialog("Create Issue in octo/web").await;
    assert_eq!(dialog["fields"]["title"]["value"], "Mend the fence");
    assert_eq!(
        stage.value("SELECT subject FROM tabTask WHERE name = 'TASK-9'").await,
        "Mend the fence"
    );
    assert!(stage.written("/issues").is_empty());
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_pull_request_of_a_task_is_offered_its_branch_and_both_states_are_shown() {
    let stage = Stage::new().await;
    stage.task("TASK-9", "Paint the fence").await;
    {
        let mut world = stage.mirror.github.world();
        world.repository("octo/web").push("task-9-paint-the-fence");
    }
    stage.mirror.sync("octo/web").await;
    let sheet = stage.form("pusher@x.com", "Task", "TASK-9").await;
    sheet.press("GitHub", "Create Pull Request").await;
    let dialog = sheet.dialog("Create Pull Request in octo/web").await;
    let fields = &dialog["fields"];
    assert_eq!(
        (&fields["head"]["value"], &fields["base"]["value"]),
        (&json!("task-9-paint-the-fence"), &json!("main"))
    );
    assert!(
        fields["base"]["choices"].to_string().contains("task-9-paint-the-fence"),
        "{fields}"
    );
    sheet.fill(json!({"head": "main"})).await;
    sheet.submit().await;
    sheet.until("the same branch").await;
    assert!(stage.written("/pulls").is_empty());
    sheet.dismiss().await;
    sheet.fill(json!({"head": "task-9-paint-the-fence"})).await;
    sheet.submit().await;
    sheet.until("Pull request #4 was created.").await;
    assert_eq!(sheet.value("github_pr_number").await, json!(4));
    sheet.until("task-9-paint-the-fence → main").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn the_issue_that_is_chosen_says_its_number_and_its_repository() {
    let stage = Stage::new().await;
    stage.task("TASK-9", "Paint the fence").await;
    let sheet = stage.form("manager@x.com", "Task", "TASK-9").await;
    sheet.set(json!({"github_repo": ""})).await;
    sheet.set(json!({"github_issue_doc": "octo/web-#1"})).await;
    sheet.holds("cur_frm.doc.github_issue_number === 1").await;
    assert_eq!(sheet.value("github_repo").await, json!("octo/web"));
    let offered = sheet.eval("cur_frm.queries.github_issue_doc().filters").await;
    assert_eq!(offered, json!({"repository": "octo/web"}), "issues of the Task's repository");
    sheet.set(json!({"github_issue_doc": ""})).await;
    sheet.holds("!cur_frm.doc.github_issue_number").await;
    sheet.close().await;
    stage.finish().await;
}
