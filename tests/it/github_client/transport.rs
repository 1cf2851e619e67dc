//! Proxies and certificate authorities come from the environment, and a log belongs to a whole process, so each case runs in a process of its own: this test binary again, with
//! the one test `inside` that is otherwise passed over.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use erpnext_github::clock::FixedClock;
use erpnext_github::config::{HostLayer, Hosts};
use erpnext_github::github::{Client, Credential};
use secrecy::SecretString;

use super::{TOKEN, options, our_clock};

const API: &str = "TEST_GITHUB_API_URL";
const CA: &str = "TEST_GITHUB_CA";
const SETTINGS: [&str; 10] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];
const MONA: &str = "{\"login\":\"mona\",\"id\":2}";
const HEAD: &str = "HTTP/1.1 200 OK\r\nX-GitHub-Request-Id: ABCD:1\r\nContent-Length: 23\r\nConnection: close\r\n\r\n";

/// What the cases run: asks who the token belongs to, with everything logged, and prints what comes of it.
#[tokio::test]
#[ignore = "run by the other tests of this module, each in an environment of its own"]
async fn inside() {
    let Ok(api) = std::env::var(API) else { return };
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .init();
    let flags = HostLayer::of_flags(Some(api), None, None).with_authorities(std::env::var_os(CA).map(Into::into));
    let hosts = Hosts::resolve(&[&flags]).expect("an address");
    let token = Credential::Token(SecretString::from(TOKEN));
    let outcome = match Client::new(hosts, &token, FixedClock::at(our_clock()), options()) {
        Ok(client) => match client.get_conditional("/user?per_page=7", None).await {
            Ok(answer) => answer
                .changed()
                .map(|answer| String::from_utf8_lossy(&answer.body).into_owned())
                .unwrap_or_default(),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    println!("OUTCOME<{outcome}>");
}

/// Runs `inside` against `api` with these variables and no others of their kind; everything it printed.
fn run(api: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["--exact", "github_client::transport::inside", "--ignored", "--nocapture"]);
    for name in SETTINGS {
        command.env_remove(name);
    }
    let output = command.env(API, api).envs(variables.iter().copied()).output().expect("a run");
    let shown = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(shown.contains("OUTCOME<"), "{shown}");
    assert!(!shown.contains(TOKEN), "the token is shown: {shown}");
    shown
}

fn head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Serves every connection with `serve` on a thread; what it returns can be received.
fn listen(serve: impl Fn(TcpStream) -> String + Send + 'static) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if sender.send(serve(stream)).is_err() {
                return;
            }
        }
    });
    (port, receiver)
}

/// A certificate authority (PEM) and a server configuration with a certificate for `localhost` and `github.test` from it.
fn private_ca() -> (String, Arc<ServerConfig>) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let names = CertificateParams::new(vec!["localhost".to_owned(), "github.test".to_owned()]).expect("parameters");
    let certificate = names.signed_by(&key, &authority).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a configuration");
    (authority.pem(), Arc::new(config))
}

/// A GitHub with such a certificate.
fn secure_github(config: Arc<ServerConfig>) -> (u16, Receiver<String>) {
    listen(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
        let mut stream = StreamOwned::new(connection, stream);
        let head = head(&mut stream);
        // A client that does not trust the certificate hangs up before it says anything.
        if !head.is_empty() {
            stream.write_all(format!("{HEAD}{MONA}").as_bytes()).expect("writing");
            stream.conn.send_close_notify();
            stream.flush().expect("writing");
        }
        head
    })
}

