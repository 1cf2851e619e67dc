//! Installing the App, by what GitHub says with the way back (`setup_action`), until the Project has its repositories; and the page while it waits.

use erpnext_github::sim::github::{Collaborator, Permission};

use super::chromium::Sheet;
use super::connecting::{connect, stage};
use super::stage::Stage;
use crate::support::github_app::{APP, not_listed_yet};

const ADMIN: &str = "Administrator";

/// Somebody who is connected, on the form of a new Project that he leads.
pub(super) async fn on_a_project() -> (Stage, Sheet) {
    let stage = stage().await;
    let erp = stage.mirror.erp.erp();
    erp.add_project("NEW-1", "A new one").await.expect("a project");
    {
        let mut world = stage.mirror.github.world();
        world.repository("acme/api");
        // Links lead to where the fake is.
        stage.mirror.github.base_url().clone_into(&mut world.web_url);
    }
    let sheet = stage.form(ADMIN, "Project", "NEW-1").await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    sheet
        .holds("document.body.textContent.includes('Add GitHub Integration')")
        .await;
    (stage, sheet)
}

/// He sets out from the Project, and closes GitHub's window.
pub(super) async fn sets_out(sheet: &Sheet) {
    sheet.press("GitHub", "Add GitHub Integration").await;
    let window = sheet.window().await;
    window.holds("document.querySelector('#install') !== null").await;
    window.close().await;
}

async fn repositories(stage: &Stage) -> String {
    let sql = "SELECT IFNULL(GROUP_CONCAT(repository ORDER BY repository), '') FROM `tabGitHub Project Repository` WHERE project = 'NEW-1'";
    stage.value(sql).await
}

/// Puts a repository into an installation on GitHub's own page, or takes it out, until GitHub sends back to ours.
async fn picks(stage: &Stage, page: &str, repository: u64) {
    let window = stage.sheet(ADMIN).await;
    window.visit(page).await;
    window.click(&format!("input[name=repository][value='{repository}']")).await;
    window.click("#update").await;
    let (text, url) = window.ours("done").await;
    assert!(text.contains("acme") && url.contains("setup_action=update"), "{text} {url}");
    window.close().await;
}

#[tokio::test]
async fn a_page_that_waits_can_be_opened_anew_says_that_it_waits_and_goes_on() {
    let (stage, sheet) = on_a_project().await;
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
    window
        .holds("document.querySelector('[role=status]').textContent === 'Still waiting for GitHub.'")
        .await;
    // F5: the state is used up, and the page knows all the same which one it waits for.
    window.eval("location.reload()").await;
    window.holds("document.readyState === 'complete'").await;
    let (_, url) = window.ours("waiting").await;
    assert!(url.contains("installation_id=") && !url.contains("state="), "{url}");
    stage.tell(&before).await;
    let (text, _) = window.ours("done").await;
    assert!(text.contains("belongs to the Project NEW-1"), "{text}");
    window.click("a.go").await;
    window.holds("location.pathname.startsWith('/app/project/NEW')").await;
    window.close().await;
    assert_eq!(repositories(&stage).await, "acme/web");
    // What is changed on GitHub's own page is there as well (`setup_action=update`).
    let before = stage.mirror.github.world().clone();
    let (page, api) = {
        let mut world = stage.mirror.github.world();
        (world.install(APP, "acme").id, world.repository("acme/api").id)
    };
    let page = format!(
        "{}/organizations/acme/settings/installations/{page}",
        stage.mirror.github.base_url()
    );
    picks(&stage, &page, api).await;
    stage.tell(&before).await;
    assert_eq!(repositories(&stage).await, "acme/api,acme/web");
    sheet.form("Project", "NEW-1").await;
    sheet.until("acme/api").await;
    // What is taken out there again is gone here.
    let before = stage.mirror.github.world().clone();
    picks(&stage, &page, api).await;
    stage.tell(&before).await;
    assert_eq!(repositories(&stage).await, "acme/web");
    sheet.form("Project", "NEW-1").await;
    let overview = sheet.said().await["overview"].to_string();
    assert!(overview.contains("acme/web") && !overview.contains("acme/api"), "{overview}");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn an_owner_who_was_asked_agrees_and_the_project_shows_it() {
    let (stage, sheet) = on_a_project().await;
    {
        let mut world = stage.mirror.github.world();
        world.user("boss");
        let guild = world.organization("guild");
        guild.owners = vec!["boss".to_owned()];
        guild.with_member("mona");
        world
            .repository("guild/tool")
            .with_member(Collaborator::new("mona", Permission::Admin));
    }
    sheet.press("GitHub", "Add GitHub Integration").await;
    let window = sheet.window().await;
    window.click("input[name=account][value=guild]").await;
    window.click("#install").await;
    let (text, _) = window.ours("requested").await;
    assert!(text.contains("An owner of the organisation was asked"), "{text}");
    window.eval("location.reload()").await;
    window.holds("document.readyState === 'complete'").await;
    window.ours("requested").await;
    window.close().await;
    // Meanwhile the Project says that it is waited for.
    sheet.press("GitHub", "GitHub Installations").await;
    sheet.dialog("GitHub has not told of an installation that you began").await;
    sheet.dismiss().await;
    stage
        .happens(|world| {
            let tool = world.repository("guild/tool").id;
            world.install(APP, "guild").only([tool]).requested_by("mona");
        })
        .await;
    sheet.form("Project", "NEW-1").await;
    sheet.holds("cur_frm.doc.repository === 'guild/tool'").await;
    assert_eq!(repositories(&stage).await, "guild/tool");
    let look = stage.sheet(ADMIN).await;
    look.visit("/integrations/github/").await;
    look.ours("done").await;
    look.close().await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn what_an_unknown_account_installed_is_somebodys_once_he_connects_from_the_page() {
    let stage = stage().await;
    let erp = stage.mirror.erp.erp();
    erp.add_project("NEW-1", "A new one").await.expect("a project");
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    let id = stage.value("SELECT installation_id FROM `tabGitHub App Installation`").await;
    let name = stage.value("SELECT name FROM `tabGitHub App Installation`").await;
    let form = stage.form(ADMIN, "GitHub App Installation", &name).await;
    form.until("Nobody here is the account that installed it").await;
    form.close().await;
    let sheet = stage.sheet(ADMIN).await;
    sheet.visit(&format!("/integrations/github/?installation_id={id}")).await;
    sheet.ours("unmatched").await;
    sheet.click("a.go").await;
    sheet
        .holds("window.started && cur_frm.doctype === 'User' && cur_frm.docname === 'Administrator'")
        .await;
    let window = connect(&sheet).await;
    window.ours("connected").await;
    window.visit("/integrations/github/").await;
    window.ours("waiting").await;
    window.click("#check").await;
    window.ours("choose-project").await;
    window.choose("select[name=project]", "NEW-1").await;
    window.click("#choice button").await;
    window.ours("done").await;
    window.close().await;
    assert_eq!(repositories(&stage).await, "acme/web");
    sheet.close().await;
    stage.finish().await;
}
