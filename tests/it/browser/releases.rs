//! What belongs to a Task or a Project by a rule is shown there.

use erpnext_github::store::{Stamp, release_rules};
use serde_json::json;

use super::stage::Stage;

/// A release of `octo/web` with a preview, which a rule gives to a Project or a Task.
async fn released(stage: &Stage, target: (&str, &str)) {
    stage.mirror.github.world().repository("octo/web").publish_release("v1");
    stage.mirror.sync("octo/web").await;
    let erp = stage.mirror.erp.erp();
    let values = [
        ("repository", "octo/web"),
        ("tag_pattern", "*"),
        ("prereleases", "Any"),
        ("enabled", "1"),
        target,
    ];
    erp.insert("GitHub Release Rule", "rule", &values).await.expect("a rule");
    let stamp = Stamp::now(stage.mirror.site(), "Administrator").await.expect("a stamp");
    release_rules::settle(stage.mirror.site().db(), &stamp)
        .await
        .expect("settled");
    let name = stage.value("SELECT name FROM `tabRepository Release`").await;
    erp.set("Repository Release", &name, "preview_url", "https://v1.example.com/")
        .await
        .expect("set");
}

const SHOWS: &str = "document.querySelector('.github-overview')?.textContent.includes('Releases:')";
const PREVIEW: &str = "Boolean(document.querySelector('.github-overview a[href=\"https://v1.example.com/\"]'))";

#[tokio::test]
async fn g4_11_a_task_without_a_repository_shows_its_releases_and_one_without_either_says_nothing() {
    let stage = Stage::new().await;
    stage.task("TASK-9", "Paint the fence").await;
    stage.task("TASK-8", "Sweep the yard").await;
    for task in ["TASK-8", "TASK-9"] {
        let erp = stage.mirror.erp.erp();
        erp.set("Task", task, "github_repo", "").await.expect("set");
    }
    released(&stage, ("task", "TASK-9")).await;
    let sheet = stage.form("admin@x.com", "Task", "TASK-9").await;
    sheet.holds(SHOWS).await;
    sheet.holds(PREVIEW).await;
    // With a repository it stands below what the Task says of that, also after it was cleared again.
    sheet.set(json!({"github_repo": "octo/web"})).await;
    sheet.set(json!({"github_repo": ""})).await;
    sheet.holds(SHOWS).await;
    sheet.close().await;
    let sheet = stage.form("admin@x.com", "Task", "TASK-8").await;
    let said = sheet.said().await;
    assert_eq!((&said["messages"], &said["overview"]), (&json!([]), &json!([])), "{said}");
    let answers = sheet.answers().await;
    assert!(answers.iter().any(|one| one.contains("task_overview 200")), "{answers:?}");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g4_11_a_project_shows_releases_without_a_repository_and_the_rule_says_what_is_not_connected() {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    erp.add_project("NEW-1", "A new one").await.expect("a project");
    released(&stage, ("project", "NEW-1")).await;
    let sheet = stage.form("admin@x.com", "Project", "NEW-1").await;
    sheet.holds(SHOWS).await;
    sheet.holds(PREVIEW).await;
    sheet.close().await;
    let sheet = stage.form("admin@x.com", "GitHub Release Rule", "rule").await;
    sheet.until("NEW-1 is not connected with octo/web").await;
    sheet.set(json!({"project": "TRY-1"})).await;
    assert_eq!(sheet.said().await["overview"], json!([]), "that one is");
    sheet.set(json!({"project": "NEW-1"})).await;
    sheet.until("NEW-1 is not connected with octo/web").await;
    sheet.set(json!({"project": ""})).await;
    assert_eq!(sheet.said().await["overview"], json!([]));
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g4_11_a_release_shows_its_project_to_admins_and_its_people_and_takes_none_that_is_not_there() {
    let stage = Stage::new().await;
    released(&stage, ("project", "TRY-1")).await;
    let name = stage.value("SELECT name FROM `tabRepository Release`").await;
    let links = "document.querySelector('.github-overview a[href*=\"TRY-1\"]')";
    for (user, shown) in [("admin@x.com", true), ("manager@x.com", true)] {
        let sheet = stage.form(user, "Repository Release", &name).await;
        sheet.holds(&format!("Boolean({links}) === {shown}")).await;
        sheet.close().await;
    }
    stage
        .mirror
        .erp
        .query("DELETE FROM tabDocPerm WHERE parent = 'Project'")
        .await;
    let sheet = stage.form("member@x.com", "Repository Release", &name).await;
    sheet.until("v1").await;
    let said = sheet.said().await;
    assert!(!said.to_string().contains("TRY-1"), "{said}");
    sheet.close().await;
    let sheet = stage.form("admin@x.com", "Repository Release", &name).await;
    sheet.set(json!({"project": "TRY-9"})).await;
    sheet.save().await;
    sheet.until("there is no Project TRY-9").await;
    let stored = "SELECT project FROM `tabRepository Release`";
    assert_eq!(stage.value(stored).await, "TRY-1");
    sheet.dismiss().await;
    stage
        .mirror
        .erp
        .erp()
        .add_project("NEW-1", "A new one")
        .await
        .expect("a project");
    sheet.set(json!({"project": "NEW-1"})).await;
    sheet.save().await;
    assert_eq!(stage.value(stored).await, "NEW-1");
    sheet.close().await;
    stage.finish().await;
}
