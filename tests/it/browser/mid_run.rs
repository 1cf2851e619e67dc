//! What proves who asks ends in the middle of a sync that somebody pressed: what he sees then, and the buttons that mend it, until it works.

use chrono::TimeDelta;
use erpnext_github::app::settings;
use erpnext_github::sim::github::{Effect, Fault, World};
use secrecy::SecretString;

use super::connecting;
use super::lending::{check, follow, lent, sync};
use super::stage::Stage;
use super::wizard;
use crate::support::github_app::APP;
use crate::support::mirror::TOKEN;

const ADMIN: &str = "admin@x.com";
const TOKENS: &str = "/login/oauth/access_token";
const SETTINGS: &str = "GitHub Settings";

/// Has something happen when the issues of `repository` are asked for the next time.
fn in_the_middle(stage: &Stage, repository: &str, story: impl Fn(&mut World) + Send + Sync + 'static) {
    let fault = Fault::happens(&format!("/repos/{repository}/issues"), story);
    stage.mirror.github.world().faults.push(fault);
}

/// Ends the tokens of people, and leaves what they are renewed with.
fn end_access(world: &mut World) {
    world.tokens.retain(|token| !token.secret.starts_with("ghu_"));
}

fn exchanges(stage: &Stage) -> usize {
    let requests = stage.mirror.github.requests();
    requests.iter().filter(|one| one.path == TOKENS).count()
}

#[tokio::test]
async fn a_persons_token_that_ends_in_mid_run_is_renewed_unnoticed_and_one_that_gets_lost_is_connected_anew() {
    let (stage, sheet) = lent().await;
    let before = exchanges(&stage);
    in_the_middle(&stage, "acme/web", end_access);
    sync(&stage, &sheet, "acme/web is synced").await;
    assert_eq!(exchanges(&stage), before + 1, "renewed once");
    sheet.form("Repository", "acme/web").await;
    assert!(!sheet.said().await["overview"].to_string().contains("The last sync"));
    // GitHub's answer with the new tokens gets lost.
    in_the_middle(&stage, "acme/web", end_access);
    let lost = Fault::on(TOKENS, Effect::Lost);
    stage.mirror.github.world().faults.push(lost);
    sync(&stage, &sheet, "connect GitHub again").await;
    sheet.form("Repository", "acme/web").await;
    sheet.until("The last sync: Failed").await;
    sheet.until("GitHub's last answer got lost").await;
    check(&sheet, "By mona", "Failing").await;
    sheet
        .holds("$('.github-health').text().includes('connect GitHub again')")
        .await;
    sheet
        .holds("$('.github-table').text().includes('connect GitHub again')")
        .await;
    // What mends it: Connect GitHub on his User.
    sheet.form("User", ADMIN).await;
    sheet.until("GitHub's last answer got lost").await;
    let window = connecting::connect(&sheet).await;
    window.ours("connected").await;
    window.close().await;
    check(&sheet, "By mona", "Works").await;
    sync(&stage, &sheet, "acme/web is synced").await;
    sheet.form("Repository", "acme/web").await;
    assert!(!sheet.said().await["overview"].to_string().contains("The last sync"));
    sheet.close().await;
    stage.finish_with_errors(1).await;
}

#[tokio::test]
async fn a_site_whose_token_ends_in_mid_run_says_so_on_the_form_and_works_with_a_new_one() {
    let stage = Stage::new().await;
    let sheet = stage.form("pusher@x.com", "Repository", "octo/web").await;
    in_the_middle(&stage, "octo/web", |world| world.tokens.retain(|token| token.secret != TOKEN));
    stage.mirror.erp.clock().advance(TimeDelta::minutes(1));
    sheet.press("GitHub", "Sync Repository Data").await;
    sheet.until("does not accept the token").await;
    sheet.form("Repository", "octo/web").await;
    sheet.until("The last sync: Failed").await;
    sheet.until("does not accept the token").await;
    let settings_form = stage.form(ADMIN, SETTINGS, SETTINGS).await;
    settings_form.press("Actions", "Test Connection").await;
    settings_form.dialog("does not accept the token").await;
    settings_form.dismiss().await;
    // A new one is entered in the form's field.
    stage.mirror.github.world().token("a-new-token", "octo");
    let new = SecretString::from("a-new-token");
    let set = settings::set(stage.mirror.app(), stage.mirror.site(), "personal_access_token", &new, ADMIN).await;
    set.expect("stored");
    settings_form.press("Actions", "Test Connection").await;
    settings_form.dialog("Successfully connected via octo").await;
    settings_form.close().await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(1));
    sheet.press("GitHub", "Sync Repository Data").await;
    sheet.until("octo/web is synced").await;
    sheet.form("Repository", "octo/web").await;
    assert!(!sheet.said().await["overview"].to_string().contains("The last sync"));
    sheet.close().await;
    stage.finish_with_errors(1).await;
}

#[tokio::test]
async fn an_app_that_is_uninstalled_in_mid_sync_is_installed_again_by_the_link_on_the_form() {
    let stage = wizard::stage().await;
    {
        let mut world = stage.mirror.github.world();
        let wanted = [
            ("metadata", "read"),
            ("contents", "read"),
            ("issues", "write"),
            ("pull_requests", "write"),
        ];
        world.app(APP).asking_for(&wanted);
        let id = world.install(APP, "acme").id;
        world.accept_permissions(id);
    }
    let sheet = wizard::open(&stage, "GitHub App").await;
    wizard::connect(&sheet).await;
    wizard::choose(&sheet, &["acme"]).await;
    sheet.submit().await;
    sheet.holds("frappe.routes.includes('Form/GitHub Integration/acme')").await;
    follow(&sheet, "acme").await;
    sync(&stage, &sheet, "acme/web is synced").await;
    let before = stage.mirror.github.world().clone();
    let id = stage.mirror.github.world().install(APP, "acme").id;
    in_the_middle(&stage, "acme/web", move |world| world.uninstall(id));
    sync(&stage, &sheet, "install").await;
    stage.tell(&before).await;
    sheet.form("Repository", "acme/web").await;
    sheet.until("The last sync: Failed").await;
    check(&sheet, "acme", "is not installed in acme any more").await;
    // The link on the form leads to GitHub's page, and that back to ours.
    let before = stage.mirror.github.world().clone();
    sheet.click(".github-health a").await;
    let window = sheet.window().await;
    window.click("input[name=account][value=acme]").await;
    window.click("#install").await;
    window.ours("waiting").await;
    stage.tell(&before).await;
    let (text, _) = window.ours("choose-project").await;
    assert!(text.contains("The App is installed in acme"), "{text}");
    window.close().await;
    check(&sheet, "acme", "Works").await;
    sync(&stage, &sheet, "acme/web is synced").await;
    sheet.form("Repository", "acme/web").await;
    assert!(!sheet.said().await["overview"].to_string().contains("The last sync"));
    sheet.close().await;
    stage.finish_with_errors(1).await;
}
