//! What admins do from GitHub Settings, the list of Repositories and the form of a User.

use erpnext_github::sim::github::Fault;
use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn d6_4_access_is_given_to_a_login_and_to_the_slug_of_a_team() {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        world.user("fresh");
        world.organization("guild").owners.push("octo".to_owned());
        world.team("guild", "builders").members.push("octo".to_owned());
        world.repository("guild/tool");
    }
    stage.mirror.sync("guild/tool").await;
    let sheet = stage.form("admin@x.com", "GitHub Settings", "GitHub Settings").await;
    sheet.press("Actions", "Manage Repository Access").await;
    let dialog = sheet.dialog("Manage Repository Access").await;
    assert_eq!(dialog["fields"]["repository"]["type"], "Link");
    sheet.fill(json!({"repository": "octo/web", "user": "member@x.com"})).await;
    sheet.holds("cur_dialog.get_value('login') === 'member'").await;
    sheet.fill(json!({"login": "fresh", "permission": "triage"})).await;
    sheet.submit().await;
    sheet.until("fresh is invited to octo/web").await;
    sheet.holds("!window.cur_dialog").await;
    sheet.press("Actions", "Manage Repository Access").await;
    sheet.dialog("Manage Repository Access").await;
    sheet.fill(json!({"repository": "guild/tool", "action": "add_team"})).await;
    sheet
        .holds("(cur_dialog.fields_dict.team.offered || []).some((one) => one.value === 'builders')")
        .await;
    sheet.fill(json!({"team": "builders"})).await;
    sheet.submit().await;
    sheet
        .until("The team builders has the permission Write on guild/tool now.")
        .await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn d6_6_fetching_offers_the_default_organization() {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        world.organization("guild");
        world.repository("guild/tool");
    }
    stage
        .mirror
        .erp
        .erp()
        .set_single("GitHub Settings", "default_organization", "guild")
        .await
        .expect("set");
    let sheet = stage.form("admin@x.com", "GitHub Settings", "GitHub Settings").await;
    sheet.press("Sync", "Fetch All Repositories").await;
    let dialog = sheet.dialog("Fetch All Repositories").await;
    assert_eq!(dialog["fields"]["organization"]["value"], "guild");
    sheet.submit().await;
    sheet.until("Successfully fetched 1 repositories").await;
    assert_eq!(sheet.eval("frappe.routes").await, json!(["List/Repository"]));
    assert_eq!(
        stage
            .value("SELECT COUNT(*) FROM tabRepository WHERE name = 'guild/tool'")
            .await,
        "1"
    );
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn issues_in_bulk_are_checked_counted_and_told() {
    let stage = Stage::new().await;
    let sheet = stage.form("admin@x.com", "GitHub Settings", "GitHub Settings").await;
    sheet.press("Actions", "Bulk Create Issues").await;
    sheet.dialog("Bulk Create Issues").await;
    sheet
        .fill(json!({"repository": "octo/web", "issues_data": "[{\"title\": "}))
        .await;
    sheet.submit().await;
    sheet.until("This is not JSON").await;
    sheet.dismiss().await;
    sheet
        .fill(json!({"issues_data": "[{\"title\": \"One\"}, {\"body\": \"no title\"}]"}))
        .await;
    sheet.submit().await;
    sheet.until("number 2 is not").await;
    sheet.dismiss().await;
    sheet
        .fill(json!({"issues_data": "[{\"title\": \"One\"}, {\"title\": \"Two\"}]"}))
        .await;
    sheet.submit().await;
    sheet.until("2 of 2 issues were created in octo/web.").await;
    assert_eq!(stage.written("/octo/web/issues").len(), 2);
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn d6_11_logins_of_users_are_looked_for_and_an_ambiguous_one_is_offered() {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        world.user("desk-account").email = Some("desk@x.com".to_owned());
        world.user("one").email = Some("system@x.com".to_owned());
        world.user("two").email = Some("system@x.com".to_owned());
    }
    let sheet = stage.form("admin@x.com", "GitHub Settings", "GitHub Settings").await;
    sheet.press("Actions", "Bulk Update Github Username").await;
    sheet.dialog("by his e-mail address").await;
    sheet.submit().await;
    let dialog = sheet.dialog("GitHub Logins").await;
    let text = dialog["text"].as_str().unwrap_or_default();
    assert!(text.contains("desk@x.com: desk-account"), "{text}");
    let login = "SELECT IFNULL(github_username, '') FROM tabUser WHERE name =";
    assert_eq!(stage.value(&format!("{login} 'desk@x.com'")).await, "desk-account");
    assert_eq!(stage.value(&format!("{login} 'system@x.com'")).await, "");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn d6_16_a_user_is_linked_after_a_search_and_syncs_his_profile() {
    let stage = Stage::new().await;
    stage.mirror.github.world().user("desk-account").email = Some("desk@x.com".to_owned());
    let sheet = stage.form("admin@x.com", "User", "desk@x.com").await;
    sheet.press("GitHub", "Link GitHub User").await;
    sheet.dialog("Link GitHub User").await;
    sheet.press_in_dialog("Search by E-mail").await;
    sheet
        .holds("cur_dialog.get_value('github_username') === 'desk-account'")
        .await;
    sheet.submit().await;
    sheet.until("desk-account linked successfully").await;
    sheet.holds("cur_frm.doc.github_username === 'desk-account'").await;
    sheet.close().await;
    let sheet = stage.form("desk@x.com", "User", "desk@x.com").await;
    sheet.press("GitHub", "Sync GitHub Profile").await;
    sheet.until("The profile of desk-account was read.").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn an_import_counts_what_came_of_it() {
    let stage = Stage::new().await;
    stage.mirror.github.world().repository("octo/web").open_issue("A new one");
    let sheet = stage.form("admin@x.com", "Repository", "octo/web").await;
    sheet.press("Actions", "Bulk Import").await;
    let dialog = sheet.dialog("Bulk Import").await;
    assert_eq!(dialog["fields"]["repository"]["value"], "octo/web");
    sheet.submit().await;
    let dialog = sheet.dialog("Import into octo/web").await;
    let text = dialog["text"].as_str().unwrap_or_default();
    assert!(text.contains("1 0 3 0"), "{text}");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g2_4_an_import_names_the_records_that_failed() {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        world.repository("octo/web").with_issues(2);
        let odd = |body: &mut serde_json::Value| body[3]["created_at"] = json!("yesterday");
        world.faults.push(Fault::edit("/repos/octo/web/issues", odd));
    }
    let sheet = stage.form("admin@x.com", "Repository", "octo/web").await;
    sheet.press("Actions", "Bulk Import").await;
    sheet.dialog("Bulk Import").await;
    sheet.submit().await;
    let dialog = sheet.dialog("What could not be imported:").await;
    let text = dialog["text"].as_str().unwrap_or_default();
    assert!(text.contains("1 0 3 1") && text.contains("#4: "), "{text}");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g2_2_the_next_step_of_the_first_run_is_shown_until_all_are_done() {
    let stage = Stage::new().await;
    let sheet = stage.form("admin@x.com", "GitHub Settings", "GitHub Settings").await;
    let overview = sheet.said().await["overview"].to_string();
    for words in [
        "Token: valid for octo",
        "✓ Store a token of GitHub, or set up a GitHub App",
        "Make the webhook of a repository Next Step",
    ] {
        assert!(overview.contains(words), "{words}: {overview}");
    }
    // The last step is taken: nothing is next.
    let made = [("kind", "create_webhook"), ("status", "done")];
    stage
        .mirror
        .erp
        .erp()
        .insert("GitHub Write", "w1", &made)
        .await
        .expect("a row");
    sheet.form("GitHub Settings", "GitHub Settings").await;
    let overview = sheet.said().await["overview"].to_string();
    assert!(
        overview.contains("Token: valid for octo") && !overview.contains("Next Step"),
        "{overview}"
    );
    sheet.close().await;
    stage.finish().await;
}
