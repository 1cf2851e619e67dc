//! The way back from GitHub at its wrong ends: what the page says, that nothing is done, and how the person goes on until it works.

use chrono::TimeDelta;
use erpnext_github::frappe::zone::frappe_text;
use erpnext_github::sim::github::Fault;
use url::Url;

use super::chromium::Sheet;
use super::connecting::{connect, stage};
use super::stage::Stage;

const MANAGER: &str = "manager@x.com";
const AUTHORIZE: &str = "button[name=authorize][value='1']";
const TOKENS: &str = "/login/oauth/access_token";

/// How often GitHub was asked for tokens.
fn exchanges(stage: &Stage) -> usize {
    let requests = stage.mirror.github.requests();
    requests.iter().filter(|one| one.path == TOKENS).count()
}

/// The page of GitHub that the button would open.
async fn page_of_github(sheet: &Sheet) -> Url {
    let page = sheet.eval("fetch('/api/method/erpnext_github_integration.desk.connect_github', {method: 'POST', headers: {'X-Frappe-CSRF-Token': frappe.csrf_token}}).then((answer) => answer.json()).then((body) => body.message.url)").await;
    Url::parse(page.as_str().expect("an address")).expect("an address")
}

fn value(address: &str, key: &str) -> String {
    let url = Url::parse(address).expect("an address");
    let found = url
        .query_pairs()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.into_owned());
    found.unwrap_or_else(|| panic!("{address} has no {key}"))
}

/// Goes on from a page that said no: back to the form, and once more from the button until he is connected.
async fn begins_again(window: Sheet, sheet: &Sheet) {
    window.click("a[href='/app']").await;
    window.holds("location.pathname === '/app'").await;
    window.close().await;
    sheet.form("User", MANAGER).await;
    let window = connect(sheet).await;
    window.ours("connected").await;
    window.close().await;
    is_connected(sheet).await;
}

async fn is_connected(sheet: &Sheet) {
    sheet.form("User", MANAGER).await;
    sheet
        .holds(
            "/mona\\s+connected/.test($('.github-overview').text()) && !$('.github-overview').text().includes('not connected')",
        )
        .await;
}

