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
    assert_eq!(seen.message()["installations"][0]["nobodys"], true, "{seen:?}");
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

#[tokio::test]
async fn g0_13_what_a_stranger_does_with_a_given_up_installation_leaves_it_to_be_had() {
    let (stage, id) = given_up().await;
    let followed = "SELECT GROUP_CONCAT(CONCAT(name, enabled) ORDER BY name) FROM tabRepository WHERE name LIKE 'acme/%'";
    assert_eq!(stage.mirror.erp.value(followed).await, "acme/web1");
    let row = "SELECT CONCAT_WS('|', processing, IFNULL(sender_login, ''), installation_id) FROM `tabGitHub App Installation`";
    // An owner whom nobody knows here picks another one, and takes the first away.
    let web = stage.mirror.github.world().repository("acme/web").id;
    let api = stage.mirror.github.world().repository("acme/api").id;
    stage
        .happens_by("stranger", |world| {
            world.install(APP, "acme").only([api]);
        })
        .await;
    assert_eq!(stage.mirror.erp.value(row).await, format!("unmatched_user||{id}"));
    runner(&stage.mirror).step(Work::Refresh).await;
    assert_eq!(
        stage.mirror.erp.value(followed).await,
        "acme/web0",
        "what it does not reach any more is not followed; what was picked waits for somebody"
    );
    let reached = format!("SELECT COUNT(*) FROM erpnext_github_installation_repository WHERE repository_id = {web}");
    assert_eq!(stage.mirror.erp.value(&reached).await, "0");
    assert_eq!(runner(&stage.mirror).step(Work::Refresh).await, 0, "it is read once");
    let had = stage.call(DESK, "check_installation", &[("installation_id", &id)]).await;
    assert_eq!(had.message()["stage"], "waits_for_project", "{had:?}");
    stage.finish().await;
}

/// An owner of `acme` whom nobody here is has installed the App there; GitHub's number.
async fn by_a_stranger() -> (Stage, String) {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        world.organization("acme").owners = vec!["mona".to_owned(), "stranger".to_owned()];
        world.repository("acme/web");
    }
    let web = stage.mirror.github.world().repository("acme/web").id;
    stage
        .happens_by("stranger", |world| {
            world.install(APP, "acme").only([web]);
        })
        .await;
    let row = "SELECT CONCAT_WS('|', processing, IFNULL(sender_login, '')) FROM `tabGitHub App Installation`";
    assert_eq!(stage.mirror.erp.value(row).await, "unmatched_user|stranger");
    let id = stage.mirror.github.world().install(APP, "acme").id;
    (stage, id.to_string())
}

#[tokio::test]
async fn g0_9_who_may_install_the_app_there_has_what_waits_for_an_account_that_nobody_is() {
    // An admin has the same way to it as anybody: that its form is his says nothing of whose it is.
    for user in [DESK, ADMIN] {
        let (stage, id) = by_a_stranger().await;
        let waits = stage.call(user, "check_installation", &[("installation_id", &id)]).await;
        assert_eq!(waits.message()["is_yours"], false, "he is not connected: {waits:?}");
        stage.connect(user, "mona").await;
        let had = stage.call(user, "check_installation", &[("installation_id", &id)]).await;
        assert_eq!(had.message()["stage"], "waits_for_project", "{had:?}");
        stage.finish().await;
    }
}

#[tokio::test]
async fn g0_9_whoever_may_install_it_has_what_somebody_unknown_installed() {
    let stage = Stage::new().await;
    stage.connect("member@x.com", "hubot").await;
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    let whose = "SELECT CONCAT_WS('|', processing, sender_login) FROM `tabGitHub App Installation`";
    assert_eq!(stage.mirror.erp.value(whose).await, "unmatched_user|mona");
    let id = stage.mirror.github.world().install(APP, "acme").id.to_string();
    let asked = [("installation_id", id.as_str())];
    // He may not install Apps there.
    let refused = stage.call("member@x.com", "check_installation", &asked).await;
    assert_eq!(
        (&refused.message()["found"], &refused.message()["is_yours"]),
        (&true.into(), &false.into()),
        "{refused:?}"
    );
    let hubot = "hubot".to_owned();
    stage.mirror.github.world().organization("acme").owners.push(hubot);
    let page = stage
        .open(session("member@x.com"), &format!("{PAGES}?installation_id={id}"))
        .await;
    assert!(
        page.kind == "unmatched" && page.text.contains("id=\"check\""),
        "{}",
        page.text
    );
    let path = "erpnext_github_integration.desk.my_connection";
    let seen = stage.desk.get("member@x.com", path, &[("installations", "1")]).await;
    assert_eq!(seen.message()["installations"][0]["nobodys"], true, "{seen:?}");
    let had = stage.call("member@x.com", "check_installation", &asked).await;
    assert_eq!(had.message()["stage"], "waits_for_project", "{had:?}");
    assert_eq!(
        stage.installations().await,
        "member initiated_on_github processed - selected 000"
    );
    stage.finish().await;
}
