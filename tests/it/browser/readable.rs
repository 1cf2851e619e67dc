//! The pages for the way back, for everybody: with a keyboard alone, read aloud, without scripts; and nothing in them asks another host.

use serde_json::{Value, json};

use super::chromium::Sheet;
use super::installing::{on_a_project, sets_out};
use super::stage::Stage;
use crate::support::github_app::APP;

const ADMIN: &str = "Administrator";
const INDEX: &str = "/integrations/github/";
/// What a screen reader goes by: the language, the title and heads, and controls that have no name.
const LOOK: &str = "(() => { \
    const all = (selector) => [...document.querySelectorAll(selector)]; \
    const name = (one) => [...(one.labels || [])].map((label) => label.innerText).join(' ').trim() || (/^(A|BUTTON)$/.test(one.tagName) ? one.innerText.trim() : ''); \
    const ids = all('[id]').map((one) => one.id); \
    return { language: document.documentElement.lang, title: document.title, heads: all('h1').map((one) => one.innerText), mains: all('main').length, \
        unnamed: all('a, button, select, input').filter((one) => !name(one)).map((one) => one.outerHTML), same_id: ids.length - new Set(ids).size }; })()";

/// The page can be read aloud, and asked nobody but this site.
async fn is_readable(stage: &Stage, sheet: &Sheet, kind: &str) {
    sheet.ours(kind).await;
    let look = sheet.eval(LOOK).await;
    assert!(look["title"].as_str().is_some_and(|title| !title.is_empty()), "{kind} {look}");
    assert_eq!(look["heads"], json!([look["title"]]), "{kind} {look}");
    assert_eq!(
        (&look["language"], &look["mains"], &look["unnamed"], &look["same_id"]),
        (&json!("en"), &json!(1), &json!([]), &json!(0)),
        "{kind} {look}"
    );
    let seen = sheet.seen().await;
    assert_eq!(
        (&seen["hosts"], &seen["errors"]),
        (&json!([stage.base()]), &json!([])),
        "{kind}"
    );
}

/// Where the keyboard is, if it can be seen there.
async fn place(sheet: &Sheet) -> Value {
    sheet
        .eval("(() => { const at = document.activeElement; return getComputedStyle(at).outlineStyle === 'none' ? 'unseen' : at.id || at.name || at.type || at.className; })()")
        .await
}