#[tokio::test]
async fn an_address_that_is_opened_a_second_time_says_so_and_changes_nothing() {
    let stage = stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    let back = window.came_back_by().await;
    let asked = exchanges(&stage);
    window.visit(&back).await;
    let (text, url) = window.ours("state-used").await;
    assert!(text.contains("If it worked the first time, all is well"), "{text}");
    assert!(!url.contains("code=") && !url.contains("state="), "{url}");
    // The same by the browser's own button.
    window.visit(&url).await;
    window.ours("state-used").await;
    window.click("a[href='/integrations/github/']").await;
    let (text, _) = window.ours("nothing").await;
    assert!(text.contains("press Add GitHub Integration"), "{text}");
    window.click("a[href='/app']").await;
    window.holds("location.pathname === '/app'").await;
    window.close().await;
    assert_eq!(exchanges(&stage), asked, "GitHub is asked nothing by it");
    is_connected(&sheet).await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_code_that_is_used_twice_connects_nobody_and_leaves_who_is_connected() {
    let stage = stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    let code = value(&window.came_back_by().await, "code");
    let again = async |window: &Sheet| {
        let out = value(page_of_github(&sheet).await.as_str(), "state");
        window
            .visit(&format!("/integrations/github/callback?code={code}&state={out}"))
            .await;
        let (text, _) = window.ours("refused").await;
        assert!(text.contains("Your GitHub account was not connected"), "{text}");
        assert!(!text.contains(&code) && !text.contains(&out), "{text}");
    };
    again(&window).await;
    is_connected(&sheet).await;
    sheet.press("GitHub", "Disconnect GitHub").await;
    sheet.until("mona is not connected any more.").await;
    again(&window).await;
    sheet.form("User", MANAGER).await;
    sheet
        .holds("$('.github-overview').length === 0 || $('.github-overview').text().includes('not connected')")
        .await;
    begins_again(window, &sheet).await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_state_that_is_made_up_or_too_old_asks_github_nothing_and_the_button_begins_again() {
    let stage = stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    let made_up = stage.sheet(MANAGER).await;
    for query in ["code=made-up&state=made-up", "code=made-up", "state=made-up", ""] {
        made_up.visit(&format!("/integrations/github/callback?{query}")).await;
        made_up.ours("state-used").await;
    }
    // A state of his that is for something else.
    let out = value(page_of_github(&sheet).await.as_str(), "state");
    made_up
        .visit(&format!("/integrations/github/setup?installation_id=1&state={out}"))
        .await;
    made_up.ours("state-used").await;
    made_up.close().await;
    let window = connect_late(&stage, &sheet).await;
    let (text, _) = window.ours("state-ended").await;
    assert!(
        text.contains("good for ten minutes") && text.contains("press the button once more"),
        "{text}"
    );
    assert_eq!(exchanges(&stage), 0);
    begins_again(window, &sheet).await;
    sheet.close().await;
    stage.finish().await;
}

/// Agrees on GitHub after eleven minutes.
async fn connect_late(stage: &Stage, sheet: &Sheet) -> Sheet {
    sheet.press("GitHub", "Connect GitHub").await;
    sheet.dialog("What is never done").await;
    sheet.submit().await;
    let window = sheet.window().await;
    window.holds("document.querySelector('#login') !== null").await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(11));
    window.click(AUTHORIZE).await;
    window
}

#[tokio::test]
async fn who_comes_back_without_a_session_is_asked_to_sign_in_and_his_way_is_still_good() {
    let stage = stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    let nobody = Sheet::open(stage.base(), None).await;
    nobody.visit(page_of_github(&sheet).await.as_str()).await;
    nobody.click(AUTHORIZE).await;
    let (text, url) = nobody.ours("sign-in").await;
    assert!(text.contains("Nobody is signed in at this site in this browser"), "{text}");
    let back = nobody.came_back_by().await;
    assert_eq!(url, back, "nothing of it was used up");
    nobody.click("a[href='/login']").await;
    nobody.holds("location.pathname === '/login'").await;
    nobody.close().await;
    assert_eq!(exchanges(&stage), 0);
    let window = stage.sheet(MANAGER).await;
    window.visit(&back).await;
    window.ours("connected").await;
    window.close().await;
    is_connected(&sheet).await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn in_another_session_or_as_another_user_a_way_is_worth_nothing_to_anybody() {
    let stage = stage().await;
    let now = {
        let zone = stage.mirror.site().zone().await.expect("a zone");
        frappe_text(zone.to_local(stage.mirror.site().clock().now() - TimeDelta::minutes(1)))
    };
    let erp = stage.mirror.erp.erp();
    erp.add_session(MANAGER, "elsewhere", "token-elsewhere", &now)
        .await
        .expect("a session");
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    for session in ["elsewhere", "pusher"] {
        let other = Sheet::open(stage.base(), Some(session)).await;
        other.visit(page_of_github(&sheet).await.as_str()).await;
        other.click(AUTHORIZE).await;
        let (text, _) = other.ours("state-of-other").await;
        assert!(text.contains("Nothing was done"), "{text}");
        let back = other.came_back_by().await;
        other.close().await;
        // It was worth something in one place alone, and is used up.
        let own = stage.sheet(MANAGER).await;
        own.visit(&back).await;
        own.ours("state-used").await;
        own.close().await;
    }
    assert_eq!(exchanges(&stage), 0);
    let own = stage.sheet(MANAGER).await;
    own.visit("/integrations/github/callback").await;
    own.ours("state-used").await;
    begins_again(own, &sheet).await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn where_github_does_not_answer_the_page_says_so_and_the_button_begins_again() {
    let stage = stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    stage.mirror.github.world().faults.push(Fault::status(TOKENS, 503));
    let window = connect(&sheet).await;
    let (text, _) = window.ours("refused").await;
    assert!(text.contains("Your GitHub account was not connected"), "{text}");
    begins_again(window, &sheet).await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_database_that_is_away_for_a_moment_uses_nothing_up_and_the_same_address_is_offered_again() {
    let stage = stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    let out = page_of_github(&sheet).await;
    let erp = &stage.mirror.erp;
    let window = stage.sheet(MANAGER).await;
    erp.query("RENAME TABLE erpnext_github_oauth_state TO away").await;
    window.visit(out.as_str()).await;
    window.click(AUTHORIZE).await;
    let (text, url) = window.ours("broken").await;
    assert!(
        text.contains("database does not answer just now") && text.contains("Try again"),
        "{text}"
    );
    let back = window.came_back_by().await;
    assert_eq!(url, back, "the address is good as it was");
    assert_eq!(exchanges(&stage), 0);
    erp.query("RENAME TABLE away TO erpnext_github_oauth_state").await;
    window.click("a[href='']").await;
    let (_, url) = window.ours("connected").await;
    assert!(!url.contains("code=") && !url.contains("state="), "{url}");
    // The browser's history has it no more: the page before is GitHub's.
    window.eval("history.back()").await;
    window.holds("document.querySelector('#login') !== null").await;
    window.close().await;
    is_connected(&sheet).await;
    // Used up, and then away.
    let again = page_of_github(&sheet).await;
    let window = stage.sheet(MANAGER).await;
    erp.query("RENAME TABLE erpnext_github_grant TO away").await;
    window.visit(again.as_str()).await;
    window.click(AUTHORIZE).await;
    let (text, url) = window.ours("broken").await;
    assert!(!text.contains("Try again"), "{text}");
    assert!(!url.contains("code=") && !url.contains("state="), "{url}");
    erp.query("RENAME TABLE away TO erpnext_github_grant").await;
    window.close().await;
    sheet.close().await;
    stage.finish().await;
}
