//! An installation whose row somebody deleted, and that GitHub has still: whoever may have installed it gets it from every screen.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;

use super::{PAGES, Stage, query, session};
use crate::jobs::runner;
use crate::support::github_app::APP;

const DESK: &str = "desk@x.com";
const ADMIN: &str = "admin@x.com";

/// The App is installed in `acme`, and the row of that is nobody's; GitHub's number.
async fn given_up() -> (Stage, String) {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage
        .happens(|world| {
            world.organization("acme").owners.push("mona".to_owned());
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    let deleted = stage.mirror.erp.scratch().execute("DELETE FROM `tabGitHub App Installation`");
    deleted.await.expect("deleted");
    stage.mirror.erp.clock().advance(TimeDelta::hours(2));
    runner(&stage.mirror).step(Work::Redeliver).await;
    let sql = "SELECT CONCAT_WS('|', processing, IFNULL(sender_login, '')) FROM `tabGitHub App Installation`";
    assert_eq!(stage.mirror.erp.value(sql).await, "unmatched_user|");
    let id = stage.mirror.github.world().install(APP, "acme").id;
    (stage, id.to_string())
}

#[tokio::test]
async fn g0_13_every_screen_of_a_given_up_installation_leads_to_having_it() {
    let (stage, id) = given_up().await;
    // The page has the button, and says what it does.
    let page = stage.open(session(DESK), &format!("{PAGES}?installation_id={id}")).await;
    assert!(
        page.kind == "unmatched" && page.text.contains("id=\"check\"") && page.text.contains("press Check again"),
        "{}",
        page.text
    );
    // The list of a Project has it.
    let path = "erpnext_github_integration.desk.my_connection";
    let seen = stage
        .desk
        .get(DESK, path, &[("installations", "1"), ("project", "NEW-1")])
        .await;
    assert_eq!(seen.message()["installations"][0]["given_up"], true, "{seen:?}");
    // Who runs the integration asks by his own connection, too: that the row is shown to him says nothing.
    let refused = stage.call(ADMIN, "check_installation", &[("installation_id", &id)]).await;
    assert_eq!(
        (refused.status, &refused.body["connect_github"]),
        (417, &1.into()),
        "{refused:?}"
    );
    let had = stage.call(DESK, "check_installation", &[("installation_id", &id)]).await;
    assert_eq!(had.message()["stage"], "waits_for_project", "{had:?}");
    stage.finish().await;
}

#[tokio::test]
async fn g0_13_whoever_comes_back_from_github_has_what_was_given_up() {
    let (stage, id) = given_up().await;
    let page = stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let way = query(&page)["state"].clone();
    let back = format!("{PAGES}setup?installation_id={id}&setup_action=update&state={way}");
    let page = stage.open(session(DESK), &back).await;
    assert!(
        page.kind == "done" && page.text.contains("belongs to the Project NEW-1"),
        "{} {}",
        page.kind,
        page.text
    );
    assert_eq!(
        stage.installations().await,
        "desk initiated_here processed NEW-1 selected 000"
    );
    stage.finish().await;
}
