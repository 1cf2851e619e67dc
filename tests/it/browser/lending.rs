//! Use My Connection: an integration reads by somebody's own account for as long as he lends it.

use chrono::TimeDelta;
use serde_json::json;

use super::chromium::Sheet;
use super::connecting;
use super::stage::Stage;
use super::wizard;

const ADMIN: &str = "admin@x.com";
const AUTHORIZE: &str = "button[name=authorize][value='1']";

/// An integration of `acme` by the connection of an administrator, made by the wizard, which follows `acme/web`.
pub(super) async fn lent() -> (Stage, Sheet) {
    let stage = wizard::stage().await;
    let sheet = wizard::open(&stage, "OAuth").await;
    wizard::connect(&sheet).await;
    wizard::choose(&sheet, &["acme"]).await;
    sheet.eval("$('.github-name').val('By mona')").await;
    sheet.submit().await;
    sheet.holds("frappe.routes.includes('Form/GitHub Integration/By mona')").await;
    follow(&sheet, "By mona").await;
    (stage, sheet)
}

/// Follows `acme/web` on the form of an integration.
pub(super) async fn follow(sheet: &Sheet, integration: &str) {
    sheet.form("GitHub Integration", integration).await;
    sheet
        .holds("$('input[name=repository][value=\"acme/web\"]').length === 1")
        .await;
    sheet.click("input[name=repository][value='acme/web']").await;
    sheet.click("[data-github-follow='1']").await;
    sheet.until("1 repositories are followed now").await;
}

/// Presses Sync on the form of `acme/web`, a minute after whatever was before, until the screen says this.
pub(super) async fn sync(stage: &Stage, sheet: &Sheet, then: &str) {
    stage.mirror.erp.clock().advance(TimeDelta::minutes(1));
    sheet.form("Repository", "acme/web").await;
    sheet.press("GitHub", "Sync Repository Data").await;
    sheet.until(then).await;
}

/// Presses Check Now on the form of an integration, until its health says this.
pub(super) async fn check(sheet: &Sheet, integration: &str, then: &str) {
    sheet.form("GitHub Integration", integration).await;
    sheet.press("", "Check Now").await;
    sheet.holds(&format!("$('.github-health').text().includes('{then}')")).await;
}

#[tokio::test]
async fn g3_3_who_lends_his_connection_takes_it_back_and_lends_it_again() {
    let (stage, sheet) = lent().await;
    sync(&stage, &sheet, "acme/web is synced").await;
    check(&sheet, "By mona", "Works").await;
    // Taken back: Disconnect GitHub on his User.
    sheet.form("User", ADMIN).await;
    sheet.press("GitHub", "Disconnect GitHub").await;
    sheet.until("mona is not connected any more.").await;
    check(&sheet, "By mona", "Failing").await;
    let health = sheet.eval("$('.github-health').text()").await.to_string();
    assert!(health.contains(ADMIN), "{health}");
    let asked = stage.mirror.github.requests().len();
    sync(&stage, &sheet, ADMIN).await;
    assert_eq!(stage.mirror.github.requests().len(), asked, "nobody is asked in his name");
    // Lent again: he is asked whether he means it, and has to be connected.
    sheet.form("GitHub Integration", "By mona").await;
    sheet.press("", "Use My Connection").await;
    sheet.dialog("By mona will read by your GitHub account").await;
    sheet.dismiss().await;
    assert_eq!(
        sheet
            .eval("window.calls.filter((call) => call.method.endsWith('lend_connection')).length")
            .await,
        json!(0)
    );
    sheet.press("", "Use My Connection").await;
    sheet.dialog("By mona will read by your GitHub account").await;
    sheet.press_in_dialog("Yes").await;
    sheet.dialog("What is never done").await;
    sheet.submit().await;
    let window = sheet.window().await;
    window.click(AUTHORIZE).await;
    window.ours("connected").await;
    window.close().await;
    sheet.press("", "Use My Connection").await;
    sheet.dialog("By mona will read by your GitHub account").await;
    sheet.press_in_dialog("Yes").await;
    sheet.holds("$('.github-health').text().includes('Works')").await;
    sync(&stage, &sheet, "acme/web is synced").await;
    let whose = "SELECT CONCAT_WS(' ', integration, user) FROM erpnext_github_lent";
    assert_eq!(stage.value(whose).await, format!("By mona {ADMIN}"));
    sheet.close().await;
    stage.finish_with_errors(1).await;
}

