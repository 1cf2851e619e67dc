//! What a stranger writes to look like more, or like somebody else, behind `serve --proxy`.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::bench::TestBench;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

/// Sends these bytes as they are, and gives all that comes back until the connection ends.
async fn raw(desk: &Desk, bytes: &str) -> String {
    let address = desk.address().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(bytes.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    // A connection that is cut off has answered, too.
    let _end = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The bench's word about a request that it got, out of an answer.
fn told(answer: &str) -> Value {
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let (from, to) = (body.find('{').unwrap_or(0), body.rfind('}').map_or(0, |at| at + 1));
    serde_json::from_str(&body[from..to.max(from)]).unwrap_or_default()
}

#[tokio::test]
async fn one_request_is_one_request_at_the_bench_however_its_length_is_told() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "10.0.0.1").await;
    let hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\nX-Frappe-Site-Name: other.test\r\n\r\n";
    let chunked = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    for lengths in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: chunked\r\nConnection: close, transfer-encoding\r\n",
        "Transfer-Encoding: chunked\r\nConnection: close, content-length\r\nContent-Length: 4\r\n",
    ] {
        let asked = format!("POST /seen HTTP/1.1\r\nHost: erp.example.com\r\n{lengths}Connection: close\r\n\r\n{chunked}");
        let answer = raw(&desk, &asked).await;
        let seen = told(&answer);
        // Refused, or one request whose body is what was hidden.
        let is_refused = answer.starts_with("HTTP/1.1 400");
        let is_whole = seen["target"] == "/seen" && seen["body"] == hidden;
        assert!(is_refused || is_whole, "{lengths}: {answer}");
        assert!(!answer.contains("\"target\":\"/hidden\""), "{lengths}: {answer}");
    }
    for broken in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: +4\r\n",
        "Content-Length : 4\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "X-A: b\r\n X-Frappe-Site-Name: other.test\r\n",
        "X-A: b\rX-Frappe-Site-Name: other.test\r\n",
    ] {
        let asked = format!("POST /seen HTTP/1.1\r\nHost: erp.example.com\r\n{broken}Connection: close\r\n\r\nabcd");
        let answer = raw(&desk, &asked).await;
        let seen = told(&answer);
        let site = mirror.site().name();
        assert!(
            answer.starts_with("HTTP/1.1 400") || seen["headers"]["x-frappe-site-name"] == site,
            "{broken}: {answer}"
        );
        assert!(!answer.contains("other.test\",\"x-forwarded"), "{broken}: {answer}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn what_a_stranger_has_removed_with_his_connection_is_told_all_the_same() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "10.0.0.1").await;
    let asked = "GET /seen HTTP/1.1\r\nHost: erp.example.com\r\nX-Forwarded-For: 10.1.1.1\r\n\
                 Connection: close, x-forwarded-for, x-frappe-site-name, x-forwarded-proto, cookie\r\nCookie: sid=abc\r\n\r\n";
    let headers = told(&raw(&desk, asked).await)["headers"].clone();
    assert_eq!(
        (
            &headers["x-forwarded-for"],
            &headers["x-frappe-site-name"],
            headers.get("cookie")
        ),
        (&json!("127.0.0.1"), &json!(mirror.site().name()), None),
        "{headers}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_connection_leaves_http_for_web_sockets_alone() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "10.0.0.1").await;
    for (protocol, switched) in [("websocket", true), ("WebSocket", true), ("h2c", false), ("TLS/1.0", false)] {
        let asked = format!(
            "GET /socket.io/ HTTP/1.1\r\nHost: erp.example.com\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: {protocol}\r\n\
             HTTP2-Settings: AAMAAABk\r\n\r\n"
        );
        let address = desk.address().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(asked.as_bytes()).await.expect("sent");
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.expect("an answer");
        let status = String::from_utf8_lossy(&start).into_owned();
        assert_eq!(status == "HTTP/1.1 101", switched, "{protocol}: {status}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn who_waits_for_leave_to_send_gets_it_and_his_body_arrives() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "").await;
    let address = desk.address().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = "POST /upload HTTP/1.1\r\nHost: erp.example.com\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 100");
    stream.write_all(b"12345").await.expect("sent");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.expect("an answer");
    assert!(rest.contains("HTTP/1.1 200") && rest.trim_end().ends_with('5'), "{rest}");
    mirror.finish().await;
}

#[tokio::test]
async fn the_machines_own_paths_are_for_the_machine_and_the_bench_answers_the_others() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "").await;
    for path in ["/metrics", "/readyz", "/healthz"] {
        let near = Desk::answer(desk.request(Method::GET, path)).await;
        assert!(near.body.get("target").is_none(), "{path}: {near:?}");
        let far = Desk::answer(desk.request(Method::GET, path).header("x-forwarded-for", "203.0.113.9")).await;
        assert_eq!(far.body["target"], path, "{far:?}");
    }
    mirror.finish().await;
}
