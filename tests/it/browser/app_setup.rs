//! The GitHub App on the form of GitHub Settings: making it, entering and removing its private key, and how it stands.

use serde_json::{Value, json};

use super::chromium::Sheet;
use super::stage::Stage;
use crate::support::github_app::{APP, enter, register};

const ADMIN: &str = "admin@x.com";
const SETTINGS: &str = "GitHub Settings";

async fn settings(stage: &Stage) -> Sheet {
    stage.form(ADMIN, SETTINGS, SETTINGS).await
}

/// Enters a text as the key and presses the button.
async fn enter_key(sheet: &Sheet, text: &str) {
    sheet.dialog("shown to nobody").await;
    sheet.eval(&format!("$('.github-app-key').val({})", json!(text))).await;
    sheet.submit().await;
}

/// Reads the message, and closes it, so that the dialog behind it is the one in front.
async fn told(sheet: &Sheet, words: &str) {
    sheet.until(words).await;
    sheet.eval("frappe.hide_msgprint()").await;
}

async fn stored(stage: &Stage) -> String {
    let sql = "SELECT CONCAT_WS('|', (SELECT COUNT(*) FROM erpnext_github_app_key), \
               (SELECT COUNT(*) FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'app_key_fingerprint' AND value > ''), \
               (SELECT MAX(value) FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'app_slug'))";
    stage.value(sql).await
}

