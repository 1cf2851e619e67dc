//! Scenarios that need nothing of the fake GitHub: they hold on every desk.

use serde_json::json;

use super::stage::{Anywhere, on_every_desk};

on_every_desk![
    d6_2_and_3_a_task_is_saved_first_then_has_its_issue_and_is_saved_again,
    d6_5_pickers_are_search_boxes,
    d6_14_counts_of_all_repositories_are_shown,
    d6_16_a_repository_has_all_its_buttons_and_its_overview,
    d6_16_the_list_of_repositories_has_its_buttons,
    d6_16_statistics_of_a_repository_are_shown,
    a_connection_is_tested_and_says_for_whom,
    a_new_repository_is_named_as_on_github_or_refused,
    a_sync_is_followed_to_its_end,
    an_import_is_counted_and_its_progress_goes,
    a_task_without_a_repository_says_what_to_choose,
    activity_and_webhooks_of_a_repository_are_shown,
    lists_of_issues_and_pull_requests_are_filtered_by_people,
    members_are_synced_and_told,
    scripts_that_are_run_twice_act_once,
    the_state_of_the_integration_is_shown,
    what_was_fetched_is_said_beside_the_list,
];

const SETTINGS: &str = "GitHub Settings";

async fn d6_2_and_3_a_task_is_saved_first_then_has_its_issue_and_is_saved_again(stage: &Anywhere) {
    let task = stage.task("Paint the fence").await;
    let sheet = stage.form("Task", &task).await;
    sheet.set(json!({"subject": "Paint the long fence"})).await;
    sheet.press("GitHub", "Create GitHub Issue").await;
    let dialog = sheet.dialog(&format!("Create Issue in {}", stage.repository())).await;
    assert_eq!(dialog["fields"]["title"]["value"], "Paint the long fence");
    assert_eq!(sheet.eval("cur_frm.is_dirty()").await, json!(false), "it was saved first");
    sheet.fill(json!({"body": "Green, please."})).await;
    sheet.submit().await;
    sheet.until("was created.").await;
    sheet.holds("cur_frm.doc.github_issue_number > 0").await;
    let number = sheet.value("github_issue_number").await;
    let name = format!("{}-#{number}", stage.repository());
    assert_eq!(sheet.value("github_issue_doc").await, json!(name));
    sheet.set(json!({"subject": "Paint the short fence"})).await;
    let saved = sheet.save().await;
    assert_eq!(saved["dirty"], json!(false), "{}", sheet.said().await);
    assert_eq!(sheet.value("github_issue_number").await, number);
    sheet
        .holds("document.querySelector('.github-overview')?.textContent.includes('Paint the long fence')")
        .await;
    assert!(sheet.buttons("GitHub").await.contains(&"Assign Issue".to_owned()));
    sheet.close().await;
}

async fn d6_5_pickers_are_search_boxes(stage: &Anywhere) {
    let sheet = stage.form(SETTINGS, SETTINGS).await;
    for (group, label) in [
        ("Actions", "Bulk Create Issues"),
        ("Actions", "Manage Repository Access"),
        ("Sync", "Sync Repository Members"),
    ] {
        sheet.press(group, label).await;
        let dialog = sheet.dialog(label).await;
        assert_eq!(dialog["fields"]["repository"]["type"], "Link", "{label}");
        sheet.dismiss().await;
        sheet.holds("!window.cur_dialog").await;
    }
    sheet.close().await;
}

async fn d6_14_counts_of_all_repositories_are_shown(stage: &Anywhere) {
    let sheet = stage.form(SETTINGS, SETTINGS).await;
    sheet.press("Statistics", "Show Sync Statistics").await;
    let dialog = sheet.dialog("Sync Statistics").await;
    let text = dialog["text"].as_str().unwrap_or_default();
    assert!(text.contains("Repositories Issues Pull Requests Members Branches"), "{text}");
    sheet.close().await;
}

async fn d6_16_a_repository_has_all_its_buttons_and_its_overview(stage: &Anywhere) {
    let sheet = stage.form("Repository", stage.repository()).await;
    sheet.until("Default Branch:").await;
    let overview = sheet.said().await["overview"].to_string();
    for words in [
        "Visibility:",
        "Open Issues:",
        "Open Pull Requests:",
        "Last Push:",
        "Last Sync:",
    ] {
        assert!(overview.contains(words), "{words}: {overview}");
    }
    assert_eq!(sheet.buttons("GitHub").await, ["Sync Repository Data", "Sync Members"]);
    let actions = sheet.buttons("Actions").await;
    for label in [
        "Create Issue",
        "Create Pull Request",
        "Manage Access",
        "Manage Webhooks",
        "Bulk Import",
    ] {
        assert!(actions.contains(&label.to_owned()), "{label}: {actions:?}");
    }
    assert_eq!(sheet.buttons("View").await, ["Statistics", "Show Activity", "Open in GitHub"]);
    sheet.close().await;
}

async fn d6_16_the_list_of_repositories_has_its_buttons(stage: &Anywhere) {
    let sheet = stage.sheet().await;
    sheet.list("Repository").await;
    sheet.press("GitHub", "Bulk Import").await;
    let dialog = sheet.dialog("Bulk Import").await;
    assert_eq!(dialog["fields"]["import_type"]["type"], "Select");
    sheet.dismiss().await;
    let buttons = sheet.buttons("GitHub").await;
    assert_eq!(buttons, ["Fetch All Repositories", "Sync All Repositories", "Bulk Import"]);
    sheet.close().await;
}

async fn d6_16_statistics_of_a_repository_are_shown(stage: &Anywhere) {
    let sheet = stage.form("Repository", stage.repository()).await;
    sheet.press("View", "Statistics").await;
    let dialog = sheet.dialog("Statistics of").await;
    let text = dialog["text"].as_str().unwrap_or_default();
    assert!(text.contains("Total Open Closed Merged"), "{text}");
    sheet.close().await;
}

