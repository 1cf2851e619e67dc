//! What the GitHub App may not do in an account: its buttons are greyed, and say why.

use serde_json::json;

use super::stage::Stage;

const GREYED: &str = "[...document.querySelectorAll('.github-greyed')].map((one) => one.textContent.trim()).sort()";
const PAGE: &str = "https://github.com/settings/installations/77";

#[tokio::test]
async fn g3_7_what_the_app_may_not_do_is_greyed_with_the_reason_and_the_page_that_mends_it() {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    let owner = stage
        .value("SELECT owner_id FROM tabRepository WHERE name = 'octo/web'")
        .await;
    erp.set_single("GitHub Settings", "auth_type", "GitHub App")
        .await
        .expect("set");
    let granted = [
        ("installation_id", "77"),
        ("account_login", "octo"),
        ("account_id", owner.as_str()),
        ("account_type", "User"),
        (
            "permissions",
            r#"{"metadata": "read", "issues": "read", "pull_requests": "write"}"#,
        ),
        ("html_url", PAGE),
        ("suspended", "0"),
        ("deleted_on_github", "0"),
    ];
    erp.insert("GitHub App Installation", "one", &granted).await.expect("a row");
    let sheet = stage.form("admin@x.com", "Repository", "octo/web").await;
    sheet.holds(&format!("{GREYED}.length > 0")).await;
    assert_eq!(
        sheet.eval(GREYED).await,
        json!(["Create Issue", "Manage Access", "Manage Webhooks"])
    );
    let title = "[...document.querySelectorAll('.github-greyed')].find((one) => one.textContent.trim() === 'Create Issue').title";
    let reason = sheet.eval(title).await;
    assert!(reason.as_str().is_some_and(|text| text.contains("Issues")), "{reason}");
    sheet.press("Actions", "Create Issue").await;
    sheet.until("Mend it on GitHub").await;
    let link = format!("Boolean(document.querySelector('a[href=\"{PAGE}\"]'))");
    assert_eq!(sheet.eval(&link).await, json!(true));
    assert!(stage.written("/issues").is_empty(), "GitHub was not asked");
    // Accepted on GitHub, and told: the button works again.
    stage
        .mirror
        .erp
        .query("UPDATE `tabGitHub App Installation` SET permissions = '{\"metadata\": \"read\", \"issues\": \"write\", \"pull_requests\": \"write\"}'")
        .await;
    let again = stage.form("admin@x.com", "Repository", "octo/web").await;
    again.holds(&format!("{GREYED}.length === 2")).await;
    for sheet in [sheet, again] {
        sheet.close().await;
    }
    stage.finish().await;
}
