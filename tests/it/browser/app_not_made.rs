//! Making the App from its manifest, at its wrong ends: what the page says of the App that is left on GitHub, and how the person goes on.

use chrono::TimeDelta;
use erpnext_github::sim::github::Fault;
use serde_json::json;

use super::chromium::Sheet;
use super::stage::Stage;
use super::wrong_ends::{asked, says};

const ADMIN: &str = "admin@x.com";
const SETTINGS: &str = "GitHub Settings";
const CONVERSIONS: &str = "/app-manifests/";
/// What every page says of an App that was made and is not kept.
const LEFT: [&str; 2] = [
    "An App was made on GitHub, and nothing of it is kept here.",
    "Delete it on its page there, and begin again in GitHub Settings.",
];

/// A site without an App, and an administrator on its settings.
async fn stage() -> (Stage, Sheet) {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single(SETTINGS, "public_url", stage.base()).await.expect("set");
    let sheet = stage.form(ADMIN, SETTINGS, SETTINGS).await;
    (stage, sheet)
}

/// Presses the button, and calls the App `name` on GitHub's page.
async fn sets_out(sheet: &Sheet, name: &str) -> Sheet {
    sheet.press("GitHub App", "Create GitHub App").await;
    sheet.dialog("GitHub opens in a window of its own").await;
    sheet.submit().await;
    let window = sheet.window().await;
    window.holds("document.querySelector('#create') !== null").await;
    calls_it(&window, name).await;
    window
}

async fn calls_it(window: &Sheet, name: &str) {
    let name = json!(name);
    window
        .eval(&format!("document.querySelector('input[name=name]').value = {name}"))
        .await;
}

/// The page says that an App is left on GitHub, with the place where it is listed; and leads back to the settings.
async fn is_left(stage: &Stage, window: Sheet, kind: &str, title: &str, why: &str) {
    let [left, delete] = LEFT;
    let text = says(&window, kind, title, &[why, left, delete]).await;
    assert!(!text.contains("installation of the App counts"), "{text}");
    let apps = format!("{}/settings/apps", stage.mirror.github.base_url());
    let link = format!("Boolean(document.querySelector('a[href=\"{apps}\"]'))");
    assert_eq!(window.eval(&link).await, json!(true), "{kind}");
    let url = window.eval("location.href").await.to_string();
    assert!(!url.contains("code=") && !url.contains("state="), "{url}");
    window.click("a[href='/app/github-settings']").await;
    window.holds("location.pathname.startsWith('/app/github-settings')").await;
    window.close().await;
}

/// What is stored of an App: its slug, and how many keys.
async fn stored(stage: &Stage) -> String {
    let sql = "SELECT CONCAT_WS('|', IFNULL((SELECT MAX(value) FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'app_slug'), ''), \
               (SELECT COUNT(*) FROM erpnext_github_app_key))";
    stage.value(sql).await
}

/// Once more from the button, until the App is made.
async fn begins_again(stage: &Stage, sheet: &Sheet) {
    sheet.form(SETTINGS, SETTINGS).await;
    let window = sets_out(sheet, "The Next One").await;
    window.click("#create").await;
    let stores = ["Its key and secrets are stored here, encrypted."];
    says(&window, "app-made", "The GitHub App The Next One is made", &stores).await;
    window.close().await;
    assert_eq!(stored(stage).await, "the-next-one|1");
}

#[tokio::test]
async fn g3_1_an_app_that_github_refuses_is_not_made_and_the_person_goes_on_from_there() {
    let (stage, sheet) = stage().await;
    stage.mirror.github.world().app("taken");
    let window = sets_out(&sheet, "Taken").await;
    window.click("#create").await;
    window
        .holds("document.querySelector('#error')?.textContent === 'Name is already taken'")
        .await;
    assert_eq!((asked(&stage, CONVERSIONS), stored(&stage).await.as_str()), (0, "|0"));
    // Nothing of the way back is used up by it.
    window.eval("history.back()").await;
    window.holds("document.querySelector('#create') !== null").await;
    calls_it(&window, "Not Taken").await;
    window.click("#create").await;
    says(&window, "app-made", "The GitHub App Not Taken is made", &[]).await;
    let code = window.came_back_by().await;
    window.close().await;
    // A code that was used, on a way that is good.
    let code = code.split("code=").nth(1).and_then(|rest| rest.split('&').next());
    let code = code.expect("a code").to_owned();
    sheet.form(SETTINGS, SETTINGS).await;
    let window = sets_out(&sheet, "Another").await;
    let way = window.eval("document.querySelector('input[name=state]').value").await;
    let way = way.as_str().expect("a state").to_owned();
    let back = format!("/integrations/github/app-created?code={code}&state={way}");
    window.visit(&back).await;
    is_left(
        &stage,
        window,
        "refused",
        "The GitHub App is not kept here",
        "GitHub does not accept the code: it was used, or is older than an hour.",
    )
    .await;
    assert_eq!(stored(&stage).await, "not-taken|1", "the App before is as it was");
    begins_again(&stage, &sheet).await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_1_where_github_fails_after_it_made_the_app_the_page_says_what_is_left_there() {
    let (stage, sheet) = stage().await;
    let fault = Fault::status("/app-manifests/*", 503).always();
    stage.mirror.github.world().faults.push(fault);
    let window = sets_out(&sheet, "Lost").await;
    window.click("#create").await;
    is_left(
        &stage,
        window,
        "refused",
        "The GitHub App is not kept here",
        "GitHub has a failure of its own",
    )
    .await;
    assert_eq!(stored(&stage).await, "|0");
    stage.mirror.github.world().faults.clear();
    begins_again(&stage, &sheet).await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_1_who_comes_back_with_an_app_after_more_than_an_hour_is_told_what_is_left() {
    let (stage, sheet) = stage().await;
    let window = sets_out(&sheet, "Late").await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(61));
    window.click("#create").await;
    window.ours("state-ended").await;
    let back = window.came_back_by().await;
    is_left(
        &stage,
        window,
        "state-ended",
        "This way back has ended",
        "It is good for an hour, and so is the code that GitHub gave.",
    )
    .await;
    let again = stage.sheet(ADMIN).await;
    again.visit(&back).await;
    is_left(
        &stage,
        again,
        "state-used",
        "This way back cannot be used",
        "If GitHub Settings shows the App that you made, it worked the first time, and all is well.",
    )
    .await;
    assert_eq!((asked(&stage, CONVERSIONS), stored(&stage).await.as_str()), (0, "|0"));
    begins_again(&stage, &sheet).await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_1_an_app_is_kept_for_nobody_but_who_set_out_to_make_it() {
    let (stage, sheet) = stage().await;
    let window = sets_out(&sheet, "Of Others").await;
    // Somebody else signs in meanwhile, in the same browser.
    sheet.eval("document.cookie = 'sid=manager; path=/'").await;
    window.click("#create").await;
    is_left(
        &stage,
        window,
        "state-of-other",
        "This way back is somebody else's",
        "It belongs to another user or session of this site, and the code that GitHub gave was not exchanged.",
    )
    .await;
    assert_eq!((asked(&stage, CONVERSIONS), stored(&stage).await.as_str()), (0, "|0"));
    sheet.eval("document.cookie = 'sid=admin; path=/'").await;
    begins_again(&stage, &sheet).await;
    sheet.close().await;
    stage.finish().await;
}
