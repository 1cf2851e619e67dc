//! Further wrong ends of the way back: of an installation, of a site that is switched off, and of who may not use the desk.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use serde_json::json;

use super::chromium::Sheet;
use super::connecting;
use super::installing::on_a_project;
use super::stage::Stage;
use crate::jobs::runner;
use crate::support::github_app::{APP, enter, enter_app};

const MANAGER: &str = "manager@x.com";
const AUTHORIZE: &str = "button[name=authorize][value='1']";
const INDEX: &str = "/integrations/github/";

/// The page of ours that is in front: its title, and sentences that it says. The browser's console has nothing against it.
pub(super) async fn says(sheet: &Sheet, kind: &str, title: &str, sentences: &[&str]) -> String {
    let (text, _) = sheet.ours(kind).await;
    let titles = "[document.title, ...[...document.querySelectorAll('h1')].map((one) => one.innerText)]";
    assert_eq!(sheet.eval(titles).await, json!([title, title]), "{kind}");
    let lacks: Vec<&&str> = sentences.iter().filter(|one| !text.contains(**one)).collect();
    assert!(lacks.is_empty(), "{kind} does not say {lacks:?}: {text}");
    assert_eq!(sheet.seen().await["errors"], json!([]), "{kind}");
    text
}

/// How often GitHub was asked for what it keeps behind `path`.
pub(super) fn asked(stage: &Stage, path: &str) -> usize {
    let requests = stage.mirror.github.requests();
    requests.iter().filter(|one| one.path.starts_with(path)).count()
}

/// He installs the App in `acme` from the Project, for one repository; GitHub's number of that.
async fn install(stage: &Stage, sheet: &Sheet) -> u64 {
    let before = stage.mirror.github.world().clone();
    sheet.press("GitHub", "Add GitHub Integration").await;
    let window = sheet.window().await;
    window.click("input[name=account][value=acme]").await;
    window.click("input[name=selection][value=selected]").await;
    let web = stage.mirror.github.world().repository("acme/web").id;
    window.click(&format!("input[name=repository][value='{web}']")).await;
    window.click("#install").await;
    stage.tell(&before).await;
    says(
        &window,
        "done",
        "The App is installed in acme",
        &["belongs to the Project NEW-1"],
    )
    .await;
    window.close().await;
    stage.mirror.github.world().install(APP, "acme").id
}

#[tokio::test]
async fn g0_13_who_comes_back_from_an_installation_of_somebody_elses_is_told_so_and_no_more() {
    let (stage, sheet) = on_a_project().await;
    let id = install(&stage, &sheet).await;
    let api = stage.mirror.github.world().repository("acme/api").id;
    let stored = "SELECT CONCAT_WS('|', owner, processing, originating_project, modified) FROM `tabGitHub App Installation`";
    let before = stage.value(stored).await;
    // Another owner of the account changes it on GitHub's own page, and is sent here.
    let other = stage.sheet(MANAGER).await;
    let base = stage.mirror.github.base_url().to_owned();
    other
        .visit(&format!("{base}/organizations/acme/settings/installations/{id}"))
        .await;
    other.click(&format!("input[name=repository][value='{api}']")).await;
    other.click("#update").await;
    let sentences = ["Somebody else installed it. He, or a GitHub Admin, can say which Project it belongs to."];
    let title = "This installation is not yours";
    let text = says(&other, "not-yours", title, &sentences).await;
    assert!(!text.contains("acme") && !text.contains("NEW-1"), "{text}");
    other.visit(&format!("{INDEX}?installation_id={id}")).await;
    says(&other, "not-yours", title, &sentences).await;
    other.click("a[href='/app']").await;
    other.holds("location.pathname === '/app'").await;
    other.close().await;
    assert_eq!(stage.value(stored).await, before, "nothing was done");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_13_an_installation_that_cannot_be_read_says_why_and_goes_on_once_that_is_mended() {
    let (stage, sheet) = on_a_project().await;
    install(&stage, &sheet).await;
    // The settings name another App for a while.
    enter_app(&stage.mirror, stage.base(), "another-app").await;
    stage.mirror.erp.clock().advance(TimeDelta::hours(1));
    runner(&stage.mirror).step(Work::Redeliver).await;
    let page = stage.sheet("Administrator").await;
    page.visit(INDEX).await;
    says(
        &page,
        "failed",
        "The installation in acme cannot be read",
        &[
            "another GitHub App now (another-app) than the one that was installed in acme",
            "It is tried again by itself.",
        ],
    )
    .await;
    enter(&stage.mirror, stage.base()).await;
    page.click("#check").await;
    says(
        &page,
        "done",
        "The App is installed in acme",
        &["belongs to the Project NEW-1"],
    )
    .await;
    page.close().await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_13_a_site_that_is_switched_off_uses_nothing_up_and_the_same_address_goes_on() {
    let stage = connecting::stage().await;
    let erp = stage.mirror.erp.erp();
    let set = async |value: &str| erp.set_single("GitHub Settings", "enabled", value).await.expect("set");
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    sheet.press("GitHub", "Connect GitHub").await;
    sheet.dialog("What is never done").await;
    sheet.submit().await;
    let window = sheet.window().await;
    window.holds("document.querySelector('#login') !== null").await;
    set("0").await;
    window.click(AUTHORIZE).await;
    let title = "The GitHub integration is switched off";
    says(
        &window,
        "switched-off",
        title,
        &[
            "The integration is switched off on this site, so that nothing is asked of GitHub: an administrator ticks Enabled in GitHub Settings.",
            "Nothing was done, and nothing is used up.",
            "Once it is switched on, try again, or begin again in the desk.",
        ],
    )
    .await;
    assert_eq!(asked(&stage, "/login/oauth/access_token"), 0);
    window.click("a[href='']").await;
    says(&window, "switched-off", title, &["Try again"]).await;
    set("1").await;
    window.click("a[href='']").await;
    says(
        &window,
        "connected",
        "Your GitHub account is connected",
        &["manager@x.com is mona on GitHub"],
    )
    .await;
    window.close().await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_13_who_may_not_use_the_desk_is_told_so_and_uses_nothing_of_anybodys_up() {
    let stage = connecting::stage().await;
    let sheet = stage.form(MANAGER, "User", MANAGER).await;
    sheet.press("GitHub", "Connect GitHub").await;
    sheet.dialog("What is never done").await;
    sheet.submit().await;
    let window = sheet.window().await;
    window.holds("document.querySelector('#login') !== null").await;
    let page = window.eval("location.href").await;
    window.close().await;
    let website = stage.sheet("website@x.com").await;
    website.visit(page.as_str().expect("an address")).await;
    website.click(AUTHORIZE).await;
    let title = "This is for users of the desk";
    let sentences = ["Ask an administrator for a System User's account."];
    says(&website, "not-for-you", title, &sentences).await;
    let back = website.came_back_by().await;
    website.visit(INDEX).await;
    says(&website, "not-for-you", title, &sentences).await;
    website.close().await;
    assert_eq!(asked(&stage, "/login/oauth/access_token"), 0);
    // Whose way back it is can go on.
    let own = stage.sheet(MANAGER).await;
    own.visit(&back).await;
    own.ours("connected").await;
    own.close().await;
    sheet.close().await;
    stage.finish().await;
}
