//! The installations that somebody sees on GitHub, beside a Project.

use serde_json::json;

use super::chromium::Sheet;
use super::connecting::{connect, stage};
use super::stage::Stage;
use crate::support::github_app::APP;

/// GitHub shows the App in two accounts, of which one suspended it.
fn installed(stage: &Stage) {
    let mut world = stage.mirror.github.world();
    world.repository("acme/api");
    world.repository("globex/shop");
    let now = stage.mirror.site().clock().now();
    for (account, suspended_at) in [("acme", None), ("globex", Some(now))] {
        world.install(APP, account).suspended = suspended_at.map(|at| (at, account.to_owned()));
    }
}

async fn text(sheet: &Sheet) -> String {
    sheet.eval("$('.modal.show').text()").await.to_string()
}

#[tokio::test]
async fn g0_14_a_project_lists_all_installations_of_the_person_and_repositories_are_chosen_there() {
    let stage = stage().await;
    let erp = stage.mirror.erp.erp();
    erp.add_project("NEW-1", "A new one").await.expect("a project");
    erp.set("Project", "NEW-1", "owner", "manager@x.com").await.expect("set");
    installed(&stage);
    let sheet = stage.form("manager@x.com", "Project", "NEW-1").await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    // The form hears of it and goes on by itself.
    sheet
        .holds("document.body.textContent.includes('GitHub Installations')")
        .await;
    sheet.press("GitHub", "GitHub Installations").await;
    sheet.dialog("GitHub Installations for NEW-1").await;
    sheet.holds("$('.modal.show table tbody tr').length === 2").await;
    let listed = text(&sheet).await;
    for word in [
        "acme",
        "globex",
        "organization",
        "Not Connected",
        "Suspended",
        "an owner of the account suspended the App",
        "Install in Another Account",
    ] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
    assert_eq!(
        sheet
            .eval("[...document.querySelectorAll('.modal.show img')].every((one) => one.src.startsWith('https://') && one.referrerPolicy === 'no-referrer')")
            .await,
        json!(true)
    );
    let mends = "Boolean([...document.querySelectorAll('.modal.show td a')].find((one) => one.textContent === 'Mend it on GitHub' && one.rel.includes('noopener')))";
    assert_eq!(sheet.eval(mends).await, json!(true));
    // One that is suspended offers nothing to choose.
    assert_eq!(
        sheet
            .eval("document.querySelectorAll('.modal.show button[data-act=choose]').length")
            .await,
        json!(1)
    );
    sheet
        .eval("document.querySelector('.modal.show button[data-act=choose]').click()")
        .await;
    sheet.dialog("Repositories in acme").await;
    sheet.holds("$('.modal.show input[name=repository]').length === 2").await;
    sheet
        .eval("document.querySelector('.modal.show input[value=\"acme/web\"]').click()")
        .await;
    sheet.submit().await;
    sheet.until("acme/web: connected with this project.").await;
    let row = "SELECT CONCAT_WS('|', c.project, c.repository, c.connected_by, r.enabled) FROM `tabGitHub Project Repository` c \
               JOIN tabRepository r ON r.name = c.repository WHERE c.project = 'NEW-1'";
    assert_eq!(stage.value(row).await, "NEW-1|acme/web|manager@x.com|1");
    sheet.holds("$('.modal.show').text().includes('Connected')").await;
    sheet.close().await;
    // Who does not lead the Project has no such button.
    let sheet = stage.form("pusher@x.com", "Project", "NEW-1").await;
    sheet.holds("window.cur_frm.github_turn > 0").await;
    let buttons = sheet.buttons("GitHub").await;
    assert!(!buttons.contains(&"GitHub Installations".to_owned()), "{buttons:?}");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_long_list_of_repositories_is_cut_with_a_hint_and_another_one_is_named() {
    let stage = stage().await;
    let erp = stage.mirror.erp.erp();
    erp.add_project("NEW-1", "A new one").await.expect("a project");
    erp.set("Project", "NEW-1", "owner", "manager@x.com").await.expect("set");
    {
        let mut world = stage.mirror.github.world();
        for number in 0..510 {
            world.repository(&format!("acme/r{number:03}"));
        }
    }
    installed(&stage);
    let sheet = stage.form("manager@x.com", "Project", "NEW-1").await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    // The form hears of it and goes on by itself.
    sheet
        .holds("document.body.textContent.includes('GitHub Installations')")
        .await;
    sheet.press("GitHub", "GitHub Installations").await;
    sheet.dialog("GitHub Installations for NEW-1").await;
    sheet.holds("$('.modal.show button[data-act=choose]').length === 1").await;
    sheet
        .eval("document.querySelector('.modal.show button[data-act=choose]').click()")
        .await;
    sheet.dialog("Repositories in acme").await;
    sheet
        .holds("$('.modal.show').text().includes('GitHub has more than 500')")
        .await;
    let last = sheet
        .eval(
            "[...document.querySelectorAll('.modal.show input[name=repository]')].map((one) => one.value).includes('acme/r509')",
        )
        .await;
    assert_eq!(last, json!(false), "it is beyond the cut");
    sheet.fill(json!({"other": "acme/r509"})).await;
    sheet.submit().await;
    sheet.until("acme/r509: connected with this project.").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_14_the_list_leads_to_another_account_in_a_window_of_its_own_and_shows_it_afterwards() {
    let stage = stage().await;
    let erp = stage.mirror.erp.erp();
    erp.add_project("NEW-1", "A new one").await.expect("a project");
    erp.set("Project", "NEW-1", "owner", "manager@x.com").await.expect("set");
    {
        let mut world = stage.mirror.github.world();
        world.repository("globex/shop");
        world.install(APP, "globex");
    }
    let sheet = stage.form("manager@x.com", "Project", "NEW-1").await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    sheet
        .holds("document.body.textContent.includes('GitHub Installations')")
        .await;
    sheet.press("GitHub", "GitHub Installations").await;
    sheet.dialog("GitHub Installations for NEW-1").await;
    sheet.holds("$('.modal.show table tbody tr').length === 1").await;
    assert!(!text(&sheet).await.contains("acme"));
    sheet.press_in_dialog("Install in Another Account").await;
    let window = sheet.window().await;
    window.holds("document.querySelector('#install') !== null").await;
    let page = window.eval("[location.origin, location.pathname, window.opener]").await;
    let path = format!("/apps/{APP}/installations/new");
    assert_eq!(
        page,
        json!([stage.mirror.github.base_url().trim_end_matches('/'), path, null])
    );
    // From there it goes on as from the Project's own button.
    let before = stage.mirror.github.world().clone();
    window.click("input[name=account][value=acme]").await;
    window.click("input[name=selection][value=selected]").await;
    let web = stage.mirror.github.world().repository("acme/web").id;
    window.click(&format!("input[name=repository][value='{web}']")).await;
    window.click("#install").await;
    stage.tell(&before).await;
    let (told, _) = window.ours("done").await;
    assert!(told.contains("belongs to the Project NEW-1"), "{told}");
    window.close().await;
    sheet.holds("$('.modal.show table tbody tr').length === 2").await;
    let of_acme = "$('.modal.show table tbody tr').filter((_, row) => row.innerText.includes('acme')).text()";
    sheet
        .holds(&format!("/Connected/.test({of_acme}) && !/Not Connected/.test({of_acme})"))
        .await;
    sheet.holds("cur_frm.doc.repository === 'acme/web'").await;
    sheet.close().await;
    stage.finish().await;
}
