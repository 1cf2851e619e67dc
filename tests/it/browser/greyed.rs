//! What the GitHub App may not do in an account: its buttons are greyed, and say why.

use serde_json::json;

use super::chromium::Sheet;
use super::stage::Stage;
use super::wizard;
use crate::support::github_app::APP;

const GREYED: &str = "[...document.querySelectorAll('.github-greyed')].map((one) => one.textContent.trim()).sort()";
const PAGE: &str = "https://github.com/settings/installations/77";

/// A site that works by an App, which was granted this where `octo/web` is.
async fn granted(stage: &Stage, permissions: &str) {
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
        ("permissions", permissions),
        ("html_url", PAGE),
        ("suspended", "0"),
        ("deleted_on_github", "0"),
    ];
    erp.insert("GitHub App Installation", "one", &granted).await.expect("a row");
}

/// Accepted on GitHub, and told.
async fn accepted(stage: &Stage, permissions: &str) {
    let sql = format!("UPDATE `tabGitHub App Installation` SET permissions = '{permissions}'");
    stage.mirror.erp.query(&sql).await;
}

/// Presses each of the greyed buttons: the reason names the permission, and the page that mends it is linked.
async fn says_why(sheet: &Sheet, labels: &[&str], permission: &str) {
    assert_eq!(sheet.eval(GREYED).await, json!(labels));
    for label in labels {
        let title =
            format!("[...document.querySelectorAll('.github-greyed')].find((one) => one.textContent.trim() === '{label}').title");
        let reason = sheet.eval(&title).await;
        let wanted = format!("needs the repository permission {permission} for writing (it has reading)");
        assert!(
            reason.as_str().is_some_and(|text| text.contains(&wanted)),
            "{label}: {reason}"
        );
        sheet.press("GitHub", label).await;
        sheet.until("Mend it on GitHub").await;
        let said = sheet.said().await["messages"].to_string();
        assert!(said.contains(&wanted), "{label}: {said}");
        let link = format!("Boolean(document.querySelector('.msgprint a[href=\"{PAGE}\"]'))");
        assert_eq!(sheet.eval(&link).await, json!(true), "{label}");
        sheet.eval("frappe.hide_msgprint()").await;
    }
}

