//! What people, pages and proxies try: odd headers, odd paths, addresses, roles that were just taken.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erpnext_github::frappe::encryption_key;
use reqwest::Method;

use super::company;
use crate::cli::program::TestBench;
use crate::cli::serving::Serving;
use crate::support::Log;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const STATISTICS: &str = "erpnext_github_integration.api.get_repository_statistics";
const SYNC: &str = "erpnext_github_integration.github_api.sync_repo";
const ASKED: &str = "repo_full_name=octo%2Fweb";

/// Gives `user` an API key with a secret.
async fn with_key(mirror: &Mirror, user: &str) {
    let key = encryption_key::ensure(mirror.site().config()).expect("a key");
    let added = mirror.erp.erp().add_api_key(user, "k1", "hush-secret", &key).await;
    added.expect("a key");
}

/// A call of a method with these headers.
async fn ask(mirror: &Mirror, desk: &Desk, verb: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let site = mirror.site().name();
    let request = desk.request(verb, path).header("x-frappe-site-name", site);
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    Desk::answer(request).await
}

#[tokio::test]
async fn a_header_that_proves_nobody_never_falls_back_to_somebody() {
    let (mirror, desk) = company().await;
    with_key(&mirror, "admin@x.com").await;
    let path = format!("/api/method/{STATISTICS}?{ASKED}");
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    for header in ["token k1:hush-secret", "TOKEN k1:hush-secret", &basic("k1:hush-secret")] {
        let good = ask(&mirror, &desk, Method::GET, &path, &[("authorization", header)]).await;
        assert_eq!(good.status, 200, "{header}: {good:?}");
    }
    let wrong = [
        "token k1:hush-secre".to_owned(),
        "token k1:".to_owned(),
        "token :hush-secret".to_owned(),
        "token :".to_owned(),
        "token hush-secret".to_owned(),
        "token k1'\tOR\t'1'='1:x".to_owned(),
        "Basic hush!secret".to_owned(),
        basic("hush-secret"),
        basic("k1:hush-secret:more"),
        "Bearer hush-secret".to_owned(),
        "Bearer k1:hush-secret".to_owned(),
        "Digest hush-secret".to_owned(),
    ];
    for header in &wrong {
        // Beside a good session, too: who shows a key is to be its user.
        for cookie in [None, Some("sid=admin")] {
            let mut headers = vec![("authorization", header.as_str())];
            headers.extend(cookie.map(|cookie| ("cookie", cookie)));
            let refused = ask(&mirror, &desk, Method::GET, &path, &headers).await;
            assert_eq!(refused.status, 401, "{header} {cookie:?}: {refused:?}");
            assert!(!refused.body.to_string().contains("hush"), "{refused:?}");
        }
    }
    // Not two words: as if it were not there, which spares no token.
    for header in ["token", "token  k1:hush-secret", "token k1:hush-secret more"] {
        let nobody = ask(&mirror, &desk, Method::GET, &path, &[("authorization", header)]).await;
        assert_eq!(nobody.status, 403, "{header}: {nobody:?}");
        let headers = [("authorization", header), ("cookie", "sid=admin")];
        let forged = ask(&mirror, &desk, Method::POST, &path, &headers).await;
        assert_eq!(forged.status, 400, "{header}: {forged:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn a_path_written_otherwise_is_the_same_method_with_the_same_rights() {
    let (mirror, desk) = company().await;
    let encoded = STATISTICS.replace("erpnext", "%65rpnext");
    for path in [
        STATISTICS.to_owned(),
        encoded,
        format!("{STATISTICS}/"),
        format!("{STATISTICS}/x/y"),
    ] {
        for (sid, status) in [("sid=admin", 200), ("sid=desk", 403), ("sid=Guest", 403), ("sid=", 403)] {
            for start in ["/api/method/", "/api/v1/method/"] {
                let path = format!("{start}{path}?{ASKED}");
                let answer = ask(&mirror, &desk, Method::GET, &path, &[("cookie", sid)]).await;
                assert_eq!(answer.status, status, "{path} {sid}: {answer:?}");
            }
        }
    }
    let twice = STATISTICS.replace("erpnext", "%2565rpnext");
    for path in [
        twice,
        format!("{STATISTICS}%00"),
        STATISTICS.to_uppercase(),
        "..%2f..%2fmetrics".to_owned(),
    ] {
        let path = format!("/api/method/{path}?{ASKED}");
        let answer = ask(&mirror, &desk, Method::GET, &path, &[("cookie", "sid=admin")]).await;
        assert_eq!(answer.status, 417, "{path}: {answer:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn f2_no_verb_but_post_writes_and_a_read_by_another_needs_the_token() {
    let (mirror, desk) = company().await;
    let form = [("cookie", "sid=admin"), ("x-frappe-csrf-token", "token-admin")];
    for verb in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "get", "POSTS"] {
        let verb = Method::from_bytes(verb.as_bytes()).expect("a verb");
        let path = format!("/api/method/{SYNC}?repository=octo%2Fweb");
        let answer = ask(&mirror, &desk, verb.clone(), &path, &form).await;
        assert_eq!(answer.status, 403, "{verb}: {answer:?}");
        let path = format!("/api/method/{STATISTICS}?{ASKED}");
        let answer = ask(&mirror, &desk, verb.clone(), &path, &form[..1]).await;
        let is_read = matches!(verb.as_str(), "GET" | "HEAD");
        assert_eq!(answer.status, if is_read { 200 } else { 400 }, "{verb}: {answer:?}");
    }
    // The token of another session, and of a session that was before.
    for token in ["token-manager", "token-admi", "TOKEN-ADMIN", "token-admin2", ""] {
        let headers = [("cookie", "sid=admin"), ("x-frappe-csrf-token", token)];
        let answer = ask(
            &mirror,
            &desk,
            Method::POST,
            &format!("/api/method/{SYNC}?repository=octo%2Fweb"),
            &headers,
        )
        .await;
        assert_eq!(answer.status, 400, "{token}: {answer:?}");
    }
    assert!(
        mirror.erp.value("SELECT COUNT(*) FROM `tabGitHub Sync Run`").await == "2",
        "nothing was begun"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn an_address_counts_as_the_nearest_trusted_proxy_tells_it() {
    let (mirror, desk) = company().await;
    let erp = mirror.erp.erp();
    erp.set("User", "admin@x.com", "restrict_ip", "10.1.")
        .await
        .expect("restricted");
    for (told, status) in [
        ("10.1.2.3", 200),
        ("10.1.2.3:55123", 200),
        ("::ffff:10.1.2.3", 200),
        ("8.8.8.8, 10.1.2.3", 200),
        ("10.1.2.3, 8.8.8.8", 401),
        ("10.1.2.3, nonsense", 401),
        ("110.1.2.3", 401),
        ("", 401),
    ] {
        let headers = [("cookie", "sid=admin"), ("x-forwarded-for", told)];
        let path = format!("/api/method/{STATISTICS}?{ASKED}");
        let answer = ask(&mirror, &desk, Method::GET, &path, &headers).await;
        assert_eq!(answer.status, status, "{told}: {answer:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn what_was_taken_from_somebody_counts_at_his_next_call() {
    let (mirror, desk) = company().await;
    let call = async |user: &str| desk.post(user, STATISTICS, &[("repo_full_name", "octo/web")]).await.status;
    let run = async |sql: &str| mirror.erp.scratch().execute(sql).await.expect("done");
    assert_eq!(
        (
            call("admin@x.com").await,
            call("pusher@x.com").await,
            call("system@x.com").await
        ),
        (200, 200, 200)
    );
    // A role profile writes the rows of a user anew.
    run("DELETE FROM `tabHas Role` WHERE parent = 'admin@x.com'").await;
    assert_eq!(call("admin@x.com").await, 403);
    run("DELETE FROM tabSessions WHERE user = 'pusher@x.com'").await;
    assert_eq!(call("pusher@x.com").await, 403);
    run("UPDATE tabUser SET user_type = 'Website User' WHERE name = 'system@x.com'").await;
    assert_eq!(call("system@x.com").await, 403);
    run("UPDATE tabUser SET enabled = 0 WHERE name = 'system@x.com'").await;
    assert_eq!(call("system@x.com").await, 403);
    mirror.finish().await;
}

#[tokio::test]
async fn what_shows_who_somebody_is_stands_in_no_line_of_the_log() {
    let (mirror, desk) = company().await;
    with_key(&mirror, "admin@x.com").await;
    let log = Log::listen("trace");
    let path = format!("/api/method/{SYNC}?repository=octo%2Fweb&sid=long-gone-sid&csrf_token=csrf-hush");
    for headers in [
        &[("authorization", "token k1:hush-wrong")][..],
        &[("authorization", "Bearer hush-bearer")],
        &[("authorization", "Digest hush-digest")],
        &[("cookie", "sid=sid-hush")],
        &[("cookie", "sid=admin"), ("x-frappe-csrf-token", "csrf-hush")],
    ] {
        ask(&mirror, &desk, Method::POST, &path, headers).await;
    }
    let text = log.text();
    assert!(text.contains("a desk method was refused"), "{text}");
    for secret in ["hush", "long-gone-sid", "k1:"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    mirror.finish().await;
}

#[test]
fn a_database_that_is_away_asks_nobody_to_log_in_and_is_described_to_nobody() {
    let serving = Serving::start(TestBench::new().with_unreachable_site("away.test"));
    for cookie in ["", "Cookie: sid=abc\r\n"] {
        let mut stream = TcpStream::connect(&serving.address).expect("it listens");
        let ask =
            format!("GET /api/method/{STATISTICS}?{ASKED} HTTP/1.1\r\nHost: away.test\r\n{cookie}Connection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(
            answer.contains("erpnext-github doctor") && !answer.contains("127.0.0.1"),
            "{answer}"
        );
    }
    // Whoever runs it learns where it was looked for.
    let logged = serving.until("the database failed a desk method");
    assert!(
        logged["error"].as_str().is_some_and(|error| error.contains("127.0.0.1")),
        "{logged}"
    );
}
