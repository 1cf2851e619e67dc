//! The wizard that connects GitHub, by each of the three ways, and the details that it leads to.

use serde_json::json;

use super::chromium::Sheet;
use super::stage::Stage;
use crate::support::github_app::{APP, enter, register};

const ADMIN: &str = "admin@x.com";
const AUTHORIZE: &str = "button[name=authorize][value='1']";
const PASTED: &str = "pasted-word-of-mona";

/// A site with an App that is installed in two organisations of mona's, and in her own account.
pub(super) async fn stage() -> Stage {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        register(&mut world, stage.base());
        world.token(PASTED, "mona");
        for name in ["acme/web", "acme/api", "guild/tool", "mona/notes"] {
            world.repository(name);
        }
        for account in ["acme", "guild", "mona"] {
            world.install(APP, account);
        }
    }
    enter(&stage.mirror, stage.base()).await;
    stage
}

/// Opens the wizard from the list of integrations, and takes a method.
pub(super) async fn open(stage: &Stage, method: &str) -> Sheet {
    let sheet = stage.sheet(ADMIN).await;
    sheet.list("GitHub Integration").await;
    begin(&sheet, method).await;
    sheet
}

pub(super) async fn begin(sheet: &Sheet, method: &str) {
    sheet.press("", "Connect GitHub").await;
    let dialog = sheet.dialog("How should this site prove itself").await;
    let text = dialog["text"].to_string();
    assert!(
        text.contains("service account") && text.contains("no more than it needs"),
        "{text}"
    );
    sheet.click(&format!("input[name=method][value='{method}']")).await;
    sheet.submit().await;
}

/// Connects the caller's own account where the wizard wants that first; it goes on by itself.
pub(super) async fn connect(sheet: &Sheet) {
    sheet.dialog("connect GitHub first").await;
    sheet.click(".github-go").await;
    let window = sheet.window().await;
    window.click(AUTHORIZE).await;
    window.ours("connected").await;
    window.close().await;
    sheet.holds("$('input[name=organization]').length > 0").await;
}

pub(super) async fn choose(sheet: &Sheet, organizations: &[&str]) {
    for login in organizations {
        sheet.click(&format!("input[name=organization][value={login}]")).await;
    }
    sheet.submit().await;
    sheet.dialog("To be connected").await;
}

async fn integrations(stage: &Stage) -> String {
    let sql = "SELECT IFNULL(GROUP_CONCAT(CONCAT_WS(' ', name, auth_type, account_login, IFNULL(connected_user, '-'), service_webhooks, health) \
               ORDER BY name SEPARATOR '; '), '') FROM `tabGitHub Integration`";
    stage.value(sql).await
}

