//! The way to the sidecar is broken: the button says so, and what to type.

use super::front::Way;
use super::stage::Stage;

const WORDS: &str = "The GitHub service does not answer on the address of this site.";

#[tokio::test]
async fn where_the_service_does_not_answer_a_button_says_so_and_names_the_doctor() {
    let stage = Stage::new().await;
    for way in [Way::BadGateway, Way::ToTheBench, Way::NotFound] {
        stage.set_way(way);
        let sheet = stage.form("admin@x.com", "Repository", "octo/web").await;
        sheet.until(WORDS).await;
        let said = sheet.said().await;
        assert_eq!(
            said["messages"],
            serde_json::json!([]),
            "a form that opens shows no box: {way:?}"
        );
        sheet.press("View", "Statistics").await;
        sheet.dialog(WORDS).await;
        let said = sheet.said().await;
        let message = said["messages"][0].as_str().unwrap_or_default();
        assert!(message.contains("erpnext-github doctor"), "{way:?}: {message}");
        for theirs in ["Failed to get method", "Internal Server Error", "not available"] {
            assert!(!message.contains(theirs), "{way:?}: {message}");
        }
        sheet.close().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_sentence_of_the_service_is_shown_as_it_is() {
    let stage = Stage::new().await;
    let sheet = stage.form("admin@x.com", "Repository", "octo/web").await;
    stage.mirror.github.world().delete_repository("octo/web");
    sheet.press("View", "Show Activity").await;
    let dialog = sheet.dialog("Activity in octo/web").await;
    sheet.until("GitHub has no such thing").await;
    assert!(!dialog.to_string().contains(WORDS), "{dialog}");
    sheet.close().await;
    stage.finish().await;
}
