//! Who may make documents, and who is asked where the tables do not tell who calls.

use erpnext_github::sim::site::SiteRequest;
use reqwest::Method;

use super::{Bench, CREATE_PROJECT, CREATE_TASK, Desk, company_with_bench, tasks};
use crate::support::desk::As;

const STATISTICS: &str = "erpnext_github_integration.api.get_repository_statistics";
const WEB: [(&str, &str); 1] = [("repo_full_name", "octo/web")];

#[tokio::test]
async fn frappes_own_right_to_create_is_needed_besides_that_to_work_on_the_repository() {
    let (mirror, desk, bench) = company_with_bench().await;
    let issue = [("issue_name", "octo/web-#1")];
    for (user, method, arguments, part) in [
        // May create Tasks, does not work on the repository.
        ("desk@x.com", CREATE_TASK, &issue, "do not work on"),
        ("member@x.com", CREATE_TASK, &issue, "do not work on"),
        // Work on it, may not create.
        ("admin@x.com", CREATE_TASK, &issue, "permission to create tasks"),
        ("system@x.com", CREATE_PROJECT, &WEB, "permission to create projects"),
    ] {
        let answer = desk.post(user, method, arguments).await;
        assert_eq!(answer.status, 403, "{user} {answer:?}");
        assert!(answer.sentence().contains(part), "{user} {answer:?}");
    }
    let absent = desk.post("desk@x.com", CREATE_TASK, &[("issue_name", "octo/web-#99")]).await;
    assert_eq!(absent.status, 403, "whether it is there is not for him to know: {absent:?}");
    let told = desk
        .post("Administrator", CREATE_TASK, &[("issue_name", "octo/web-#99")])
        .await;
    assert_eq!(told.status, 404, "{told:?}");
    assert_eq!((tasks(&mirror, 1).await.as_str(), bench.http().requests().len()), ("0", 0));
    mirror.finish().await;
}

fn asked(bench: &Bench) -> Vec<SiteRequest> {
    bench.http().requests()
}

#[tokio::test]
async fn a_scheme_that_only_the_bench_knows_is_asked_of_it() {
    let (mirror, desk, bench) = company_with_bench().await;
    bench.http().know("Hooked abc", "manager@x.com");
    let call = |header: &str, method: &str, body: &str| {
        let request = desk
            .request(Method::POST, &format!("/api/method/{method}"))
            .header("x-frappe-site-name", mirror.site().name())
            .header("authorization", header)
            .header("content-type", "application/json")
            .body(body.to_owned());
        Desk::answer(request)
    };
    let answer = call("Hooked abc", CREATE_TASK, r#"{"issue_name": "octo/web-#1"}"#).await;
    assert_eq!(answer.message()["success"], true, "{answer:?}");
    let requests = asked(&bench);
    assert_eq!(requests.len(), 2, "who it is, and the task: {requests:?}");
    assert!(
        requests
            .iter()
            .all(|request| request.user.as_deref() == Some("manager@x.com")
                && request.forwarded_for.as_deref() == Some("127.0.0.1")),
        "{requests:?}"
    );
    let wrong = call("Hooked xyz", STATISTICS, r#"{"repo_full_name": "octo/web"}"#).await;
    assert_eq!((wrong.status, &wrong.body["exc_type"]), (401, &"AuthenticationError".into()));
    Bench::down(&mirror.erp);
    let away = call("Hooked abc", STATISTICS, r#"{"repo_full_name": "octo/web"}"#).await;
    assert_eq!(away.status, 401, "{away:?}");
    assert!(away.sentence().contains("does not answer"), "{away:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn a_session_that_cannot_be_read_is_judged_by_the_bench_with_its_token() {
    let (mirror, desk, bench) = company_with_bench().await;
    // No form that we know, and yet Python reads it: the small site looks for the token alone.
    mirror
        .erp
        .scratch()
        .execute("UPDATE tabSessions SET sessiondata = 'odd csrf_token: \\'token-admin\\'' WHERE user = 'admin@x.com'")
        .await
        .expect("changed");
    let read = desk.get("admin@x.com", STATISTICS, &WEB).await;
    assert_eq!(read.message()["issues"]["total"], 3);
    let right = desk.post("admin@x.com", STATISTICS, &WEB).await;
    assert_eq!(right.status, 200, "{right:?}");
    let forged = As {
        sid: Some("admin"),
        csrf_token: Some("token-desk"),
    };
    let answer = desk.call(Method::POST, forged, STATISTICS, &WEB).await;
    assert_eq!(
        (answer.status, &answer.body["exc_type"]),
        (400, &"CSRFTokenError".into()),
        "{answer:?}"
    );
    assert_eq!(asked(&bench).len(), 3, "others are not asked about");
    mirror.finish().await;
}
