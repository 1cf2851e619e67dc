//! Arguments that nobody means: of the wrong type, nested, out of bounds, or in forms that browsers make of nothing.

use reqwest::Method;
use serde_json::{Value, json};

use super::company;
use super::writing::{CREATE_ISSUE, GITHUB_API, rows, sent, titles};
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

/// A call with a JSON body.
async fn by_json(mirror: &Mirror, desk: &Desk, method: &str, body: &Value) -> Answer {
    let request = desk
        .request(Method::POST, &format!("/api/method/{method}"))
        .header("x-frappe-site-name", mirror.site().name())
        .header("cookie", "sid=admin")
        .header("x-frappe-csrf-token", "token-admin")
        .header("content-type", "application/json")
        .body(body.to_string());
    Desk::answer(request).await
}

#[tokio::test]
async fn f8_what_is_no_name_in_a_list_is_refused_and_not_left_out() {
    let (mirror, desk) = company().await;
    let assign = format!("{GITHUB_API}assign_issue");
    for odd in [json!({"user": "pusher@x.com"}), json!(["pusher"]), json!(true), json!(1.5)] {
        let people = json!(["octo", odd]);
        for people in [people.clone(), Value::String(people.to_string())] {
            let body = json!({"repo_full_name": "octo/web", "issue_number": 2, "assignees": people});
            let answer = by_json(&mirror, &desk, &assign, &body).await;
            assert!(
                answer.status == 417 && answer.sentence().contains("`assignees`"),
                "{people}: {answer:?}"
            );
        }
    }
    for labels in [json!([{"name": "bug"}]), json!({"name": "bug"}), json!("{\"name\": \"bug\"}")] {
        let body = json!({"repository": "octo/web", "title": "x", "labels": labels});
        let answer = by_json(&mirror, &desk, CREATE_ISSUE, &body).await;
        assert!(
            answer.status == 417 && answer.sentence().contains("`labels`"),
            "{labels}: {answer:?}"
        );
    }
    assert_eq!(
        (sent(&mirror, "PATCH"), sent(&mirror, "POST"), rows(&mirror).await.len()),
        (0, 0, 0)
    );
    mirror.finish().await;
}

#[tokio::test]
async fn nothing_in_a_form_is_nobody_and_no_label() {
    let (mirror, desk) = company().await;
    for nothing in ["", "null", "undefined", "[]", "[null]", "[\"\"]", ","] {
        let form = [
            ("repository", "octo/web"),
            ("title", "x"),
            ("assignees", nothing),
            ("labels", nothing),
        ];
        let answer = desk.post("admin@x.com", CREATE_ISSUE, &form).await;
        let issue = &answer.message()["issue"];
        assert_eq!(
            (&issue["assignees"], &issue["labels"]),
            (&json!([]), &json!([])),
            "{nothing}: {issue}"
        );
    }
    mirror.finish().await;
}

#[tokio::test]
async fn numbers_that_no_issue_has_are_refused_before_anything_is_written_down() {
    let (mirror, desk) = company().await;
    for number in [
        "2147483648",
        "18446744073709551615",
        "99999999999999999999",
        "-1",
        "1e3",
        "[2]",
        "{}",
    ] {
        let form = [
            ("repo_full_name", "octo/web"),
            ("issue_number", number),
            ("assignees", "octo"),
        ];
        let answer = desk.post("admin@x.com", &format!("{GITHUB_API}assign_issue"), &form).await;
        assert!(
            answer.status == 417 && answer.sentence().contains("`issue_number` must be a number"),
            "{number}: {answer:?}"
        );
    }
    assert_eq!((sent(&mirror, "PATCH"), rows(&mirror).await.len()), (0, 0));
    mirror.finish().await;
}

#[tokio::test]
async fn texts_of_every_kind_arrive_as_they_were() {
    let (mirror, desk) = company().await;
    let texts = [
        "100% of o/r?x=1&y=#2 + \"quoted\" \\ 'so'",
        "漢字 🎉 e\u{301} \u{202e}evil\u{202c} \u{1f468}\u{200d}\u{1f469}",
        "<img src=x onerror=alert(1)> {{ 7*7 }} ${x} %s",
        "[\"a\", \"b\"]",
        "{\"title\": \"x\"}",
        "'; DROP TABLE tabTask; --",
        "a\u{0}b",
    ];
    for text in texts {
        let form = [("repository", "octo/web"), ("title", text), ("body", text)];
        let answer = desk.post("admin@x.com", CREATE_ISSUE, &form).await;
        let message = answer.message();
        assert_eq!(
            (&message["issue"]["title"], &message["issue"]["body"]),
            (&json!(text), &json!(text)),
            "{message}"
        );
        assert_eq!(message.get("warning"), None, "{message}");
        assert!(message["local_doc"].is_string(), "{message}");
    }
    assert_eq!(titles(&mirror).len(), 3 + texts.len());
    mirror.finish().await;
}

#[tokio::test]
async fn json_of_the_wrong_types_is_a_sentence_and_never_a_failure_of_ours() {
    let (mirror, desk) = company().await;
    let odd = [
        json!(null),
        json!(true),
        json!(-7),
        json!([[["x"]]]),
        json!({"a": {"b": []}}),
        json!("\u{0}"),
        json!("\u{feff}octo/web"),
        json!("..".repeat(5000)),
    ];
    for method in erpnext_github::actions::METHODS {
        for value in &odd {
            let mut body = serde_json::Map::new();
            for name in [
                "repo_full_name",
                "title",
                "issue_number",
                "assignees",
                "issues",
                "pr_number",
                "reviewers",
                "head",
                "base",
                "action",
                "identifier",
                "webhook_url",
                "events",
                "organization",
                "org_name",
                "days",
                "issue_name",
                "project",
                "task",
                "import_type",
                "email",
                "github_username",
                "erp_user",
                "full",
                "force_update",
            ] {
                body.insert(name.to_owned(), value.clone());
            }
            let answer = by_json(&mirror, &desk, method.path, &Value::Object(body)).await;
            assert!(
                matches!(answer.status, 200 | 403 | 404 | 417),
                "{} {value}: {answer:?}",
                method.path
            );
            assert!(
                answer.status == 200 || !answer.sentence().is_empty(),
                "{} {answer:?}",
                method.path
            );
        }
    }
    desk.ended().await;
    assert_eq!((sent(&mirror, "POST"), rows(&mirror).await.len()), (0, 0));
    mirror.finish().await;
}