async fn a_connection_is_tested_and_says_for_whom(stage: &Anywhere) {
    let sheet = stage.form(SETTINGS, SETTINGS).await;
    sheet.press("Actions", "Test Connection").await;
    sheet.until("Successfully connected via").await;
    sheet.close().await;
}

async fn a_new_repository_is_named_as_on_github_or_refused(stage: &Anywhere) {
    let sheet = stage.form("Repository", "new").await;
    sheet.set(json!({"full_name": "https://github.com/octo/other.git"})).await;
    assert_eq!(sheet.value("full_name").await, json!("octo/other"));
    assert_eq!(sheet.value("repo_owner").await, json!("octo"));
    assert_eq!(sheet.value("repo_name").await, json!("other"));
    sheet.set(json!({"full_name": "nonsense"})).await;
    sheet.save().await;
    sheet.until("Full Name must be the owner and the name as on GitHub").await;
    assert_eq!(sheet.eval("cur_frm.is_new()").await.to_string().replace('1', "true"), "true");
    sheet.forget_problems().await;
    sheet.close().await;
}

async fn a_sync_is_followed_to_its_end(stage: &Anywhere) {
    let sheet = stage.form("Repository", stage.repository()).await;
    sheet.press("GitHub", "Sync Repository Data").await;
    sheet.until("is synced:").await;
    sheet.close().await;
}

async fn a_task_without_a_repository_says_what_to_choose(stage: &Anywhere) {
    let sheet = stage.form("Task", "new").await;
    sheet.press("GitHub", "Create GitHub Issue").await;
    sheet.until("Choose the GitHub Repository of this task first.").await;
    sheet.close().await;
}

async fn activity_and_webhooks_of_a_repository_are_shown(stage: &Anywhere) {
    let sheet = stage.form("Repository", stage.repository()).await;
    sheet.press("View", "Show Activity").await;
    sheet.until("The last 30 days.").await;
    sheet.press_in_dialog("7 Days").await;
    sheet.until("The last 7 days.").await;
    sheet.dismiss().await;
    sheet.holds("!window.cur_dialog").await;
    sheet.press("Actions", "Manage Webhooks").await;
    let dialog = sheet.dialog("Webhooks of").await;
    let text = dialog["text"].as_str().unwrap_or_default();
    assert!(text.contains("Create New Webhook"), "{text}");
    sheet.close().await;
}

async fn scripts_that_are_run_twice_act_once(stage: &Anywhere) {
    let sheet = stage.form("Repository", stage.repository()).await;
    sheet.until("Default Branch:").await;
    let before = sheet.buttons("GitHub").await;
    let ours = "frappe.ui.form.handlers.Repository.refresh.filter((handler) => handler.of_github).length";
    assert_eq!(sheet.eval(ours).await, json!(1));
    sheet.eval("new Function(frappe.get_meta('Repository').__custom_js)()").await;
    assert_eq!(sheet.eval(ours).await, json!(1));
    sheet.eval("void cur_frm.refresh()").await;
    sheet.until("Default Branch:").await;
    assert_eq!(sheet.buttons("GitHub").await, before);
    let globals = sheet
        .eval("['ask', 'esc', 'button', 'sync_repository', 'long_work', 'peek'].filter((name) => name in window)")
        .await;
    assert_eq!(globals, json!([]));
    sheet.close().await;
}

async fn the_state_of_the_integration_is_shown(stage: &Anywhere) {
    let sheet = stage.form(SETTINGS, SETTINGS).await;
    sheet.until("valid for").await;
    let overview = sheet.said().await["overview"].to_string();
    for words in ["Token:", "Version:", "Requests Left:"] {
        assert!(overview.contains(words), "{words}: {overview}");
    }
    sheet.close().await;
}

async fn an_import_is_counted_and_its_progress_goes(stage: &Anywhere) {
    let sheet = stage.form("Repository", stage.repository()).await;
    sheet.press("Actions", "Bulk Import").await;
    sheet.dialog("Bulk Import").await;
    sheet.fill(json!({"import_type": "issues", "force_update": 1})).await;
    sheet.submit().await;
    sheet.until("Imported").await;
    sheet.holds("!document.querySelector('.modal.show .progress-bar')").await;
    sheet.close().await;
}

async fn members_are_synced_and_told(stage: &Anywhere) {
    let sheet = stage.form("Repository", stage.repository()).await;
    sheet.press("GitHub", "Sync Members").await;
    sheet.until("members on GitHub.").await;
    sheet.close().await;
}

async fn lists_of_issues_and_pull_requests_are_filtered_by_people(stage: &Anywhere) {
    for (doctype, label, title) in [
        ("Repository Issue", "Filter by Assignee", "Issues Assigned To"),
        ("Repository Pull Request", "Filter by Reviewer", "Pull Requests Waiting For"),
    ] {
        let sheet = stage.sheet().await;
        sheet.list(doctype).await;
        sheet.press("", label).await;
        sheet.dialog(title).await;
        sheet.submit().await;
        sheet
            .holds("!window.cur_dialog && cur_list.filter_area.get().length === 1")
            .await;
        sheet.close().await;
    }
}

async fn what_was_fetched_is_said_beside_the_list(stage: &Anywhere) {
    let sheet = stage.form(SETTINGS, SETTINGS).await;
    sheet.press("Sync", "Fetch All Repositories").await;
    sheet.dialog("Fetch All Repositories").await;
    sheet.submit().await;
    sheet.until("Successfully fetched").await;
    sheet.holds("document.querySelector('.modal.show .msgprint')").await;
    sheet.close().await;
}