#[tokio::test]
async fn g3_1_the_private_key_is_entered_in_the_desk_checked_at_once_and_removed() {
    let stage = Stage::new().await;
    let (id, pem, other) = {
        let mut world = stage.mirror.github.world();
        register(&mut world, stage.base());
        world.app("another").key = 1;
        (world.app(APP).id, world.app(APP).pem(), world.app("another").pem())
    };
    let sheet = settings(&stage).await;
    sheet.until("There is no GitHub App").await;
    let erp = stage.mirror.erp.erp();
    erp.set_single(SETTINGS, "app_id", &id.to_string()).await.expect("set");
    sheet.form(SETTINGS, SETTINGS).await;
    sheet.press("GitHub App", "Private Key").await;
    enter_key(&sheet, "").await;
    told(&sheet, "Paste the key, or choose its file").await;
    for (text, why) in [
        (
            "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
            "it is a public key",
        ),
        ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB jane@x.com", "it is a public key"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----",
            "it is protected by a password",
        ),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----",
            "it is in the form of OpenSSH",
        ),
        ("nonsense", "it is no key in PEM form"),
        (other.as_str(), "GitHub does not accept this key for the App"),
    ] {
        enter_key(&sheet, text).await;
        told(&sheet, why).await;
        assert!(stored(&stage).await.starts_with("0|0"), "{why}: nothing is kept");
    }
    // The file that GitHub gave, as it is picked.
    let pick = format!(
        "(() => {{ const files = new DataTransfer(); files.items.add(new File([{}], 'app.pem')); \
         const input = $('.github-app-key-file').get(0); input.files = files.files; $(input).trigger('change'); }})()",
        json!(pem)
    );
    sheet.eval(&pick).await;
    sheet
        .holds("String($('.github-app-key').val()).includes('BEGIN RSA PRIVATE KEY')")
        .await;
    sheet.submit().await;
    told(&sheet, "GitHub accepts it for the App erp-of-acme").await;
    assert_eq!(stored(&stage).await, format!("1|1|{APP}"));
    sheet.until("erp-of-acme is not installed anywhere yet").await;
    let page = sheet.eval("document.documentElement.innerHTML").await.to_string();
    let line = pem.lines().nth(1).unwrap_or_default();
    assert!(!page.contains(line), "the key is nowhere on the page any more");
    sheet.form(SETTINGS, SETTINGS).await;
    sheet.press("GitHub App", "Remove Private Key").await;
    sheet.dialog("Forget the private key?").await;
    sheet.submit().await;
    sheet.until("The key is removed.").await;
    sheet.until("The App has no private key here").await;
    assert!(stored(&stage).await.starts_with("0|0"));
    sheet.forget_problems().await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_1_a_key_that_github_cannot_be_asked_about_is_kept_and_said() {
    let stage = Stage::new().await;
    let pem = {
        let mut world = stage.mirror.github.world();
        register(&mut world, stage.base());
        world.app(APP).pem()
    };
    let sheet = settings(&stage).await;
    sheet.press("GitHub App", "Private Key").await;
    enter_key(&sheet, &pem).await;
    told(&sheet, "the settings name no App yet").await;
    sheet.until("Enter App ID, or App Client ID").await;
    assert!(stored(&stage).await.starts_with("1|1"));
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_1_an_app_is_made_from_the_settings_in_two_clicks() {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single(SETTINGS, "public_url", stage.base()).await.expect("set");
    let sheet = settings(&stage).await;
    sheet.press("GitHub App", "Create GitHub App").await;
    let dialog = sheet.dialog("GitHub opens in a window of its own").await;
    assert!(
        !dialog["text"].to_string().contains("There is an App here already"),
        "{dialog}"
    );
    sheet.submit().await;
    let window = sheet.window().await;
    window.click("#create").await;
    window.ours("app-made").await;
    window.close().await;
    sheet.form(SETTINGS, SETTINGS).await;
    sheet.until("is not installed anywhere yet").await;
    let link = sheet
        .eval("$('.github-app a:contains(Install)').attr('href')")
        .await
        .to_string();
    assert!(link.contains("/apps/") && link.contains("/installations/new"), "{link}");
    let page = sheet
        .eval("$('.github-app a:contains(Settings)').attr('href')")
        .await
        .to_string();
    assert!(page.contains("/settings/apps/"), "{page}");
    // A second one says that it takes the place of the first.
    sheet.press("GitHub App", "Create GitHub App").await;
    sheet.dialog("There is an App here already").await;
    sheet.dismiss().await;
    // Where the browser opens no window, the person is told how.
    sheet.eval("window.blocks_windows = true").await;
    sheet.press("GitHub App", "Create GitHub App").await;
    sheet.dialog("GitHub opens in a window of its own").await;
    sheet.submit().await;
    sheet.dialog("Your browser did not let this page open a window").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_7_8_the_form_says_where_the_app_is_installed_and_what_each_account_lacks() {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        register(&mut world, stage.base());
        world.install(APP, "acme");
        world.install(APP, "guild").without("issues");
        world.install(APP, "late").suspend("mona");
    }
    enter(&stage.mirror, stage.base()).await;
    let sheet = settings(&stage).await;
    sheet.until("erp-of-acme is installed in 3 accounts").await;
    let row = async |account: &str| -> String {
        let row = format!("$('.github-app tr').filter((_, row) => row.innerText.includes('{account}')).text()");
        sheet.eval(&row).await.as_str().unwrap_or_default().to_owned()
    };
    assert!(row("acme").await.contains("active"));
    let guild = row("guild").await;
    assert!(
        guild.contains("permissions wait")
            && guild.contains("opening and assigning issues needs the repository permission Issues"),
        "{guild}"
    );
    assert!(row("late").await.contains("suspended"));
    // What the App itself does not ask for is told once, with the page on which that is changed.
    let overview = sheet.said().await["overview"].to_string();
    assert!(
        overview.contains("The App does not ask for all that is used here"),
        "{overview}"
    );
    assert_eq!(
        overview.matches("needs the repository permission Deployments").count(),
        1,
        "{overview}"
    );
    let page = sheet.eval("$('.github-app a:contains(permissions)').attr('href')").await;
    assert!(page.to_string().contains("/permissions"), "{page}");
    // An App that GitHub does not know any more.
    stage.mirror.github.world().apps.clear();
    sheet.form(SETTINGS, SETTINGS).await;
    sheet.until("GitHub does not know the GitHub App by this id and key").await;
    assert_ne!(sheet.value("app_key_fingerprint").await, Value::Null);
    sheet.close().await;
    stage.finish().await;
}
