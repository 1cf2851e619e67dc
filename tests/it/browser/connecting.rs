//! From the button to GitHub and back: connecting one's account, installing the App, making it; and the wrong ends of these.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault};
use serde_json::json;

use super::chromium::Sheet;
use super::stage::Stage;
use crate::support::github_app::{deliver, enter, not_listed_yet, register};

const MANAGER: &str = "manager@x.com";
const AUTHORIZE: &str = "button[name=authorize][value='1']";

/// A stage whose site has a GitHub App.
pub(super) async fn stage() -> Stage {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        register(&mut world, stage.base());
        world.repository("acme/web");
    }
    enter(&stage.mirror, stage.base()).await;
    stage
}

/// Presses Connect GitHub on the form that is open, and agrees on GitHub's page.
pub(super) async fn connect(sheet: &Sheet) -> Sheet {
    sheet.press("GitHub", "Connect GitHub").await;
    sheet.dialog("What is never done").await;
    sheet.submit().await;
    let window = sheet.window().await;
    window.click(AUTHORIZE).await;
    window
}

#[tokio::test]
async fn g0_2_a_user_connects_his_account_on_his_form_and_disconnects_it() {
    let stage = stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    sheet.until("not connected").await;
    let window = connect(&sheet).await;
    let (text, url) = window.ours("connected").await;
    assert!(text.contains("manager@x.com is mona on GitHub"), "{text}");
    for head in [
        "What is read by it",
        "What is done by it",
        "What it could reach",
        "What is never done",
    ] {
        assert!(text.contains(head), "{head}: {text}");
    }
    assert!(!url.contains("code=") && !url.contains("state="), "{url}");
    assert_eq!(window.eval("window.opener").await, serde_json::Value::Null);
    window.close().await;
    sheet.holds("$('.github-overview').text().includes('mona')").await;
    sheet.press("GitHub", "Disconnect GitHub").await;
    sheet.until("mona is not connected any more.").await;
    sheet.holds("$('.github-overview').text().includes('not connected')").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_6_14_the_app_is_installed_from_a_project_and_the_page_goes_on_by_itself() {
    let stage = stage().await;
    stage
        .mirror
        .erp
        .erp()
        .add_project("NEW-1", "A new one")
        .await
        .expect("a project");
    let sheet = stage.form("Administrator", "Project", "NEW-1").await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    // The form hears of it and goes on by itself.
    sheet
        .holds("document.body.textContent.includes('GitHub Installations')")
        .await;
    let before = stage.mirror.github.world().clone();
    sheet.press("GitHub", "Add GitHub Integration").await;
    let window = sheet.window().await;
    window.click("input[name=account][value=acme]").await;
    window.click("input[name=selection][value=selected]").await;
    let web = stage.mirror.github.world().repository("acme/web").id;
    window.click(&format!("input[name=repository][value='{web}']")).await;
    not_listed_yet(&mut stage.mirror.github.world());
    window.click("#install").await;
    window.ours("waiting").await;
    for (at, delivery) in stage.mirror.github.deliveries_since(&before).iter().enumerate() {
        assert_eq!(
            deliver(&stage.mirror, &stage.desk, &format!("told-{at}"), delivery).await,
            202
        );
    }
    let (text, _) = window.ours("done").await;
    assert!(text.contains("belongs to the Project NEW-1"), "{text}");
    window.close().await;
    sheet.holds("cur_frm.doc.repository === 'acme/web'").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_13_check_again_finds_what_github_did_not_tell_and_the_page_asks_for_repositories() {
    let stage = stage().await;
    stage
        .mirror
        .erp
        .erp()
        .add_project("NEW-1", "A new one")
        .await
        .expect("a project");
    let sheet = stage.form("Administrator", "Project", "NEW-1").await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    sheet.form("Project", "NEW-1").await;
    sheet.press("GitHub", "Add GitHub Integration").await;
    let window = sheet.window().await;
    window.click("input[name=account][value=acme]").await;
    not_listed_yet(&mut stage.mirror.github.world());
    window.click("#install").await;
    window.ours("waiting").await;
    let web = {
        let mut world = stage.mirror.github.world();
        world.organization("acme").owners.push("mona".to_owned());
        world.repository("acme/web").id
    };
    window.click("#check").await;
    let (text, _) = window.ours("choose-repositories").await;
    assert!(text.contains("which ones is the Project NEW-1 about"), "{text}");
    // He chose in another window, and somebody switched off there what he chose.
    let other = stage.sheet("Administrator").await;
    other.visit("/integrations/github/").await;
    other.ours("choose-repositories").await;
    other.click(&format!("input[name=repository][value='{web}']")).await;
    other.click("#picks button").await;
    other.ours("done").await;
    other.close().await;
    let erp = stage.mirror.erp.erp();
    erp.set("Repository", "acme/web", "enabled", "0").await.expect("set");
    window.click(&format!("input[name=repository][value='{web}']")).await;
    window.click("#picks button").await;
    window
        .holds("document.getElementById('problem').textContent.includes('not mirrored: acme/web')")
        .await;
    window.click("a.go:text('Go on')").await;
    window.ours("done").await;
    window.close().await;
    sheet.holds("cur_frm.doc.repository === 'acme/web'").await;
    sheet.press("GitHub", "GitHub Installations").await;
    sheet.holds("$('.modal.show').text().includes('Choose Repositories')").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g1_7_where_the_browser_opens_no_window_the_person_is_told_how() {
    let stage = stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    sheet.eval("window.blocks_windows = true").await;
    sheet.press("GitHub", "Connect GitHub").await;
    sheet.dialog("Connect GitHub").await;
    // With another account than the one that is signed in on GitHub.
    sheet.click(".modal.show .custom-actions button").await;
    let dialog = sheet.dialog("did not let this page open a window").await;
    let html = dialog["html"].to_string();
    assert!(
        html.contains("/login/oauth/authorize?") && html.contains("noopener") && html.contains("prompt=select_account"),
        "{html}"
    );
    assert!(dialog["text"].to_string().contains("allow pop-ups"), "{dialog}");
    sheet.click(".github-by-hand a").await;
    let window = sheet.window().await;
    window.click(AUTHORIZE).await;
    window.ours("connected").await;
    window.close().await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn wrong_ends_say_what_is_wrong_in_the_browser() {
    let stage = stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    // He says no on GitHub.
    sheet.press("GitHub", "Connect GitHub").await;
    sheet.dialog("Connect GitHub").await;
    sheet.submit().await;
    let window = sheet.window().await;
    window.click("button[name=authorize][value='0']").await;
    let (text, _) = window.ours("refused").await;
    assert!(text.contains("access was denied on GitHub"), "{text}");
    window.close().await;
    // Ten minutes later.
    sheet.press("GitHub", "Connect GitHub").await;
    sheet.dialog("Connect GitHub").await;
    sheet.submit().await;
    let window = sheet.window().await;
    window.holds("document.querySelector('#login') !== null").await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(11));
    window.click(AUTHORIZE).await;
    window.ours("state-ended").await;
    window.close().await;
    // What somebody else set out with.
    let page = sheet.eval("fetch('/api/method/erpnext_github_integration.desk.connect_github', {method: 'POST', headers: {'X-Frappe-CSRF-Token': frappe.csrf_token}}).then((answer) => answer.json()).then((body) => body.message.url)").await;
    let other = stage.sheet("pusher@x.com").await;
    other.visit(page.as_str().expect("an address")).await;
    other.click(AUTHORIZE).await;
    other.ours("state-of-other").await;
    for (path, kind) in [
        ("/integrations/github/callback?code=a&state=b", "state-used"),
        ("/integrations/github/setup", "missing-installation"),
        ("/integrations/github/setup?installation_id=4711", "no-such-installation"),
        ("/integrations/github", "nothing"),
    ] {
        other.visit(path).await;
        other.ours(kind).await;
    }
    other.close().await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_8_a_project_is_chosen_on_the_page() {
    let stage = stage().await;
    let sheet = stage.form("Administrator", "User", "Administrator").await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    let before = stage.mirror.github.world().clone();
    {
        let mut world = stage.mirror.github.world();
        let web = world.repository("acme/web").id;
        world.install(crate::support::github_app::APP, "acme").only([web]);
    }
    for (at, delivery) in stage.mirror.github.deliveries_since(&before).iter().enumerate() {
        assert_eq!(
            deliver(&stage.mirror, &stage.desk, &format!("told-{at}"), delivery).await,
            202
        );
    }
    stage
        .mirror
        .erp
        .erp()
        .add_project("NEW-1", "A new one")
        .await
        .expect("a project");
    window.visit("/integrations/github/").await;
    window.ours("choose-project").await;
    window.choose("select[name=project]", "NEW-1").await;
    window.click("#choice button").await;
    let (text, _) = window.ours("done").await;
    assert!(text.contains("NEW-1"), "{text}");
    window.close().await;
    sheet.close().await;
    assert_eq!(
        stage.value("SELECT repository FROM tabProject WHERE name = 'NEW-1'").await,
        "acme/web"
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_connection_whose_renewal_got_lost_is_shown_and_can_be_made_again() {
    let stage = stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    sheet.holds("$('.github-overview').text().includes('mona')").await;
    stage.mirror.erp.clock().advance(TimeDelta::hours(8));
    let fault = Fault::on("/login/oauth/access_token", Effect::Lost);
    stage.mirror.github.world().faults.push(fault);
    sheet
        .eval(
            "fetch('/api/method/erpnext_github_integration.desk.my_connection?installations=1').then((answer) => answer.text())",
        )
        .await;
    sheet.form("User", MANAGER).await;
    sheet.until("GitHub's last answer got lost").await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    sheet
        .holds("$('.github-overview').text().includes('connected') && !$('.github-overview').text().includes('lost')")
        .await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_3_a_press_asks_who_is_not_connected_to_connect_and_then_carries_his_name() {
    let stage = stage().await;
    stage.mirror.github.world().oauth.signed_in = Some("pusher".to_owned());
    let erp = stage.mirror.erp.erp();
    erp.set_single("GitHub Settings", "act_without_connection", "0")
        .await
        .expect("set");
    let sheet = stage.form("pusher@x.com", "Repository", "octo/web").await;
    sheet.press("Actions", "Create Issue").await;
    sheet.dialog("Create Issue in octo/web").await;
    sheet.fill(json!({"title": "In my own name"})).await;
    sheet.submit().await;
    sheet.dialog("What is never done").await;
    assert!(stage.written("/issues").is_empty(), "nobody else's name is used");
    sheet.submit().await;
    let window = sheet.window().await;
    window.click(AUTHORIZE).await;
    window.ours("connected").await;
    window.close().await;
    sheet.close().await;
    let sheet = stage.form("pusher@x.com", "Repository", "octo/web").await;
    sheet.press("Actions", "Create Issue").await;
    sheet.dialog("Create Issue in octo/web").await;
    sheet.fill(json!({"title": "In my own name"})).await;
    sheet.submit().await;
    sheet.until("was created.").await;
    let row = "SELECT CONCAT_WS(' ', asked_by, acting_as, acting_login) FROM `tabGitHub Write` WHERE status = 'done'";
    assert_eq!(stage.value(row).await, "pusher@x.com user pusher");
    sheet.close().await;
    stage.finish().await;
}
