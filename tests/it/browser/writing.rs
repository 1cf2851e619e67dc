//! What is written to GitHub from other forms, and that success is only said where the answer says it.

use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn labels_and_people_are_offered_and_the_issue_is_made() {
    let stage = Stage::new().await;
    let sheet = stage.form("pusher@x.com", "Repository", "octo/web").await;
    sheet.press("Actions", "Create Issue").await;
    let dialog = sheet.dialog("Create Issue in octo/web").await;
    let labels = dialog["fields"]["labels"]["choices"].to_string();
    assert!(labels.contains("bug"), "{labels}");
    sheet.submit().await;
    sheet.until("Title").await;
    assert!(stage.written("/issues").is_empty(), "a title is missing");
    sheet.dismiss().await;
    sheet
        .fill(json!({"title": "It is broken", "labels": ["bug"], "assignees": ["pusher"]}))
        .await;
    sheet.submit().await;
    sheet.until("Issue #4 was created.").await;
    let body = &stage.written("/issues")[0];
    assert_eq!((&body["labels"], &body["assignees"]), (&json!(["bug"]), &json!(["pusher"])));
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn what_was_typed_stays_when_github_refuses() {
    let stage = Stage::new().await;
    let sheet = stage.form("pusher@x.com", "Repository", "octo/web").await;
    sheet.press("Actions", "Create Pull Request").await;
    sheet.dialog("Create Pull Request in octo/web").await;
    sheet
        .fill(json!({"title": "Mine", "head": "no-such-branch", "body": "A long text"}))
        .await;
    sheet.submit().await;
    sheet.dialog("GitHub").await;
    sheet.holds("$('.msgprint').text().length > 0").await;
    assert!(!sheet.said().await["alerts"].to_string().contains("was created"));
    sheet.eval("frappe.hide_msgprint()").await;
    let dialog = sheet.dialog("Create Pull Request in octo/web").await;
    assert_eq!(dialog["fields"]["body"]["value"], "A long text");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn d6_13_who_is_assigned_is_what_github_says() {
    let stage = Stage::new().await;
    let sheet = stage.form("pusher@x.com", "Repository Issue", "octo/web-#1").await;
    sheet.press("GitHub", "Assign").await;
    sheet.dialog("Assign #1 of octo/web").await;
    sheet.fill(json!({"assignees": ["member"]})).await;
    sheet.submit().await;
    sheet.until("#1 is assigned to member.").await;
    assert_eq!(stage.written("/issues/1")[0]["assignees"], json!(["member"]));
    sheet.holds("(cur_frm.doc.assignees_table || []).length === 1").await;
    sheet.press("GitHub", "Assign").await;
    let dialog = sheet.dialog("Assign #1 of octo/web").await;
    assert_eq!(dialog["fields"]["assignees"]["value"], json!(["member"]));
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn d6_1_reviewers_are_asked_by_their_logins() {
    let stage = Stage::new().await;
    let number = {
        let mut world = stage.mirror.github.world();
        world.repository("octo/web").push("topic");
        world.repository("octo/web").open_pull_request("A change", "topic").number
    };
    stage.mirror.sync("octo/web").await;
    let name = format!("octo/web-#{number}");
    let sheet = stage.form("pusher@x.com", "Repository Pull Request", &name).await;
    sheet.press("GitHub", "Assign PR Reviewer").await;
    let dialog = sheet.dialog("Ask for a Review").await;
    let offered = dialog["fields"]["reviewers"]["choices"].to_string();
    assert!(offered.contains("member") && !offered.contains('@'), "{offered}");
    sheet.fill(json!({"reviewers": ["member"]})).await;
    sheet.submit().await;
    sheet.until("waits for a review by member.").await;
    assert_eq!(stage.written("/requested_reviewers")[0]["reviewers"], json!(["member"]));
    sheet.close().await;
    stage.finish().await;
}
