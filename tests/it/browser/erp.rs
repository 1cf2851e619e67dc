//! Documents of ERPNext: made from GitHub's, and linked with them.

use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn d6_16_an_issue_becomes_a_task_of_its_project() {
    let stage = Stage::new().await;
    let sheet = stage.form("manager@x.com", "Repository Issue", "octo/web-#1").await;
    sheet.press("GitHub", "Create Task").await;
    let dialog = sheet.dialog("Create Task").await;
    assert_eq!(dialog["fields"]["project"]["value"], "TRY-1");
    sheet.submit().await;
    sheet.until("was created.").await;
    sheet.holds("Boolean(cur_frm.doc.task)").await;
    let task = sheet.value("task").await;
    let stored = "SELECT name FROM tabTask WHERE github_issue_doc = 'octo/web-#1' AND project = 'TRY-1'";
    assert_eq!(json!(stage.value(stored).await), task);
    assert_eq!(sheet.buttons("GitHub").await, ["Assign"], "it has its task");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_pull_request_begins_a_task_that_the_person_saves() {
    let stage = Stage::new().await;
    let title = "A title that is longer than a subject may be. ".repeat(4);
    let number = {
        let mut world = stage.mirror.github.world();
        world.repository("octo/web").push("topic");
        world.repository("octo/web").open_pull_request(title.trim(), "topic").number
    };
    stage.mirror.sync("octo/web").await;
    let name = format!("octo/web-#{number}");
    let sheet = stage.form("manager@x.com", "Repository Pull Request", &name).await;
    sheet.press("GitHub", "Create Task").await;
    sheet.holds("frappe.routes.includes('new/Task')").await;
    let values = sheet.eval("frappe.route_options").await;
    assert_eq!(
        (&values["github_repo"], &values["github_pr_number"]),
        (&json!("octo/web"), &json!(number))
    );
    assert_eq!(values["subject"].as_str().map(|text| text.chars().count()), Some(140));
    assert!(
        values["description"].as_str().unwrap_or_default().contains(title.trim()),
        "{values}"
    );
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn d6_16_a_repository_gets_its_project_and_a_second_one_is_refused_with_its_name() {
    let stage = Stage::new().await;
    let sheet = stage.form("manager@x.com", "Repository", "octo/web").await;
    sheet.press("Actions", "Create Project").await;
    let dialog = sheet.dialog("Create Project").await;
    assert_eq!(dialog["fields"]["project_name"]["value"], "web Project");
    sheet.submit().await;
    sheet.until("A project is already linked to this repository").await;
    assert!(!sheet.said().await["alerts"].to_string().contains("was created"));
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn f32_a_project_is_linked_with_a_repository_and_shows_it() {
    let stage = Stage::new().await;
    stage
        .mirror
        .erp
        .erp()
        .add_project("TRY-2", "Another try")
        .await
        .expect("a project");
    let sheet = stage.form("admin@x.com", "Project", "TRY-2").await;
    assert_eq!(
        sheet.buttons("GitHub").await,
        ["Link Repository", "Connect Repository", "Repositories"]
    );
    sheet.press("GitHub", "Link Repository").await;
    sheet.dialog("Link Repository").await;
    sheet.fill(json!({"repository": "octo/secret"})).await;
    sheet.submit().await;
    sheet.until("octo/secret is linked with this project.").await;
    sheet.until("Open Issues: 0").await;
    assert_eq!(sheet.value("repository").await, json!("octo/secret"));
    let buttons = sheet.buttons("GitHub").await;
    for label in ["Sync Members from Repository", "Sync Repository Data", "View in GitHub"] {
        assert!(buttons.contains(&label.to_owned()), "{label}: {buttons:?}");
    }
    let saved = sheet.save().await;
    assert_eq!(saved["dirty"], json!(false), "{}", sheet.said().await);
    sheet.press("GitHub", "View in GitHub").await;
    sheet.holds("window.opened.length === 1").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn members_of_a_repository_are_added_to_the_project_and_told() {
    let stage = Stage::new().await;
    let sheet = stage.form("manager@x.com", "Project", "TRY-1").await;
    sheet.press("GitHub", "Sync Members from Repository").await;
    sheet.until("octo/web has 3 members on GitHub.").await;
    let said = sheet.said().await["messages"].to_string();
    assert!(
        said.contains("pusher@x.com") && said.contains("Without a user here: octo"),
        "{said}"
    );
    let rows = "SELECT GROUP_CONCAT(user ORDER BY user) FROM `tabProject User` WHERE parent = 'TRY-1'";
    assert_eq!(stage.value(rows).await, "member@x.com,pusher@x.com");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_site_that_is_switched_off_says_so_at_every_press() {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single("GitHub Settings", "enabled", "0").await.expect("set");
    let sheet = stage.form("admin@x.com", "GitHub Settings", "GitHub Settings").await;
    sheet.until("no button speaks to GitHub").await;
    sheet.press("Sync", "List Repositories").await;
    sheet.holds("$('.msgprint').text().length > 0").await;
    let said = sheet.said().await["messages"].to_string();
    assert!(
        said.contains("GitHub Settings") && !said.contains("does not answer"),
        "{said}"
    );
    sheet.close().await;
    stage.finish().await;
}
