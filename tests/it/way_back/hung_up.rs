//! Whoever closes the window, or loads it anew, while GitHub is asked: what GitHub gives once is kept all the same.

use erpnext_github::sim::github::{Effect, Fault, Gate};

use super::made::agree;
use super::{PAGES, SITE, Stage, session};

const DESK: &str = "desk@x.com";

/// Opens `path`, closes the window once GitHub was asked for what `asked` matches, and waits for what goes on after GitHub has answered.
async fn closes_once_asked(stage: &Stage, session: &str, path: &str, asked: &str) {
    let gate = Gate::closed();
    let fault = Fault::on(asked, Effect::Held(gate.clone()));
    stage.mirror.github.world().faults.push(fault);
    tokio::select! {
        page = stage.open(session, path) => panic!("GitHub was not asked: {}", page.kind),
        () = gate.reached(1) => {}
    }
    // By now the site knows that nobody waits any more.
    stage.open(session, PAGES).await;
    gate.open();
    stage.desk.ended().await;
}

#[tokio::test]
async fn an_app_is_kept_whose_window_was_closed_while_github_was_asked() {
    let stage = Stage::without_app().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single("GitHub Settings", "public_url", SITE).await.expect("set");
    let back = agree(&stage, "First").await;
    closes_once_asked(&stage, "admin", &back, "/app-manifests/*").await;
    let app = stage.mirror.app().github_app(stage.mirror.site()).await;
    assert!(app.expect("readable").is_some(), "GitHub shows its key once");
    stage.finish().await;
}

#[tokio::test]
async fn an_account_is_connected_whose_window_was_closed_while_github_was_asked() {
    let stage = Stage::new().await;
    let page = stage.address(DESK, "connect_github", &[]).await;
    let back = stage.authorize(&page, "mona", true).await;
    closes_once_asked(&stage, session(DESK), &back, "/login/oauth/access_token").await;
    let path = "erpnext_github_integration.desk.my_connection";
    let mine = stage.desk.get(DESK, path, &[]).await;
    assert_eq!(mine.message()["login"], "mona", "{mine:?}");
    stage.finish().await;
}