#[tokio::test]
async fn g3_7_what_the_app_may_not_do_is_greyed_with_the_reason_and_the_page_that_mends_it() {
    let stage = Stage::new().await;
    granted(&stage, r#"{"metadata": "read", "issues": "read", "pull_requests": "write"}"#).await;
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
    accepted(&stage, r#"{"metadata": "read", "issues": "write", "pull_requests": "write"}"#).await;
    let again = stage.form("admin@x.com", "Repository", "octo/web").await;
    again.holds(&format!("{GREYED}.length === 2")).await;
    for sheet in [sheet, again] {
        sheet.close().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn g3_7_on_tasks_issues_and_pull_requests_the_buttons_for_what_it_lacks_are_greyed_and_no_others() {
    let stage = Stage::new().await;
    let pull = {
        let mut world = stage.mirror.github.world();
        let web = world.repository("octo/web");
        web.open_pull_request("A fix", "fix");
        web.items.keys().next_back().copied().expect("it")
    };
    stage.mirror.sync("octo/web").await;
    stage.task("TASK-9", "Begun").await;
    stage.task("TASK-10", "Linked").await;
    let erp = stage.mirror.erp.erp();
    for (column, value) in [("github_issue_number", "1"), ("github_pr_number", &pull.to_string())] {
        erp.set("Task", "TASK-10", column, value).await.expect("set");
    }
    let pull = stage.value("SELECT name FROM `tabRepository Pull Request`").await;
    let forms = [
        (
            "Task",
            "TASK-9",
            ["Create GitHub Issue"].as_slice(),
            ["Create Pull Request"].as_slice(),
        ),
        ("Task", "TASK-10", &["Assign Issue"], &["Assign PR Reviewer"]),
        ("Repository Issue", "octo/web-#1", &["Assign"], &[]),
        ("Repository Pull Request", &pull, &[], &["Assign", "Assign PR Reviewer"]),
    ];
    granted(&stage, r#"{"metadata": "read", "issues": "read", "pull_requests": "write"}"#).await;
    let sheet = stage.sheet("admin@x.com").await;
    for (doctype, name, of_issues, _) in forms {
        sheet.form(doctype, name).await;
        says_why(&sheet, of_issues, "Issues").await;
    }
    accepted(&stage, r#"{"metadata": "read", "issues": "write", "pull_requests": "read"}"#).await;
    for (doctype, name, _, of_pulls) in forms {
        sheet.form(doctype, name).await;
        says_why(&sheet, of_pulls, "Pull requests").await;
    }
    // Nothing is greyed any more, and each button is there.
    accepted(&stage, r#"{"metadata": "read", "issues": "write", "pull_requests": "write"}"#).await;
    for (doctype, name, of_issues, of_pulls) in forms {
        sheet.form(doctype, name).await;
        let buttons = sheet.buttons("GitHub").await;
        assert_eq!(sheet.eval(GREYED).await, json!([]), "{name}");
        for label in of_issues.iter().chain(of_pulls) {
            assert!(buttons.contains(&(*label).to_owned()), "{name} {label}: {buttons:?}");
        }
    }
    sheet.close().await;
    for end in ["/issues", "/pulls", "/assignees", "/requested_reviewers"] {
        assert!(stage.written(end).is_empty(), "GitHub was not asked: {end}");
    }
    stage.finish().await;
}

#[tokio::test]
async fn g3_7_a_service_of_an_integration_that_the_app_lacks_a_permission_for_is_greyed_with_the_page() {
    let stage = wizard::stage().await;
    let page = {
        let mut world = stage.mirror.github.world();
        let app = world.app(APP);
        app.asking_for(&[
            ("metadata", "read"),
            ("contents", "read"),
            ("issues", "write"),
            ("pull_requests", "write"),
        ]);
        let all = app.permissions.clone();
        world.install(APP, "acme").permissions = all.clone();
        let guild = world.install(APP, "guild");
        guild.permissions = all;
        guild.without("issues");
        guild.id
    };
    // GitHub tells of each.
    let mut before = stage.mirror.github.world().clone();
    before.installations.clear();
    stage.tell(&before).await;
    let sheet = wizard::open(&stage, "GitHub App").await;
    wizard::connect(&sheet).await;
    wizard::choose(&sheet, &["acme", "guild"]).await;
    sheet.submit().await;
    sheet.holds("frappe.routes.includes('List/GitHub Integration')").await;
    let of = |key: &str| format!("document.querySelector('[data-github-service={key}]')");
    let greyed = "[...document.querySelectorAll('[data-github-service].github-greyed')].map((one) => one.dataset.githubService)";
    sheet.form("GitHub Integration", "guild").await;
    sheet.holds(&format!("{} !== null", of("issues"))).await;
    assert_eq!(sheet.eval(greyed).await, json!(["issues"]));
    let said = sheet.eval(&format!("{}.innerText", of("issues"))).await.to_string();
    assert!(
        said.contains("needs the repository permission Issues") && said.contains("Mend it on GitHub"),
        "{said}"
    );
    let link = sheet
        .eval(&format!("{}.querySelector('a').href", of("issues")))
        .await
        .to_string();
    assert!(
        link.contains(&format!("/organizations/guild/settings/installations/{page}")),
        "{link}"
    );
    sheet.form("GitHub Integration", "acme").await;
    sheet.holds(&format!("{} !== null", of("issues"))).await;
    assert_eq!(sheet.eval(greyed).await, json!([]), "what an account lacks is its own");
    // An owner of the account accepts it.
    stage
        .happens(|world| {
            let guild = world.install(APP, "guild");
            guild.permissions.insert("issues".to_owned(), "write".to_owned());
        })
        .await;
    sheet.form("GitHub Integration", "guild").await;
    sheet.holds(&format!("{} !== null", of("issues"))).await;
    assert_eq!(sheet.eval(greyed).await, json!([]));
    sheet.close().await;
    stage.finish().await;
}