#[tokio::test]
async fn every_wrong_end_has_a_title_one_head_and_a_way_on_that_the_keyboard_reaches() {
    let stage = super::connecting::stage().await;
    let nobody = Sheet::open(stage.base(), None).await;
    nobody.visit(INDEX).await;
    is_readable(&stage, &nobody, "sign-in").await;
    nobody.key("Tab").await;
    nobody.key("Enter").await;
    nobody.holds("location.pathname === '/login'").await;
    nobody.close().await;
    for (path, kind) in [
        ("callback?code=a&state=b", "state-used"),
        ("setup", "missing-installation"),
        ("setup?setup_action=request", "requested"),
        ("setup?installation_id=4711", "no-such-installation"),
        ("app-created", "state-used"),
        ("elsewhere", "no-such-page"),
        ("", "nothing"),
    ] {
        let sheet = stage.sheet(ADMIN).await;
        sheet.visit(&format!("{INDEX}{path}")).await;
        is_readable(&stage, &sheet, kind).await;
        sheet.key("Tab").await;
        assert_eq!(place(&sheet).await, json!("go"), "{kind}");
        let link = sheet.eval("document.activeElement.pathname").await;
        sheet.key("Enter").await;
        sheet.holds(&format!("location.pathname === {link}")).await;
        sheet.close().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn while_it_waits_the_page_says_so_aloud_and_its_button_keeps_the_keyboard() {
    let (stage, form) = on_a_project().await;
    sets_out(&form).await;
    form.close().await;
    let sheet = stage.sheet(ADMIN).await;
    sheet.visit(INDEX).await;
    is_readable(&stage, &sheet, "waiting").await;
    sheet
        .holds("document.querySelector('#still[role=status]').textContent === 'Still waiting for GitHub.'")
        .await;
    sheet.key("Tab").await;
    assert_eq!(place(&sheet).await, json!("check"));
    sheet.key("Enter").await;
    sheet
        .holds("document.querySelector('#found[role=alert]').textContent.includes('GitHub shows no installation of this App to you')")
        .await;
    sheet
        .holds("document.getElementById('check').getAttribute('aria-disabled') === 'false'")
        .await;
    assert_eq!(place(&sheet).await, json!("check"), "the keyboard is where it was");
    // Without scripts it says what to do, and looks again by itself.
    let plain = Sheet::open_without_scripts(stage.base(), ADMIN).await;
    plain.visit(INDEX).await;
    let (kind, text, refresh) = plain.plain().await;
    assert_eq!((kind.as_str(), refresh.as_str()), ("waiting", "10;url=/integrations/github/"));
    assert!(
        text.contains("it goes on by itself") && text.contains("switch it on, and open this page again"),
        "{text}"
    );
    plain.close().await;
    // His session ends meanwhile.
    stage
        .mirror
        .erp
        .query("DELETE FROM tabSessions WHERE sid = 'Administrator'")
        .await;
    sheet
        .holds("document.querySelector('#still').textContent.includes('sign in, and open this page again')")
        .await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_project_and_repositories_are_chosen_with_the_keyboard_alone() {
    let (stage, form) = on_a_project().await;
    form.close().await;
    stage
        .happens(|world| {
            world.install(APP, "acme").all();
        })
        .await;
    let sheet = stage.sheet(ADMIN).await;
    sheet.visit(INDEX).await;
    is_readable(&stage, &sheet, "choose-project").await;
    sheet.key("Tab").await;
    assert_eq!(place(&sheet).await, json!("project"));
    sheet.key("Home").await;
    for _ in 0..10 {
        if sheet.eval("document.activeElement.value").await == json!("NEW-1") {
            break;
        }
        sheet.key("ArrowDown").await;
    }
    assert_eq!(sheet.eval("document.activeElement.value").await, json!("NEW-1"));
    sheet.key("Tab").await;
    sheet.key("Enter").await;
    sheet.ours("choose-repositories").await;
    is_readable(&stage, &sheet, "choose-repositories").await;
    let legend = sheet.eval("document.querySelector('fieldset legend').innerText").await;
    assert_eq!(legend, json!("Repositories"));
    // Nothing is chosen yet: the page says so, where the keyboard stays.
    sheet.eval("document.querySelector('#picks button').focus()").await;
    sheet.key("Enter").await;
    sheet
        .holds("document.querySelector('#problem[role=alert]').textContent !== ''")
        .await;
    assert_eq!(place(&sheet).await, json!("submit"));
    sheet.key("Shift+Tab").await;
    assert_eq!(place(&sheet).await, json!("repository"));
    sheet.key("Space").await;
    sheet.key("Tab").await;
    sheet.key("Enter").await;
    is_readable(&stage, &sheet, "done").await;
    sheet.close().await;
    let plain = Sheet::open_without_scripts(stage.base(), ADMIN).await;
    plain.visit(INDEX).await;
    let (kind, text, _) = plain.plain().await;
    assert!(kind == "done" && !text.contains("JavaScript"), "{text}");
    plain.close().await;
    let chosen = "SELECT COUNT(*) FROM `tabGitHub Project Repository` WHERE project = 'NEW-1' AND repository LIKE 'acme/%'";
    assert_eq!(stage.value(chosen).await, "1");
    stage
        .happens(|world| {
            world.install(APP, "acme").suspend("mona");
        })
        .await;
    let sheet = stage.sheet(ADMIN).await;
    sheet.visit(INDEX).await;
    is_readable(&stage, &sheet, "suspended").await;
    let id = stage.mirror.github.world().install(APP, "acme").id;
    stage.happens(|world| world.uninstall(id)).await;
    sheet.visit(INDEX).await;
    is_readable(&stage, &sheet, "deleted").await;
    sheet.close().await;
    stage.finish().await;
}
