//! `create_task_from_github_issue`.

use serde_json::json;

use super::{CREATE_TASK, company_with_bench, task, tasks, text};

#[tokio::test]
async fn g2_3_a_task_is_made_as_the_caller_and_both_links_are_filled() {
    let (mirror, desk, bench) = company_with_bench().await;
    let before = mirror
        .erp
        .value("SELECT modified FROM `tabRepository Issue` WHERE name = 'octo/web-#1'")
        .await;
    mirror.erp.clock().advance(chrono::TimeDelta::minutes(1));
    let answer = desk
        .post("manager@x.com", CREATE_TASK, &[("issue_name", "octo/web-#1")])
        .await;
    let message = answer.message();
    assert_eq!(message["success"], true, "{message}");
    let name = text(message, "task");
    assert_eq!(task(&mirror, 1, "name").await, name);
    for (column, value) in [
        ("owner", "manager@x.com"),
        ("project", "TRY-1"),
        ("status", "Open"),
        ("github_issue_doc", "octo/web-#1"),
    ] {
        assert_eq!(task(&mirror, 1, column).await, value, "{column}");
    }
    let title = mirror
        .erp
        .value("SELECT title FROM `tabRepository Issue` WHERE name = 'octo/web-#1'")
        .await;
    assert_eq!(task(&mirror, 1, "subject").await, title);
    let linked = mirror
        .erp
        .query("SELECT task, modified > '{}', modified_by FROM `tabRepository Issue` WHERE name = 'octo/web-#1'")
        .await;
    assert_eq!(linked[0][0].as_deref(), Some(name));
    assert_eq!(linked[0][2].as_deref(), Some("manager@x.com"));
    let after = mirror
        .erp
        .value("SELECT modified FROM `tabRepository Issue` WHERE name = 'octo/web-#1'")
        .await;
    assert!(after > before, "the form reloads: {before} {after}");
    let asked = bench.writes();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(
        (
            asked[0].user.as_deref(),
            asked[0].site.as_deref(),
            asked[0].forwarded_for.as_deref()
        ),
        (Some("manager@x.com"), Some(mirror.site().name()), Some("127.0.0.1"))
    );
    mirror.finish().await;
}

#[tokio::test]
async fn g2_3_a_second_task_of_an_issue_is_refused_and_a_lost_link_is_repaired() {
    let (mirror, desk, bench) = company_with_bench().await;
    let issue = [("issue_name", "octo/web-#1")];
    let first = desk.post("manager@x.com", CREATE_TASK, &issue).await;
    let name = text(first.message(), "task").to_owned();
    let erp = mirror.erp.erp();
    erp.set("Repository Issue", "octo/web-#1", "task", "").await.expect("set");
    let again = desk.post("pusher@x.com", CREATE_TASK, &issue).await;
    let message = again.message();
    assert_eq!((&message["success"], text(message, "task")), (&json!(false), name.as_str()));
    assert!(
        text(message, "error").starts_with("A task already exists for this GitHub issue"),
        "{message}"
    );
    assert_eq!(tasks(&mirror, 1).await, "1");
    assert_eq!(bench.writes().len(), 1);
    let linked = mirror
        .erp
        .value("SELECT task FROM `tabRepository Issue` WHERE name = 'octo/web-#1'")
        .await;
    assert_eq!(linked, name);
    mirror.finish().await;
}

#[tokio::test]
async fn f33_a_closed_issue_becomes_a_task_that_erpnext_takes_as_completed() {
    let (mirror, desk, _bench) = company_with_bench().await;
    let closed = mirror
        .erp
        .value("SELECT name FROM `tabRepository Issue` WHERE repository = 'octo/web' AND state = 'closed'")
        .await;
    let answer = desk.post("manager@x.com", CREATE_TASK, &[("issue_name", &closed)]).await;
    assert_eq!(
        (answer.message()["success"].as_bool(), text(answer.message(), "status")),
        (Some(true), "Completed")
    );
    let sql =
        format!("SELECT CAST(completed_on AS CHAR), CAST(progress AS SIGNED) FROM tabTask WHERE github_issue_doc = '{closed}'");
    let row = mirror.erp.query(&sql).await.remove(0);
    assert!(row[0].is_some(), "{row:?}");
    assert_eq!(row[1].as_deref(), Some("100"));
    mirror.finish().await;
}

#[tokio::test]
async fn g2_3_a_long_title_is_cut_before_erpnext_refuses_it() {
    let (mirror, desk, _bench) = company_with_bench().await;
    let title = "A <b>very</b> long title ".repeat(10);
    let title = title.trim();
    let arguments = [("issue_name", "octo/web-#1"), ("task_title", title)];
    let answer = desk.post("manager@x.com", CREATE_TASK, &arguments).await;
    assert_eq!(answer.message()["success"], true, "{answer:?}");
    let subject = task(&mirror, 1, "subject").await;
    assert_eq!(subject, title.chars().take(140).collect::<String>());
    let description = task(&mirror, 1, "description").await;
    let full = title.replace('<', "&lt;").replace('>', "&gt;");
    assert!(
        description.starts_with(&format!("<p><strong>{full}</strong></p>")),
        "{description}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn which_project_is_the_one_connected_or_the_one_named() {
    let (mirror, desk, _bench) = company_with_bench().await;
    let erp = mirror.erp.erp();
    erp.add_project("TRY-2", "Another try").await.expect("a project");
    mirror.erp.connect("TRY-2", "octo/web").await;
    let both = desk.post("pusher@x.com", CREATE_TASK, &[("issue_name", "octo/web-#1")]).await;
    assert_eq!(both.message()["projects"], json!(["TRY-1", "TRY-2"]), "{both:?}");
    assert_eq!(task(&mirror, 1, "project").await, "");
    let named = [("issue_name", "octo/web-#2"), ("project", "TRY-2")];
    let answer = desk.post("pusher@x.com", CREATE_TASK, &named).await;
    assert_eq!(answer.message()["project"], "TRY-2");
    assert_eq!(task(&mirror, 2, "project").await, "TRY-2");
    let absent = [("issue_name", "octo/web-#3"), ("project", "TRY-9")];
    let answer = desk.post("pusher@x.com", CREATE_TASK, &absent).await;
    assert_eq!(answer.message()["error"], "there is no Project TRY-9", "{answer:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn what_frappe_refuses_is_told_in_its_words() {
    let (mirror, desk, bench) = company_with_bench().await;
    let erp = mirror.erp.erp();
    // The form's own rules: a Task's project must be there, even if it went a moment ago.
    erp.set("Task", "TASK-2026-00001", "github_repo", "octo/web")
        .await
        .expect("set");
    mirror
        .erp
        .scratch()
        .execute("ALTER TABLE tabTask ADD UNIQUE KEY one_subject (subject)")
        .await
        .expect("a key");
    let arguments = [("issue_name", "octo/web-#1"), ("task_title", "Draw the front page")];
    let answer = desk.post("manager@x.com", CREATE_TASK, &arguments).await;
    assert_eq!(answer.message()["success"], false, "{answer:?}");
    assert_eq!(text(answer.message(), "error"), "one_subject must be unique");
    assert_eq!(tasks(&mirror, 1).await, "0");
    assert_eq!(bench.writes().len(), 1);
    mirror.finish().await;
}
