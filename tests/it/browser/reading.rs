//! Buttons that show something.

use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn d6_9_what_github_says_is_never_markup() {
    let stage = Stage::new().await;
    let evil = "<img src=x onerror=\"window.evil=1\">{{ frappe.evil }}";
    stage.mirror.github.world().repository("octo/web").open_issue(evil);
    let sheet = stage.form("member@x.com", "Repository", "octo/web").await;
    sheet.press("View", "Show Activity").await;
    sheet.until("{{ frappe.evil }}").await;
    let dialog = sheet.dialog("Activity in octo/web").await;
    let text = dialog["text"].as_str().unwrap_or_default();
    assert!(text.contains(evil), "{text}");
    for words in ["The last 30 days.", "Issues: 1", "Pull Requests: 0"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(sheet.eval("document.querySelectorAll('.modal img').length").await, json!(0));
    assert_eq!(sheet.eval("window.evil === undefined").await, json!(true));
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_token_that_is_not_valid_is_told_with_the_reason() {
    let stage = Stage::new().await;
    let sheet = stage.form("admin@x.com", "GitHub Settings", "GitHub Settings").await;
    stage.mirror.github.world().tokens.clear();
    sheet.press("Actions", "Test Connection").await;
    sheet.until("Bad credentials").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn d6_5_repositories_on_github_are_all_listed_and_searched() {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        for number in 0..60 {
            world.repository(&format!("octo/one-{number}"));
        }
    }
    let sheet = stage.form("admin@x.com", "GitHub Settings", "GitHub Settings").await;
    sheet.press("Sync", "List Repositories").await;
    let dialog = sheet.dialog("62 Repositories on GitHub").await;
    assert_eq!(dialog["text"].as_str().unwrap_or_default().matches("octo/").count(), 62);
    sheet
        .eval("(() => { const box = $('.modal.show input'); box.val('ONE-41'); box.trigger('input'); })()")
        .await;
    let dialog = sheet.dialog("octo/one-41").await;
    assert_eq!(dialog["text"].as_str().unwrap_or_default().matches("octo/").count(), 1);
    sheet.close().await;
    stage.finish().await;
}
