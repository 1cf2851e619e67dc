//! Answers that break off, which no well-behaved server can give: bytes written by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use erpnext_github::github::{ErrorKind, GithubError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::objects::repository;
use super::{TOKEN, client_at, options, web};

/// Serves connection after connection with the next of `answers`, closing each; the last one is used again.
async fn serve(answers: Vec<Vec<u8>>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let served = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&served);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let answer = answers.get(number).or(answers.last()).cloned().unwrap_or_default();
            write(stream, &answer).await;
        }
    });
    (url, served)
}

/// Reads the head of a request and writes `answer`. An empty one closes the connection without reading, which resets it.
async fn write(mut stream: TcpStream, answer: &[u8]) {
    if answer.is_empty() {
        stream.readable().await.expect("a request");
        return;
    }
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a request"));
    }
    stream.write_all(answer).await.expect("writing");
    stream.shutdown().await.expect("closing");
}

fn whole() -> Vec<u8> {
    let body = repository(5, "acme/web").to_string();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The first part of the JSON, of which the server says that it is all.
fn cut_json() -> Vec<u8> {
    let body = repository(5, "acme/web").to_string();
    let body = &body[..body.len() / 2];
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Fewer bytes than announced.
fn short_body() -> Vec<u8> {
    let whole = whole();
    whole[..whole.len() - 40].to_vec()
}

fn empty_body() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
}

fn chunk_without_end() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\n{\"id\"\r\n".to_vec()
}

async fn ask(answers: Vec<Vec<u8>>) -> (Result<u64, GithubError>, usize) {
    let (url, served) = serve(answers).await;
    let result = client_at(&url, options())
        .repository(&web())
        .await
        .map(|fetched| fetched.value.id);
    (result, served.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_broken_answer_is_asked_for_again() {
    let broken: [fn() -> Vec<u8>; 5] = [cut_json, short_body, empty_body, chunk_without_end, Vec::new];
    for answer in broken {
        let (result, served) = ask(vec![answer(), whole()]).await;
        let shown = String::from_utf8_lossy(&answer()).into_owned();
        assert_eq!((result.expect("the second answer"), served), (5, 2), "{shown}");
    }
}

#[tokio::test]
async fn what_stays_broken_is_told_by_its_kind() {
    let truncated: [fn() -> Vec<u8>; 4] = [cut_json, short_body, chunk_without_end, Vec::new];
    for answer in truncated {
        let (result, served) = ask(vec![answer()]).await;
        let error = result.expect_err("broken");
        assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{error}");
        assert_eq!(served, 3, "{error}");
        assert!(!error.to_string().contains(TOKEN));
    }
    let (result, served) = ask(vec![empty_body()]).await;
    assert_eq!((result.expect_err("empty").kind(), served), (&ErrorKind::EmptyBody, 3));
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let error = client_at(&format!("http://{address}"), options())
        .repository(&web())
        .await
        .expect_err("nobody");
    let ErrorKind::Unreachable { reason } = error.kind() else {
        panic!("{error}")
    };
    assert!(
        reason.contains(&address.to_string()) && reason.contains("refused"),
        "{reason}"
    );
    assert!(
        error.is_outage() && error.to_string().contains("check the network"),
        "{error}"
    );
}