#[tokio::test]
async fn who_takes_over_reads_by_his_own_account_and_the_first_ones_is_his_alone_again() {
    let (stage, sheet) = lent().await;
    stage.mirror.github.world().oauth.signed_in = Some("hubot".to_owned());
    stage.mirror.github.world().user("hubot");
    let other = stage.form("Administrator", "User", "Administrator").await;
    let window = connecting::connect(&other).await;
    window.ours("connected").await;
    window.close().await;
    other.form("GitHub Integration", "By mona").await;
    other.press("", "Use My Connection").await;
    other.dialog("By mona will read by your GitHub account").await;
    other.press_in_dialog("Yes").await;
    other.holds("cur_frm.doc.connected_user === 'Administrator'").await;
    other.close().await;
    let whose = "SELECT GROUP_CONCAT(CONCAT_WS(' ', integration, user)) FROM erpnext_github_lent";
    assert_eq!(stage.value(whose).await, "By mona Administrator");
    let from = stage.mirror.github.requests().len();
    sync(&stage, &sheet, "acme/web is synced").await;
    let requests = stage.mirror.github.requests().split_off(from);
    let read = requests.iter().filter(|one| one.path.contains("/repos/acme/web"));
    let mut by: Vec<&str> = read.map(|one| one.credential.as_str()).collect();
    by.dedup();
    assert_eq!(by, ["hubot"]);
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g1_11_14_several_are_followed_and_left_together_and_a_service_that_is_off_is_not_read() {
    let stage = wizard::stage().await;
    stage.mirror.github.world().repository("acme/web").open_issue("The first");
    let sheet = wizard::open(&stage, "OAuth").await;
    wizard::connect(&sheet).await;
    wizard::choose(&sheet, &["acme"]).await;
    sheet.eval("$('.github-name').val('By mona')").await;
    sheet.submit().await;
    sheet.holds("frappe.routes.includes('Form/GitHub Integration/By mona')").await;
    sheet.form("GitHub Integration", "By mona").await;
    sheet.holds("$('input[name=repository]:not(:disabled)').length === 2").await;
    // Nothing is chosen yet.
    sheet.click("[data-github-follow='1']").await;
    sheet.until("Choose a repository first.").await;
    sheet.dismiss().await;
    let followed = "SELECT GROUP_CONCAT(CONCAT(name, '=', enabled) ORDER BY name) FROM tabRepository WHERE name LIKE 'acme/%'";
    for (follow, said, then) in [
        ("1", "2 repositories are followed now", "acme/api=1,acme/web=1"),
        ("0", "2 repositories are not followed any more", "acme/api=0,acme/web=0"),
        ("1", "2 repositories are followed now", "acme/api=1,acme/web=1"),
    ] {
        sheet.eval("$('.desk-alert').remove()").await;
        sheet.click(".github-all").await;
        sheet.click(&format!("[data-github-follow='{follow}']")).await;
        sheet.until(said).await;
        sheet.holds("!$('.github-table input:checked').length").await;
        assert_eq!(stage.value(followed).await, then);
        sheet.form("GitHub Integration", "By mona").await;
        sheet.holds("$('input[name=repository]:not(:disabled)').length === 2").await;
    }
    // Off on the form, and the next sync leaves it out; on again, and it comes.
    let issues = "SELECT COUNT(*) FROM `tabRepository Issue` WHERE repository = 'acme/web'";
    for (on, count) in [(0, "0"), (1, "1")] {
        sheet.form("GitHub Integration", "By mona").await;
        sheet.set(json!({"service_issues": on})).await;
        assert_eq!(sheet.save().await["dirty"], json!(false));
        let shown = if on == 1 { "on" } else { "off" };
        sheet
            .holds(&format!("$('[data-github-service=issues]').text().startsWith('{shown}')"))
            .await;
        sync(&stage, &sheet, "acme/web is synced").await;
        assert_eq!(stage.value(issues).await, count);
    }
    // The list says when each was synced: one was, the other not yet.
    sheet.form("GitHub Integration", "By mona").await;
    for (repository, is_never) in [("acme/web", false), ("acme/api", true)] {
        let row = format!("$('.github-table tr').filter((_, row) => row.innerText.includes('{repository}'))");
        let told = format!("{row}.find('td').eq(4).text().trim()");
        sheet.holds(&format!("{told} && ({told} === 'never') === {is_never}")).await;
    }
    sheet.close().await;
    stage.finish().await;
}
