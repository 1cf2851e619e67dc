//! Manage Webhooks, from the form of a Repository.

use super::stage::Stage;

#[tokio::test]
async fn f41_webhooks_are_made_pinged_looked_through_and_deleted_from_the_form() {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single("GitHub Settings", "public_url", "https://erp.example.com")
        .await
        .expect("set");
    let hooks = || stage.mirror.github.world().find("octo/web").expect("it").hooks.clone();
    let sheet = stage.form("admin@x.com", "Repository", "octo/web").await;
    sheet.press("Actions", "Manage Webhooks").await;
    sheet.dialog("Webhooks of octo/web").await;
    sheet.until("There is no webhook.").await;
    sheet.submit().await;
    sheet.until("Ours").await;
    assert_eq!(hooks().len(), 1);
    sheet.holds("cur_frm.doc.manage_webhook == 1").await;
    sheet.press_in_dialog("Ping").await;
    sheet.until("GitHub delivers a ping by the webhook").await;
    assert_eq!(hooks()[0].pings, 1);
    sheet.press_in_dialog("Deliveries").await;
    sheet.until("delivered last.").await;
    sheet.press_in_dialog("Redeliver").await;
    let delivery = hooks()[0].deliveries[0].id;
    sheet.until(&format!("GitHub delivers {delivery} again.")).await;
    sheet.press_in_dialog("All Webhooks").await;
    sheet.until("Ours").await;
    sheet.press_in_dialog("Delete").await;
    sheet.dialog("GitHub tells of changes no more then").await;
    sheet.submit().await;
    sheet.until("is deleted.").await;
    sheet.until("There is no webhook.").await;
    assert_eq!(hooks().len(), 0);
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g4_3_an_address_that_github_cannot_reach_is_told_where_the_webhook_is_made() {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single("GitHub Settings", "public_url", "http://erp.example.com")
        .await
        .expect("set");
    let sheet = stage.form("admin@x.com", "Repository", "octo/web").await;
    sheet.press("Actions", "Manage Webhooks").await;
    sheet.dialog("Webhooks of octo/web").await;
    sheet.until("There is no webhook.").await;
    sheet.submit().await;
    sheet.until("is not https").await;
    sheet.until("`public_url` in GitHub Settings").await;
    assert!(stage.mirror.github.world().find("octo/web").expect("it").hooks.is_empty());
    sheet.close().await;
    stage.finish().await;
}
