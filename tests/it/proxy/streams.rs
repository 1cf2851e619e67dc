//! Bodies go through as they come, and connections may leave HTTP.

use std::sync::Arc;

use futures_util::StreamExt as _;
use reqwest::{Body, Method};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::bench::TestBench;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

#[tokio::test]
async fn a_body_goes_through_part_by_part_in_both_directions() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "").await;
    let signals = Arc::clone(&bench.signals);
    // The second part is sent only when the bench has the first one.
    let parts = futures_util::stream::unfold(0, move |part| {
        let signals = Arc::clone(&signals);
        async move {
            if part == 1 {
                signals.begun.notified().await;
            }
            (part < 2).then_some((Ok::<_, std::io::Error>(vec![0_u8; 10]), part + 1))
        }
    });
    let sent = desk
        .request(Method::POST, "/upload")
        .body(Body::wrap_stream(parts))
        .send()
        .await
        .expect("an answer");
    assert_eq!(sent.text().await.expect("a body"), "20");

    let mut answer = desk
        .request(Method::GET, "/download")
        .send()
        .await
        .expect("an answer")
        .bytes_stream();
    assert_eq!(&answer.next().await.expect("a part").expect("read")[..], b"first ");
    bench.signals.read.notify_one();
    assert_eq!(&answer.next().await.expect("a part").expect("read")[..], b"second");
    mirror.finish().await;
}

#[tokio::test]
async fn an_upload_may_be_larger_than_any_call_of_ours() {
    const MIB: usize = 1024 * 1024;
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "").await;
    let parts = futures_util::stream::iter((0..64).map(|_| Ok::<_, std::io::Error>(vec![0_u8; MIB])));
    let sent = desk
        .request(Method::POST, "/upload")
        .body(Body::wrap_stream(parts))
        .send()
        .await
        .expect("an answer");
    assert_eq!(sent.text().await.expect("a body"), (64 * MIB).to_string());
    mirror.finish().await;
}

/// Opens a socket at the path and gives it with the headers that node saw.
async fn socket(desk: &Desk) -> (BufReader<TcpStream>, serde_json::Value) {
    let address = desk.address().trim_start_matches("http://");
    let mut stream = BufReader::new(TcpStream::connect(address).await.expect("a connection"));
    let ask = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: erp.example.com:9100\r\nConnection: keep-alive, Upgrade\r\n\
               Upgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nCookie: sid=abc\r\n\r\n";
    stream.write_all(ask.as_bytes()).await.expect("written");
    let mut line = String::new();
    stream.read_line(&mut line).await.expect("a line");
    assert!(line.starts_with("HTTP/1.1 101 "), "{line}");
    let mut head = String::new();
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).await.expect("a line");
        head += &line.to_ascii_lowercase();
    }
    assert!(
        head.contains("upgrade: websocket") && head.contains("connection: upgrade"),
        "{head}"
    );
    line.clear();
    stream.read_line(&mut line).await.expect("a line");
    (stream, serde_json::from_str(&line).expect("JSON"))
}

#[tokio::test]
async fn a_web_socket_goes_to_node_with_its_site_and_origin() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "10.0.0.1").await;
    let (mut stream, told) = socket(&desk).await;
    for (name, value) in [
        ("x-frappe-site-name", mirror.site().name()),
        ("origin", "http://erp.example.com:9100"),
        ("host", "erp.example.com:9100"),
        ("cookie", "sid=abc"),
        ("sec-websocket-key", "eA=="),
        ("x-forwarded-for", "127.0.0.1"),
    ] {
        assert_eq!(told[name], value, "{name}: {told}");
    }
    for sent in [b"ab", b"cd"] {
        stream.write_all(sent).await.expect("written");
        let mut twice = [0; 4];
        stream.read_exact(&mut twice).await.expect("read");
        assert_eq!(twice, [sent[0], sent[0], sent[1], sent[1]]);
    }
    let poll = Desk::answer(desk.request(Method::GET, "/socket.io/?EIO=4&transport=polling")).await;
    assert_eq!(poll.body["target"], "/socket.io/?EIO=4&transport=polling");
    mirror.finish().await;
}

#[tokio::test]
async fn an_open_web_socket_ends_with_the_process() {
    let (mirror, bench) = (Mirror::new(|_| {}).await, TestBench::start().await);
    let desk = bench.behind(&mirror, "").await;
    let (mut stream, _) = socket(&desk).await;
    drop(desk);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect("ended");
    assert_eq!(rest, b"");
    mirror.finish().await;
}
