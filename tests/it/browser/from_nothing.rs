//! From a site that knows no GitHub App to one repository that is mirrored: the wizard, and all windows of GitHub's that it opens, in one go.

use serde_json::json;

use super::stage::Stage;

const SETTINGS: &str = "GitHub Settings";
const ADMIN: &str = "admin@x.com";
const AUTHORIZE: &str = "button[name=authorize][value='1']";

#[tokio::test]
async fn g3_9_from_no_app_at_all_the_wizard_leads_to_a_repository_that_is_mirrored() {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single(SETTINGS, "public_url", stage.base()).await.expect("set");
    stage.mirror.github.world().repository("acme/web").open_issue("The first");
    let sheet = stage.form(ADMIN, SETTINGS, SETTINGS).await;
    sheet.press("Actions", "Connect GitHub").await;
    sheet.dialog("How should this site prove itself").await;
    sheet.submit().await;
    // The App.
    sheet.dialog("there is no GitHub App yet").await;
    // The App is whoever makes it, and is to be installed in an organization.
    sheet.click(".github-public").await;
    sheet.click(".github-go").await;
    let window = sheet.window().await;
    window.click("#create").await;
    let (text, url) = window.ours("app-made").await;
    assert!(text.contains("encrypted") && !url.contains("code="), "{text} {url}");
    let back = window.came_back_by().await;
    window.visit(&back).await;
    window.ours("state-used").await;
    window.close().await;
    // His own account: the wizard went on by itself.
    sheet.dialog("connect GitHub first").await;
    sheet.click(".github-go").await;
    let window = sheet.window().await;
    window.click(AUTHORIZE).await;
    window.ours("connected").await;
    window.close().await;
    // The App is installed nowhere yet.
    sheet.dialog("There is none yet.").await;
    sheet.click(".github-install").await;
    let window = sheet.window().await;
    window.click("input[name=account][value=acme]").await;
    window.click("#install").await;
    let (text, _) = window.ours("done").await;
    assert!(text.contains("The App is installed in acme"), "{text}");
    window.close().await;
    sheet.holds("$('input[name=organization][value=acme]').length === 1").await;
    sheet.click("input[name=organization][value=acme]").await;
    sheet.submit().await;
    sheet.dialog("To be connected").await;
    sheet.submit().await;
    sheet.holds("frappe.routes.includes('Form/GitHub Integration/acme')").await;
    // The details, where a repository is followed.
    sheet.form("GitHub Integration", "acme").await;
    sheet.holds("$('.github-health').text().includes('Works')").await;
    sheet
        .holds("$('input[name=repository][value=\"acme/web\"]').length === 1")
        .await;
    sheet.click("input[name=repository][value='acme/web']").await;
    sheet.click("[data-github-follow='1']").await;
    sheet.until("1 repositories are followed now").await;
    sheet.form("Repository", "acme/web").await;
    sheet.press("GitHub", "Sync Repository Data").await;
    sheet.until("acme/web is synced").await;
    sheet.until("1 issues").await;
    assert_eq!(sheet.eval("window.evil === undefined").await, json!(true));
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_9_an_app_that_is_not_public_is_installed_in_its_own_account_and_the_wizard_says_so() {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single(SETTINGS, "public_url", stage.base()).await.expect("set");
    stage.mirror.github.world().repository("acme/web");
    let sheet = stage.form(ADMIN, SETTINGS, SETTINGS).await;
    sheet.press("Actions", "Connect GitHub").await;
    sheet.dialog("How should this site prove itself").await;
    sheet.submit().await;
    sheet.dialog("in the account that it belongs to, and nowhere else").await;
    sheet.eval("$('.github-organization').val('acme')").await;
    sheet.click(".github-go").await;
    let window = sheet.window().await;
    window.click("#create").await;
    window.ours("app-made").await;
    window.close().await;
    sheet.dialog("connect GitHub first").await;
    sheet.click(".github-go").await;
    let window = sheet.window().await;
    window.click(AUTHORIZE).await;
    window.ours("connected").await;
    window.close().await;
    sheet
        .dialog("an App that is not public can be installed in the account that it belongs to alone")
        .await;
    sheet.click(".github-install").await;
    let window = sheet.window().await;
    window.click("input[name=account][value=acme]").await;
    let offered = window
        .eval("[...document.querySelectorAll('input[name=account]')].map((one) => one.value)")
        .await;
    assert_eq!(offered, json!(["acme"]));
    window.click("#install").await;
    window.ours("done").await;
    window.close().await;
    // Whoever went on to the services is not thrown back by what goes on at GitHub.
    sheet.holds("$('input[name=organization][value=acme]').length === 1").await;
    sheet.click("input[name=organization][value=acme]").await;
    sheet.submit().await;
    sheet.dialog("To be connected").await;
    sheet.click("input[name=service][value=webhooks]").await;
    sheet.eval("frappe.realtime.hear('github_connected', {})").await;
    sheet.submit().await;
    sheet.holds("frappe.routes.includes('Form/GitHub Integration/acme')").await;
    let services = "SELECT CONCAT(service_repositories, service_issues, service_webhooks) FROM `tabGitHub Integration`";
    assert_eq!(stage.value(services).await, "110");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_1_where_no_window_opens_the_app_is_made_by_the_button_in_the_dialog() {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single(SETTINGS, "public_url", stage.base()).await.expect("set");
    let sheet = stage.form(ADMIN, SETTINGS, SETTINGS).await;
    sheet.eval("window.blocks_windows = true").await;
    sheet.press("GitHub App", "Create GitHub App").await;
    sheet.dialog("GitHub opens in a window of its own").await;
    sheet.submit().await;
    sheet.dialog("Your browser did not let this page open a window").await;
    sheet.click(".github-by-hand button").await;
    let window = sheet.window().await;
    window.click("#create").await;
    window.ours("app-made").await;
    window.close().await;
    // The form heard of it, and shows the App.
    sheet.until("is not installed anywhere yet").await;
    sheet.close().await;
    stage.finish().await;
}
