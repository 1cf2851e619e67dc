//! Syncs that are pressed: told while they go on, and told how they ended.

use erpnext_github::sim::github::{Effect, Fault, Gate};
use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn a_sync_shows_its_progress_and_then_what_is_there() {
    let stage = Stage::new().await;
    let gate = Gate::closed();
    {
        let mut world = stage.mirror.github.world();
        world.repository("octo/web").open_issue("Another one");
        world
            .faults
            .push(Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())));
    }
    let sheet = stage.form("pusher@x.com", "Repository", "octo/web").await;
    sheet.press("GitHub", "Sync Repository Data").await;
    gate.reached(1).await;
    sheet.holds("window.heard.includes('progress')").await;
    assert_eq!(sheet.eval("window.calls.at(-1).args.background").await, json!(1));
    gate.open();
    sheet.until("octo/web is synced").await;
    let said = sheet.said().await;
    let alert = said["alerts"].to_string();
    assert!(alert.contains("4 issues"), "{alert}");
    sheet.holds("!document.querySelector('.progress-dialog.show')").await;
    assert_eq!(sheet.eval("frappe.realtime.listeners('github_progress')").await, json!(0));
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn d6_10_a_press_listens_once_and_then_no_more() {
    let stage = Stage::new().await;
    let sheet = stage.form("pusher@x.com", "Repository", "octo/web").await;
    for _ in 0..3 {
        sheet.press("GitHub", "Sync Repository Data").await;
        sheet.until("octo/web is synced").await;
        sheet.eval("$('.desk-alert').remove()").await;
        sheet.holds("frappe.realtime.listeners('github_progress') === 0").await;
    }
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_failure_in_the_background_is_told_and_nothing_else() {
    let stage = Stage::new().await;
    let sheet = stage.form("pusher@x.com", "Repository", "octo/web").await;
    stage.mirror.github.world().delete_repository("octo/web");
    sheet.press("GitHub", "Sync Repository Data").await;
    sheet.until("GitHub no longer shows octo/web").await;
    let said = sheet.said().await;
    assert!(!said["alerts"].to_string().contains("is synced"), "{said}");
    sheet.close().await;
    stage.desk.ended().await;
}
