//! Answers in Frappe's form, whatever is asked.

use reqwest::Method;
use serde_json::{Value, json};

use super::company;
use crate::support::desk::Desk;

const STATISTICS: &str = "erpnext_github_integration.api.get_repository_statistics";

#[tokio::test]
async fn a_method_that_is_not_there_is_a_validation_error() {
    let (mirror, desk) = company().await;
    let answer = desk.post("admin@x.com", "erpnext_github_integration.api.no_such", &[]).await;
    assert_eq!((answer.status, &answer.body["exc_type"]), (417, &"ValidationError".into()));
    assert!(
        answer.sentence().starts_with("Failed to get method for command"),
        "{answer:?}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f21_what_is_no_repository_name_is_refused_before_anything_else() {
    let (mirror, desk) = company().await;
    for name in ["o/../../user/emails?", "o/..", "o", "o/r/x", "o/r?x=1", "<b>/x", ""] {
        let answer = desk.post("admin@x.com", STATISTICS, &[("repo_full_name", name)]).await;
        assert_eq!(answer.status, 417, "{name} {answer:?}");
        assert!(!answer.sentence().contains('<'), "{answer:?}");
        let exc: Vec<String> = serde_json::from_str(answer.body["exc"].as_str().expect("text")).expect("a list");
        assert!(exc[0].starts_with("frappe.exceptions.ValidationError: "), "{exc:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn json_query_and_the_versioned_path_are_understood() {
    let (mirror, desk) = company().await;
    let site = mirror.site().name().to_owned();
    let ask = |path: &str, verb: Method| {
        desk.request(verb, path)
            .header("x-frappe-site-name", &site)
            .header("cookie", "sid=admin")
            .header("x-frappe-csrf-token", "token-admin")
    };
    let by_json = ask(&format!("/api/method/{STATISTICS}"), Method::POST)
        .header("content-type", "application/json")
        .body(json!({"repository": "octo/web"}).to_string());
    let by_query = ask(&format!("/api/v1/method/{STATISTICS}?repo_full_name=OCTO%2FWEB"), Method::GET);
    for request in [by_json, by_query] {
        let answer = Desk::answer(request).await;
        assert_eq!(
            answer.message()["issues"],
            json!({"total": 3, "open": 2, "closed": 1}),
            "{answer:?}"
        );
    }
    let elsewhere = desk
        .request(Method::GET, &format!("/api/method/{STATISTICS}"))
        .header("x-frappe-site-name", "../etc");
    let answer = Desk::answer(elsewhere).await;
    assert_eq!(
        (answer.status, &answer.body["exc_type"]),
        (404, &Value::from("DoesNotExistError"))
    );
    mirror.finish().await;
}
