//! The form of a GitHub Event: what GitHub sent, and trying it again.

use serde_json::json;

use super::stage::Stage;
use crate::webhook::deliver;

#[tokio::test]
async fn a_delivery_shows_what_github_sent_and_is_tried_again() {
    let stage = Stage::new().await;
    let repository = stage
        .value("SELECT github_id FROM tabRepository WHERE name = 'octo/web'")
        .await;
    let id: u64 = repository.parse().expect("a number");
    let payload = json!({
        "action": "edited",
        "issue": {"number": "<b>one</b>"},
        "repository": {"id": id, "full_name": "octo/web", "name": "web", "owner": {"login": "octo"}},
        "sender": {"login": "octo", "id": 1},
    });
    assert_eq!(deliver(&stage.mirror, &stage.desk, ("one", "issues"), &payload).await, 202);
    let sheet = stage.form("admin@x.com", "GitHub Event", "one").await;
    assert_eq!(sheet.value("status").await, json!("errored"));
    sheet
        .holds("cur_frm.fields_dict.payload_html.$wrapper.text().includes('<b>one</b>')")
        .await;
    sheet.press("", "Retry").await;
    sheet.until("Its status is errored now.").await;
    // What is ignored says why.
    let payload =
        json!({"action": "started", "repository": {"id": id, "full_name": "octo/web"}, "sender": {"login": "octo", "id": 1}});
    assert_eq!(deliver(&stage.mirror, &stage.desk, ("two", "watch"), &payload).await, 202);
    sheet.form("GitHub Event", "two").await;
    assert_eq!(sheet.value("status").await, json!("ignored"));
    let reason = sheet.value("reason").await.to_string();
    assert!(reason.contains("is not mirrored"), "{reason}");
    // To try it again would do nothing.
    sheet
        .holds("cur_frm.fields_dict.payload_html.$wrapper.text().includes('is not kept')")
        .await;
    let buttons = sheet.buttons("").await;
    assert!(!buttons.contains(&"Retry".to_owned()), "{buttons:?}");
    // The Repository says when GitHub told of it last, what, and why nothing came of it.
    sheet.form("Repository", "octo/web").await;
    sheet.until("Last delivery from GitHub").await;
    sheet
        .holds("document.querySelector('.github-overview details')?.textContent.includes('is not mirrored')")
        .await;
    sheet.until("Last Comparison").await;
    sheet.close().await;
    stage.finish().await;
}
