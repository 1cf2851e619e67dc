//! In one's own name: Connect GitHub where it is needed, on a Task and on a Project, and what was typed meanwhile.

use serde_json::json;

use super::connecting::{connect, stage};
use crate::support::github_app::deliver;

const AUTHORIZE: &str = "button[name=authorize][value='1']";

#[tokio::test]
async fn on_a_task_who_is_not_connected_is_asked_to_connect_and_his_issue_carries_his_name() {
    let stage = stage().await;
    stage.mirror.github.world().oauth.signed_in = Some("pusher".to_owned());
    let erp = stage.mirror.erp.erp();
    erp.set_single("GitHub Settings", "act_without_connection", "0")
        .await
        .expect("set");
    stage.task("TASK-9", "Paint the fence").await;
    let sheet = stage.form("pusher@x.com", "Task", "TASK-9").await;
    // The form says whether he is connected, and offers it before anything is pressed.
    sheet.holds("/not\\s+connected/.test($('.github-account').text())").await;
    let buttons = sheet.buttons("GitHub").await;
    assert!(buttons.contains(&"Connect GitHub".to_owned()), "{buttons:?}");
    sheet.press("GitHub", "Create GitHub Issue").await;
    sheet.dialog("Create Issue in octo/web").await;
    sheet.submit().await;
    sheet.dialog("What is never done").await;
    assert!(stage.written("/issues").is_empty(), "nobody else's name is used");
    sheet.submit().await;
    let window = sheet.window().await;
    window.click(AUTHORIZE).await;
    let (text, _) = window.ours("connected").await;
    assert!(text.contains("pusher@x.com is pusher on GitHub"), "{text}");
    // The way leads back to the Task.
    let links = window
        .eval("[...document.querySelectorAll('a.go')].map((one) => one.pathname)")
        .await;
    assert_eq!(links, json!(["/app/task/TASK-9"]));
    window.close().await;
    // What he typed is there still: he presses once more.
    let dialog = sheet.dialog("Create Issue in octo/web").await;
    assert_eq!(dialog["fields"]["title"]["value"], "Paint the fence");
    sheet.submit().await;
    sheet.until("was created.").await;
    let row = "SELECT CONCAT_WS(' ', asked_by, acting_as, acting_login) FROM `tabGitHub Write` WHERE status = 'done'";
    assert_eq!(stage.value(row).await, "pusher@x.com user pusher");
    sheet.holds("cur_frm.doc.github_issue_number > 0").await;
    sheet.holds("/pusher\\s+connected/.test($('.github-account').text())").await;
    let buttons = sheet.buttons("GitHub").await;
    assert!(!buttons.contains(&"Connect GitHub".to_owned()), "{buttons:?}");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn what_was_typed_on_a_project_while_github_was_open_is_still_there() {
    let stage = stage().await;
    let erp = stage.mirror.erp.erp();
    erp.add_project("NEW-1", "A new one").await.expect("a project");
    let sheet = stage.form("Administrator", "Project", "NEW-1").await;
    sheet.set(json!({"notes": "Typed and not saved"})).await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    // The form heard of it: the next button is there.
    sheet
        .holds("document.body.textContent.includes('Add GitHub Integration')")
        .await;
    assert_eq!(sheet.value("notes").await, json!("Typed and not saved"));
    let buttons = sheet.buttons("GitHub").await;
    assert!(!buttons.contains(&"Connect GitHub".to_owned()), "{buttons:?}");
    sheet.holds("/mona\\s+connected/.test($('.github-account').text())").await;
    assert_eq!(sheet.save().await["dirty"], json!(false));
    // An account that was given away elsewhere is told on the User.
    let before = stage.mirror.github.world().clone();
    let client = stage
        .mirror
        .github
        .world()
        .app(crate::support::github_app::APP)
        .client_id
        .clone();
    stage.mirror.github.world().revoke_authorization(&client, "mona");
    for (at, delivery) in stage.mirror.github.deliveries_since(&before).iter().enumerate() {
        assert_eq!(
            deliver(&stage.mirror, &stage.desk, &format!("gone-{at}"), delivery).await,
            202
        );
    }
    sheet.form("User", "Administrator").await;
    sheet.until("your connection was taken back on GitHub").await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    sheet.holds("/mona\\s+connected/.test($('.github-overview').text())").await;
    sheet.close().await;
    stage.finish().await;
}