#[tokio::test]
async fn g1_1_3_4_5_several_organizations_through_the_app_and_connected_ones_are_greyed() {
    let stage = stage().await;
    let sheet = open(&stage, "GitHub App").await;
    connect(&sheet).await;
    choose(&sheet, &["acme", "mona"]).await;
    sheet.click("input[name=service][value=webhooks]").await;
    sheet.submit().await;
    sheet.holds("frappe.routes.includes('List/GitHub Integration')").await;
    let made = integrations(&stage).await;
    assert!(
        made.starts_with("acme GitHub App acme - 0 ") && made.contains("; mona GitHub App mona - 0 "),
        "{made}"
    );
    begin(&sheet, "GitHub App").await;
    sheet
        .holds("$('input[name=organization][value=acme]').prop('disabled')")
        .await;
    let text = sheet.dialog("connected already, as acme").await["text"].to_string();
    assert!(text.contains("personal account"), "{text}");
    assert_eq!(
        sheet
            .eval("$('input[name=organization][value=guild]').prop('disabled')")
            .await,
        json!(false)
    );
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g1_6_16_a_missing_organization_is_explained_and_comes_with_a_refresh() {
    let stage = stage().await;
    {
        // The App is there as well, and mona is nobody there.
        let mut world = stage.mirror.github.world();
        world.user("octo");
        world.organization("strangers").owners = vec!["octo".to_owned()];
        world.repository("strangers/tool");
        world.install(APP, "strangers");
    }
    let sheet = open(&stage, "GitHub App").await;
    connect(&sheet).await;
    let html = sheet.eval("$('.github-troubleshooting').html()").await.to_string();
    assert!(html.contains("not an owner"), "{html}");
    // As long as nothing is known, it is one of the things that it may be, folded away; its link leads to where the App is installed.
    assert_eq!(sheet.eval("$('.github-troubleshooting').prop('open')").await, json!(false));
    let install =
        "$('.github-troubleshooting li:contains(The App is not installed there) a').toArray().map((one) => one.href).join()";
    let page = format!("{}/apps/{APP}/installations/new", stage.mirror.github.base_url());
    assert_eq!(sheet.eval(install).await, json!(page));
    let offered = "$('input[name=organization]').toArray().map((one) => one.value).sort().join()";
    assert_eq!(sheet.eval(offered).await, json!("acme,guild,mona"));
    stage.mirror.github.world().install(APP, "late");
    sheet.click("input[name=organization][value=acme]").await;
    sheet.click(".github-refresh").await;
    sheet.holds("$('input[name=organization][value=late]').length === 1").await;
    assert_eq!(
        sheet.eval("$('input[name=organization][value=acme]').prop('checked')").await,
        json!(true)
    );
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g1_8_13_14_a_token_is_tested_named_and_its_repositories_are_followed_and_left() {
    let stage = stage().await;
    let end = "2027-03-21T16:05:06Z".parse().expect("a moment");
    let scopes = ["repo", "read:org", "gist"];
    stage
        .mirror
        .github
        .world()
        .token(PASTED, "mona")
        .with_scopes(&scopes)
        .expiring(end);
    let sheet = open(&stage, "Personal Access Token").await;
    sheet.dialog("Scopes of a classic token").await;
    sheet.eval("$('.github-token').val('no-such-word')").await;
    sheet.click(".github-test").await;
    sheet
        .holds("$('.github-tested').text().includes('does not accept the token')")
        .await;
    sheet.eval(&format!("$('.github-token').val('{PASTED}')")).await;
    sheet.click(".github-test").await;
    sheet
        .holds("$('.github-tested').text().includes('Successfully connected via mona') && $('.github-tested').text().includes('admin:repo_hook')")
        .await;
    let facts = "$('.github-tested .github-facts > span').toArray().map((one) => one.innerText.trim()).join('; ')";
    assert_eq!(
        sheet.eval(facts).await,
        json!("Credential: personal access token (classic); Scopes: repo read:org gist; Ends: 2027-03-21 12:05:06")
    );
    sheet.submit().await;
    sheet.holds("$('input[name=organization]').length > 0").await;
    choose(&sheet, &["acme"]).await;
    sheet.eval("$('.github-name').val('Ours')").await;
    sheet.submit().await;
    sheet.holds("frappe.routes.includes('Form/GitHub Integration/Ours')").await;
    assert_eq!(
        sheet.eval("document.body.innerHTML.includes('pasted-word')").await,
        json!(false)
    );
    sheet.form("GitHub Integration", "Ours").await;
    sheet
        .holds("$('input[name=repository][value=\"acme/web\"]').length === 1")
        .await;
    let waits =
        "$('[data-github-service=webhooks]').text().includes('webhooks begin with the first repository that is followed')";
    sheet.holds(waits).await;
    sheet.click("input[name=repository][value='acme/web']").await;
    sheet.click("[data-github-follow='1']").await;
    sheet.until("1 repositories are followed now").await;
    sheet.holds(&format!("!{waits}")).await;
    let followed = "SELECT CONCAT(enabled, IFNULL(integration, '')) FROM tabRepository WHERE name = 'acme/web'";
    assert_eq!(stage.value(followed).await, "1Ours");
    sheet.holds("$('.github-table').text().includes('followed')").await;
    sheet.click("input[name=repository][value='acme/web']").await;
    sheet.click("[data-github-follow='0']").await;
    sheet.until("are not followed any more").await;
    assert_eq!(stage.value(followed).await, "0");
    sheet.holds("$('.github-deleting').text().includes('can be deleted')").await;
    sheet.eval("$('.github-search').val('API').trigger('input')").await;
    sheet
        .holds("$('input[name=repository]').toArray().map((one) => one.value).join() === 'acme/api'")
        .await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g1_7_11_by_oauth_services_are_switched_on_the_form_and_a_member_is_told() {
    let stage = stage().await;
    stage.mirror.github.world().user("octo");
    {
        let mut world = stage.mirror.github.world();
        let guild = world.organization("guild");
        guild.owners = vec!["octo".to_owned()];
        guild.with_member("mona");
    }
    let sheet = open(&stage, "OAuth").await;
    connect(&sheet).await;
    let text = sheet.dialog("Which organizations").await["text"].to_string();
    assert!(
        text.contains("you are a member, not an owner: all services but webhooks"),
        "{text}"
    );
    let html = sheet.eval("$('.github-troubleshooting').html()").await.to_string();
    assert!(
        html.contains("The App is not installed there") && html.contains("/installations/new") && !html.contains("third-party"),
        "{html}"
    );
    choose(&sheet, &["guild"]).await;
    sheet.eval("$('.github-name').val('By mona')").await;
    sheet.submit().await;
    sheet.holds("frappe.routes.includes('Form/GitHub Integration/By mona')").await;
    assert_eq!(integrations(&stage).await, "By mona OAuth guild admin@x.com 1 attention");
    sheet.form("GitHub Integration", "By mona").await;
    sheet
        .holds("$('.github-health').text().includes('mona is a member of guild')")
        .await;
    sheet
        .holds("$('[data-github-service=webhooks]').hasClass('github-greyed')")
        .await;
    assert!(
        sheet
            .eval("$('.github-health a').attr('href')")
            .await
            .to_string()
            .contains("/orgs/guild/people")
    );
    sheet.set(json!({"service_webhooks": 0, "service_issues": 0})).await;
    sheet.save().await;
    sheet.holds("$('[data-github-service=issues]').text().includes('off')").await;
    sheet.press("", "Check Now").await;
    sheet.holds("$('.github-health').text().includes('Works')").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g1_2_without_an_app_the_wizard_makes_one_and_new_documents_open_it() {
    let stage = Stage::new().await;
    let sheet = stage.form(ADMIN, "GitHub Settings", "GitHub Settings").await;
    sheet.press("Actions", "Connect GitHub").await;
    sheet.dialog("service account").await;
    sheet.submit().await;
    let dialog = sheet.dialog("there is no GitHub App yet").await;
    assert!(dialog["text"].to_string().contains("Create the App on GitHub"), "{dialog}");
    // What the wizard made is told by the form behind it.
    sheet
        .holds("$('.github-app').text().includes('There is no GitHub App')")
        .await;
    let made = "INSERT INTO tabSingles (doctype, field, value) VALUES ('GitHub Settings', 'app_id', '7')";
    stage.mirror.erp.scratch().execute(made).await.expect("set");
    sheet.eval("cur_dialog.hide()").await;
    sheet
        .holds("$('.github-app').text().includes('The App has no private key here')")
        .await;
    sheet.close().await;
    let sheet = stage.form(ADMIN, "GitHub Integration", "new").await;
    sheet.dialog("How should this site prove itself").await;
    sheet.close().await;
    stage.finish().await;
}
