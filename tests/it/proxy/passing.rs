//! What is ours is answered here, everything else by the bench, and both know the site.

use nix::sys::signal::Signal;
use reqwest::Method;
use serde_json::{Value, json};

use super::bench::TestBench;
use crate::cli::closed_port;
use crate::cli::program::{TestBench as ProgramBench, finish, program};
use crate::cli::serving::{SERVE, Serving};
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

#[tokio::test]
async fn the_bench_gets_what_is_not_ours_with_its_site_and_its_caller() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let site = mirror.site().name();
    // The test itself is a stranger to one of them, and a proxy to the other.
    for (trusted, told_site, address, scheme) in [
        ("10.0.0.1", site, "127.0.0.1", "http"),
        ("", "other.test", "203.0.113.9", "https"),
    ] {
        let desk = bench.behind(&mirror, trusted).await;
        let request = desk
            .request(Method::PUT, "/api/resource/Task/a%2Fb%20..?x=%20&x=2")
            .header("host", "erp.example.com:9100")
            .header("x-frappe-site-name", "other.test")
            .header("x-forwarded-for", "203.0.113.9")
            .header("x-forwarded-proto", "https")
            .header("x-use-x-accel-redirect", "True")
            .header("cookie", "sid=abc")
            .header("connection", "x-hop")
            .header("x-hop", "1")
            .body("{\"a\": 1}");
        let told = Desk::answer(request).await;
        assert_eq!(told.status, 200, "{told:?}");
        assert_eq!(
            (&told.body["method"], &told.body["target"], &told.body["body"]),
            (
                &json!("PUT"),
                &json!("/api/resource/Task/a%2Fb%20..?x=%20&x=2"),
                &json!("{\"a\": 1}")
            )
        );
        let headers = &told.body["headers"];
        for (name, value) in [
            ("x-frappe-site-name", json!(told_site)),
            ("x-forwarded-for", json!(address)),
            ("x-forwarded-proto", json!(scheme)),
            ("host", json!("erp.example.com:9100")),
            ("cookie", json!("sid=abc")),
            ("x-use-x-accel-redirect", Value::Null),
            ("x-hop", Value::Null),
        ] {
            assert_eq!(headers.get(name).unwrap_or(&Value::Null), &value, "{name}: {headers}");
        }
    }
    mirror.finish().await;
}

#[tokio::test]
async fn our_methods_are_answered_here_for_the_site_of_the_host() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "10.0.0.1").await;
    mirror
        .erp
        .erp()
        .add_user("mona@example.com", "Mona", &["System Manager"])
        .await
        .expect("a user");
    Desk::log_in(&mirror, "mona@example.com").await;
    for path in ["/api/method/", "/api/v1/method/"] {
        let path = format!("{path}erpnext_github_integration.api.can_user_sync_repo?repo_full_name=acme/web");
        let answer = Desk::answer(desk.request(Method::GET, &path).header("cookie", "sid=mona")).await;
        assert_eq!((answer.status, answer.body.get("target")), (200, None), "{answer:?}");
    }
    for path in [
        "/integrations/github",
        "/integrations/github/",
        "/integrations/github/setup",
        "/integrations/github/callback?code=c&state=none",
    ] {
        let page = Desk::answer(desk.request(Method::GET, path).header("cookie", "sid=mona")).await;
        assert!(page.body.to_string().contains("data-kind"), "{path}: {page:?}");
    }
    assert_eq!(Desk::answer(desk.request(Method::GET, "/healthz")).await.body["status"], "ok");
    let theirs = Desk::answer(desk.request(Method::GET, "/api/method/frappe.ping")).await;
    assert_eq!(theirs.body["target"], "/api/method/frappe.ping");
    mirror.finish().await;
}

#[tokio::test]
async fn an_answer_of_the_bench_is_given_as_it_is() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "").await;
    let response = desk.request(Method::GET, "/missing").send().await.expect("an answer");
    assert_eq!(
        (response.status().as_u16(), &response.headers()["x-of-the-bench"]),
        (404, &"1".parse().expect("a value"))
    );
    assert!(!response.headers().contains_key("x-secret"), "it belonged to the connection");
    assert_eq!(response.text().await.expect("a body"), "gone");
    let head = desk.request(Method::HEAD, "/app").send().await.expect("an answer");
    assert_eq!(head.status().as_u16(), 200);
    // What was begun may have been done, so that it is not asked again.
    let cut = Desk::answer(desk.request(Method::POST, "/cut").header("accept", "application/json")).await;
    assert_eq!(cut.status, 502, "{cut:?}");
    assert!(cut.sentence().contains("may have been done"), "{cut:?}");
    mirror.finish().await;
}

#[test]
fn a_bench_that_is_down_is_a_page_with_a_sentence() {
    let bench = ProgramBench::new().with_unreachable_site("away.test");
    let closed = format!("http://127.0.0.1:{}", closed_port());
    let mut command = bench.command(&SERVE);
    command.args(["--proxy", &closed]);
    let serving = Serving::run(command, None);
    let (head, body) = serving.get("/app");
    assert!(head.starts_with("HTTP/1.1 502 ") && head.contains("text/html"), "{head}");
    assert!(body.contains(&closed) && body.contains("bench start"), "{body}");
    let (head, body) = serving.get("/api/method/frappe.ping");
    assert!(
        head.starts_with("HTTP/1.1 502 ") && body.contains("_server_messages"),
        "{head}{body}"
    );
    assert!(serving.get("/healthz").0.starts_with("HTTP/1.1 200 "));
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
    for (arguments, part) in [
        (&["serve", "--proxy", "127.0.0.1:8000"][..], "--proxy: "),
        (&["serve", "--proxy", "http://a:1", "--socketio", "ws://a"], "--socketio: "),
    ] {
        let ended = finish(
            program(&[arguments, &["--bench", &bench.path().to_string_lossy()]].concat()),
            "",
        );
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains(part), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_program_tells_the_only_site_whatever_the_host() {
    let bench = TestBench::start().await;
    let place = ProgramBench::new().with_unreachable_site("away.test");
    let mut command = place.command(&SERVE);
    command.args(["--proxy", &bench.web_url()]);
    let serving = Serving::run(command, None);
    let (head, body) = serving.get("/app");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let told: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(told["headers"]["x-frappe-site-name"], "away.test", "{told}");
    let (_, metrics) = serving.get("/metrics");
    assert!(
        metrics.contains("erpnext_github_http_requests_total{route=\"bench\",status=\"2xx\"} 1"),
        "{metrics}"
    );
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
}