/// A proxy that lets everything through to this port of this machine, whatever is asked for.
fn tunnel(port: u16) -> (u16, Receiver<String>) {
    listen(move |mut client| {
        let head = head(&mut client);
        let mut server = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        client
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .expect("writing");
        let (mut from_client, mut to_server) = (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
        thread::spawn(move || {
            // One that hangs up early ends the copy, which is no matter here.
            let _ended = std::io::copy(&mut from_client, &mut to_server);
            let _closed = to_server.shutdown(Shutdown::Write);
        });
        thread::spawn(move || {
            let _ended = std::io::copy(&mut server, &mut client);
            let _closed = client.shutdown(Shutdown::Write);
        });
        head
    })
}

#[test]
fn f44_a_named_authority_is_believed_beside_the_systems() {
    let (authority, config) = private_ca();
    let (port, heads) = secure_github(config);
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("writing");
        path.to_string_lossy().into_owned()
    };
    let (own, system) = (file("own.pem", &authority), file("system.pem", &private_ca().0));
    let api = format!("https://localhost:{port}");
    for more in [&[("SSL_CERT_FILE", system.as_str())][..], &[]] {
        let shown = run(&api, &[&[(CA, own.as_str())], more].concat());
        assert!(shown.contains(&format!("OUTCOME<{MONA}>")), "{shown}");
        assert!(heads.recv().expect("a request").starts_with("GET /user?per_page=7 "));
    }
    let both = file("both.pem", &format!("{}{authority}", private_ca().0));
    assert!(run(&api, &[(CA, &both)]).contains(&format!("OUTCOME<{MONA}>")));
    for (path, part) in [
        (file("empty.pem", "nothing\n"), "holds no certificate"),
        (
            file("broken.pem", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
            "no certificate",
        ),
        ("/nonexistent/ca.pem".to_owned(), "cannot be read"),
    ] {
        let shown = run(&api, &[(CA, &path)]);
        assert!(
            shown.contains("--github-ca: ") && shown.contains(part) && shown.contains("in PEM form"),
            "{path}: {shown}"
        );
    }
}

#[test]
fn f44_a_proxy_lets_an_encrypted_call_through_and_sees_no_token() {
    let (authority, config) = private_ca();
    let (github, heads) = secure_github(config);
    let (proxy, asked) = tunnel(github);
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("own.pem");
    std::fs::write(&own, authority).expect("writing");
    let api = "https://github.test:8443";
    let through = format!("http://me:hush@127.0.0.1:{proxy}");
    let shown = run(api, &[(CA, &own.to_string_lossy()), ("HTTPS_PROXY", &through)]);
    assert!(shown.contains(&format!("OUTCOME<{MONA}>")), "{shown}");
    assert!(!shown.contains("hush"), "a password of the proxy is shown: {shown}");
    let head = asked.recv().expect("a request");
    assert!(
        head.starts_with("CONNECT github.test:8443 ") && head.to_ascii_lowercase().contains("proxy-authorization: basic "),
        "{head}"
    );
    assert!(!head.contains(TOKEN), "{head}");
    assert!(heads.recv().expect("a request").contains(TOKEN));
}

#[test]
fn a_private_certificate_authority_is_honoured() {
    let (authority, config) = private_ca();
    let (port, heads) = secure_github(config);
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("own.pem");
    std::fs::write(&own, authority).expect("writing");
    let stranger = folder.path().join("stranger.pem");
    std::fs::write(&stranger, private_ca().0).expect("writing");
    let api = format!("https://localhost:{port}");

    let shown = run(&api, &[("SSL_CERT_FILE", &own.to_string_lossy())]);
    assert!(shown.contains(&format!("OUTCOME<{MONA}>")), "{shown}");
    assert!(heads.recv().expect("a request").starts_with("GET /user?per_page=7 HTTP/1.1"));

    let shown = run(&api, &[("SSL_CERT_FILE", &stranger.to_string_lossy())]);
    assert!(
        shown.contains("GitHub cannot be reached: localhost:") && shown.contains("certificate"),
        "{shown}"
    );
    assert!(shown.contains("name its file with --github-ca"), "{shown}");
    assert_eq!(heads.recv().expect("a connection"), "", "nothing is said to a stranger");

    let shown = run(&api, &[("SSL_CERT_FILE", "/nonexistent/ca.pem")]);
    assert!(shown.contains("no HTTPS connection can be prepared"), "{shown}");
}

#[test]
fn a_proxy_of_the_environment_is_used_and_sees_no_token() {
    let (port, heads) = listen(|mut stream| {
        let head = head(&mut stream);
        stream
            .write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            .expect("writing");
        head
    });
    let proxy = format!("http://127.0.0.1:{port}");
    let folder = tempfile::tempdir().expect("a folder");
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, private_ca().0).expect("writing");
    let trusted = ("SSL_CERT_FILE", &*authority.to_string_lossy());
    let shown = run("https://github.invalid/api/v3", &[trusted, ("HTTPS_PROXY", &proxy)]);
    assert!(shown.contains("check the network, HTTPS_PROXY and NO_PROXY"), "{shown}");
    let head = heads.recv().expect("a request");
    assert!(head.starts_with("CONNECT github.invalid:443 "), "{head}");
    assert!(!head.contains(TOKEN), "{head}");

    while heads.try_recv().is_ok() {}
    let shown = run(
        "https://github.invalid",
        &[trusted, ("HTTPS_PROXY", &proxy), ("NO_PROXY", "github.invalid")],
    );
    assert!(shown.contains("GitHub cannot be reached: github.invalid"), "{shown}");
    let shown = run("http://127.0.0.1:1", &[("HTTP_PROXY", &proxy), ("ALL_PROXY", &proxy)]);
    assert!(shown.contains("refused"), "{shown}");
    assert!(
        heads.try_recv().is_err(),
        "neither an exempt host nor this machine goes through a proxy"
    );
}

#[test]
fn a_request_is_logged_without_token_and_query() {
    let (port, heads) = listen(|mut stream| {
        let head = head(&mut stream);
        stream.write_all(format!("{HEAD}{MONA}").as_bytes()).expect("writing");
        head
    });
    let shown = run(&format!("http://127.0.0.1:{port}"), &[]);
    assert!(
        heads.recv().expect("a request").contains(TOKEN),
        "the header is the one place for it"
    );
    let line = shown
        .lines()
        .find(|line| line.contains("asked GitHub"))
        .expect("a line of ours");
    let told = [
        "DEBUG",
        "method=\"GET\"",
        "path=\"/user\"",
        "status=200",
        "request_id=\"ABCD:1\"",
        "duration_ms=",
    ];
    assert!(told.iter().all(|part| line.contains(part)), "{line}");
    assert!(!line.contains("per_page"), "{line}");
}
