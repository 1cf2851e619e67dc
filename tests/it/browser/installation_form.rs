//! The form of a GitHub App Installation: how it stands, the page that mends it, and that Check Again finds it mended.

use chrono::TimeDelta;
use erpnext_github::sim::github::Fault;

use super::chromium::Sheet;
use super::installing::{on_a_project, sets_out};
use super::stage::Stage;
use crate::support::github_app::APP;

const DOCTYPE: &str = "GitHub App Installation";

async fn name(stage: &Stage) -> String {
    let sql = "SELECT name FROM `tabGitHub App Installation` ORDER BY creation DESC, name LIMIT 1";
    stage.value(sql).await
}

/// Follows the link that mends it, in the window that it opens.
async fn mend(sheet: &Sheet, button: &str) {
    sheet.click(".github-overview a:text('Mend it on GitHub')").await;
    let window = sheet.window().await;
    window.click(button).await;
    window.holds("document.readyState === 'complete'").await;
    window.close().await;
}

async fn check(sheet: &Sheet, then: &str) {
    sheet.press("", "Check Again").await;
    sheet.until(then).await;
}

#[tokio::test]
async fn g0_12_each_state_is_said_with_the_page_that_mends_it_and_check_again_finds_it_mended() {
    let (stage, sheet) = on_a_project().await;
    // He set out, and closed GitHub's window.
    sets_out(&sheet).await;
    sheet.form(DOCTYPE, &name(&stage).await).await;
    sheet
        .until("GitHub has not told of it. Press Check Again to ask GitHub.")
        .await;
    assert_eq!(sheet.buttons("").await, ["Check Again"]);
    check(&sheet, "GitHub shows no installation of this App to you that is new here").await;
    sheet.dismiss().await;
    // He installs it, and GitHub's word is lost.
    {
        let mut world = stage.mirror.github.world();
        world.organization("acme").owners.push("mona".to_owned());
        let web = world.repository("acme/web").id;
        world.install(APP, "acme").only([web]);
    }
    check(&sheet, "The installation in acme was read.").await;
    sheet.until("Works").await;
    assert_eq!(sheet.buttons("").await, ["Check Again", "Open on GitHub"]);
    sheet.press("", "Open on GitHub").await;
    sheet
        .holds("window.opened.at(-1).endsWith(`/organizations/acme/settings/installations/${cur_frm.doc.installation_id}`)")
        .await;
    let main = "SELECT IFNULL(repository, '') FROM tabProject WHERE name = 'NEW-1'";
    assert_eq!(stage.value(main).await, "acme/web");
    // An owner suspends it, and ends that. The open form shows it by itself.
    stage.mirror.erp.clock().advance(TimeDelta::minutes(1));
    stage
        .happens(|world| {
            world.install(APP, "acme").suspend("mona");
        })
        .await;
    sheet
        .until("Nothing is read or written until an owner of acme ends that.")
        .await;
    mend(&sheet, "#unsuspend").await;
    check(&sheet, "Works").await;
    // The App asks for more, and an owner accepts it.
    {
        let mut world = stage.mirror.github.world();
        let app = world.app(APP);
        app.permissions.insert("pull_requests".to_owned(), "write".to_owned());
    }
    check(&sheet, "The App asks for more than was granted").await;
    mend(&sheet, "#accept").await;
    check(&sheet, "Works").await;
    // GitHub refuses once.
    stage
        .mirror
        .github
        .world()
        .faults
        .push(Fault::status("/app/installations/*", 403));
    check(&sheet, "It is tried again by itself.").await;
    sheet.until("Cannot Be Read").await;
    check(&sheet, "Works").await;
    // Whose it is does not lead its Project.
    let erp = stage.mirror.erp.erp();
    erp.set(DOCTYPE, &name(&stage).await, "owner", "desk@x.com")
        .await
        .expect("set");
    check(&sheet, "Works in Part").await;
    sheet.until("desk@x.com does not lead the Project NEW-1").await;
    assert_eq!(sheet.value("originating_project").await, "NEW-1");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_12_one_that_was_uninstalled_is_installed_again_from_its_form() {
    let (stage, sheet) = on_a_project().await;
    sets_out(&sheet).await;
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    sheet.holds("cur_frm.doc.repository === 'acme/web'").await;
    let gone = name(&stage).await;
    let id = stage.mirror.github.world().install(APP, "acme").id;
    stage.happens(|world| world.uninstall(id)).await;
    sheet.form(DOCTYPE, &gone).await;
    sheet
        .until("The App is not installed in acme any more. What is here stays.")
        .await;
    assert_eq!(sheet.buttons("").await, ["Install Again"]);
    let followed = "SELECT enabled FROM tabRepository WHERE name = 'acme/web'";
    assert_eq!(stage.value(followed).await, "0");
    stage.mirror.erp.clock().advance(TimeDelta::minutes(1));
    let before = stage.mirror.github.world().clone();
    sheet.press("", "Install Again").await;
    let window = sheet.window().await;
    window.click("input[name=account][value=acme]").await;
    window.click("input[name=selection][value=selected]").await;
    let web = stage.mirror.github.world().repository("acme/web").id;
    window.click(&format!("input[name=repository][value='{web}']")).await;
    window.click("#install").await;
    stage.tell(&before).await;
    let (text, _) = window.ours("done").await;
    assert!(text.contains("belongs to the Project NEW-1"), "{text}");
    window.close().await;
    assert_eq!(stage.value(followed).await, "1");
    sheet.form("Project", "NEW-1").await;
    sheet.holds("cur_frm.doc.repository === 'acme/web'").await;
    sheet.form(DOCTYPE, &name(&stage).await).await;
    sheet.until("Works").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_8_what_waits_for_a_project_is_used_for_this_one() {
    let (stage, sheet) = on_a_project().await;
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    sheet.form(DOCTYPE, &name(&stage).await).await;
    sheet.until("Nobody has chosen a Project for it yet.").await;
    sheet.click(".github-overview a:text('Choose a Project')").await;
    let (text, _) = sheet.ours("choose-project").await;
    assert!(text.contains("The App is installed in acme"), "{text}");
    sheet.form("Project", "NEW-1").await;
    sheet.press("GitHub", "GitHub Installations").await;
    sheet.dialog("Waits for a Project").await;
    sheet.press_in_dialog("Use for This Project").await;
    sheet.until("The installation in acme belongs to this project.").await;
    sheet.holds("cur_frm.doc.repository === 'acme/web'").await;
    sheet
        .holds("!$('.modal.show').text().includes('Use for This Project') && $('.modal.show').text().includes('Connected')")
        .await;
    sheet.form(DOCTYPE, &name(&stage).await).await;
    sheet.until("Works").await;
    sheet.close().await;
    stage.finish().await;
}

/// Its row was deleted, and the schedule made one that is nobody's.
async fn give_up(stage: &Stage) {
    let sql = "UPDATE `tabGitHub App Installation` SET processing = 'unmatched_user', sender_login = NULL, sender_id = NULL";
    stage.mirror.erp.scratch().execute(sql).await.expect("given up");
}

#[tokio::test]
async fn g0_13_what_was_given_up_is_had_by_check_again_on_its_form_and_in_the_list_of_a_project() {
    let (stage, sheet) = on_a_project().await;
    stage
        .happens(|world| {
            world.organization("acme").owners.push("mona".to_owned());
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    give_up(&stage).await;
    let before = name(&stage).await;
    sheet.form(DOCTYPE, &before).await;
    sheet
        .until("whoever installed it, or is an owner of acme, presses Check Again.")
        .await;
    check(&sheet, "The installation in acme was read.").await;
    let now = name(&stage).await;
    assert_ne!(now, before);
    sheet.holds(&format!("frappe.routes.includes('Form/{DOCTYPE}/{now}')")).await;
    sheet.form(DOCTYPE, &now).await;
    sheet.until("Nobody has chosen a Project for it yet.").await;
    give_up(&stage).await;
    sheet.form("Project", "NEW-1").await;
    sheet.press("GitHub", "GitHub Installations").await;
    sheet.dialog("Nobody's Yet").await;
    sheet.press_in_dialog("Check Again").await;
    sheet.until("The installation in acme was read.").await;
    sheet.holds("$('.modal.show').text().includes('Waits for a Project')").await;
    sheet.close().await;
    stage.finish().await;
}
