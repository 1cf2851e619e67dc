//! Signals while GitHub hangs or the bench is in maintenance: the program ends soon, and leaves things in order.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use erpnext_github::sim::github::{Effect, Fault, Gate};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::program::program;
use super::serving::{SERVE, Serving};
use crate::support::mirror::Mirror;

/// What `serve --help` promises.
const PROMISED: Duration = Duration::from_secs(30);

/// A site that follows `octo/web`, whose GitHub does not answer for its issues.
async fn hanging() -> (Mirror, Gate) {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3);
    })
    .await;
    let values = [("full_name", "octo/web"), ("enabled", "1")];
    let erp = mirror.erp.erp();
    erp.insert("Repository", "octo/web", &values).await.expect("a repository");
    let gate = Gate::closed();
    let issues = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).always();
    mirror.github.world().faults.push(issues);
    let url = mirror.github.base_url().into();
    mirror
        .erp
        .scratch()
        .set_config("github_api_url", url)
        .expect("the site's file");
    (mirror, gate)
}

async fn is_in_order(mirror: Mirror) {
    assert_eq!(mirror.erp.value("SELECT status FROM `tabGitHub Sync Run`").await, "Stopped");
    let held = "SELECT COUNT(*) FROM erpnext_github_lease WHERE lease_until > UTC_TIMESTAMP(6)";
    assert_eq!(mirror.erp.value(held).await, "0", "the lease is given back");
    mirror.finish().await;
}

/// The program's ends are waited for on this thread, while the fake GitHub answers on another.
#[tokio::test(flavor = "multi_thread")]
async fn serve_ends_on_sigterm_while_github_hangs() {
    let (mirror, gate) = hanging().await;
    let mut command = program(&SERVE);
    command.current_dir(mirror.erp.bench_root());
    let serving = Serving::run(command, None);
    gate.reached(1).await;
    let asked = Instant::now();
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
    assert!(asked.elapsed() < PROMISED, "{:?}", asked.elapsed());
    let begun = "SELECT COUNT(*) FROM erpnext_github_cursor WHERE entity = 'items' AND attempted_at IS NOT NULL";
    assert_eq!(mirror.erp.value(begun).await, "0", "whoever is there next goes on at once");
    is_in_order(mirror).await;
}

/// What is being stored is waited for: 25 seconds at most, unless somebody asks a second time.
#[tokio::test(flavor = "multi_thread")]
async fn s4_asked_twice_serve_ends_at_once_and_takes_nothing_in_meanwhile() {
    let (mirror, gate) = hanging().await;
    let mut command = program(&SERVE);
    command.current_dir(mirror.erp.bench_root());
    let mut serving = Serving::run(command, None);
    gate.reached(1).await;
    // The run cannot write down its end.
    let site = mirror.site();
    let mut held = site.db().begin().await.expect("a transaction");
    held.rows("a test", "SELECT name FROM `tabGitHub Sync Run` FOR UPDATE", ())
        .await
        .expect("held");
    let pid = Pid::from_raw(i32::try_from(serving.child.id()).expect("a pid"));
    let asked = Instant::now();
    kill(pid, Signal::SIGTERM).expect("sent");
    while std::net::TcpStream::connect(&serving.address).is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(
        serving.child.try_wait().expect("its state").is_none(),
        "it waits for its write"
    );
    kill(pid, Signal::SIGTERM).expect("sent");
    assert_eq!(serving.child.wait().expect("it ends").code(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
    drop(held);
}

/// Nobody new gets through while the process ends; whoever was connected before is told to go elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn s4_readyz_answers_503_while_the_process_ends() {
    let (mirror, gate) = hanging().await;
    let mut command = program(&SERVE);
    command.current_dir(mirror.erp.bench_root());
    let mut serving = Serving::run(command, None);
    gate.reached(1).await;
    let mut held = mirror.site().db().begin().await.expect("a transaction");
    held.rows("a test", "SELECT name FROM `tabGitHub Sync Run` FOR UPDATE", ())
        .await
        .expect("held");
    let mut early = std::net::TcpStream::connect(&serving.address).expect("it listens");
    write!(early, "GET /readyz HTTP/1.1\r\nHost: x\r\n").expect("sent, but for its end");
    // Connections are taken in one after the other: when this one is answered, that one was.
    assert!(serving.get("/readyz").0.starts_with("HTTP/1.1 200 "));
    let pid = Pid::from_raw(i32::try_from(serving.child.id()).expect("a pid"));
    kill(pid, Signal::SIGTERM).expect("sent");
    while std::net::TcpStream::connect(&serving.address).is_ok() {
        tokio::task::yield_now().await;
    }
    write!(early, "\r\n").expect("its end");
    let mut answer = String::new();
    early.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(
        answer.contains("\"not_ready\"") && answer.contains("this process is ending"),
        "{answer}"
    );
    drop(held);
    assert_eq!(serving.child.wait().expect("it ends").code(), Some(0));
    is_in_order(mirror).await;
}

/// Two real processes: the one that holds the schedule is killed, and the other one has it within 30 seconds.
#[tokio::test(flavor = "multi_thread")]
async fn s4_a_killed_process_is_replaced_within_30_seconds() {
    let (mirror, gate) = hanging().await;
    let start = || {
        let mut command = program(&SERVE);
        command.current_dir(mirror.erp.bench_root());
        Serving::run(command, None)
    };
    let first = start();
    gate.reached(1).await;
    let second = start();
    let schedule = "SELECT CONCAT(fencing, ' ', SUBSTRING_INDEX(SUBSTRING_INDEX(owner, ':', 2), ':', -1)) FROM erpnext_github_lease WHERE name LIKE 'schedule:%'";
    assert_eq!(mirror.erp.value(schedule).await, format!("1 {}", first.child.id()));
    // Killed: nothing is given back.
    drop(first);
    let died = Instant::now();
    while mirror.erp.value(schedule).await != format!("2 {}", second.child.id()) {
        assert!(died.elapsed() < PROMISED, "{:?}", died.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // It goes on with what the other one was at, as soon as that one's lease of the repository has run out, too.
    gate.reached(2).await;
    gate.open();
    let runs = "SELECT GROUP_CONCAT(status ORDER BY status) FROM `tabGitHub Sync Run`";
    while mirror.erp.value(runs).await != "Completed,Failed" {
        assert!(died.elapsed() < PROMISED * 2, "{}", mirror.erp.value(runs).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(second.stop(Signal::SIGTERM), Some(0));
    mirror.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_ends_on_ctrl_c_while_github_hangs() {
    let (mirror, gate) = hanging().await;
    let mut command = program(&["sync"]);
    command.current_dir(mirror.erp.bench_root());
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    gate.reached(1).await;
    let asked = Instant::now();
    kill(Pid::from_raw(i32::try_from(child.id()).expect("a pid")), Signal::SIGINT).expect("sent");
    let output = child.wait_with_output().expect("it ends");
    assert!(asked.elapsed() < PROMISED, "{:?}", asked.elapsed());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(told.contains("stopped before the end"), "{told}");
    is_in_order(mirror).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_is_begun_in_maintenance_and_given_up_has_left_no_trace() {
    let (mirror, _gate) = hanging().await;
    let scratch = mirror.erp.scratch();
    scratch.set_config("maintenance_mode", 1.into()).expect("the site's file");
    let before = mirror.erp.dump().await;
    let mut command = program(&["sync", "--all-from", "octo"]);
    command.current_dir(mirror.erp.bench_root());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    while !line.contains("paused: the bench is in maintenance mode") {
        line.clear();
        assert_ne!(lines.read_line(&mut line).expect("text"), 0, "it ended");
    }
    kill(Pid::from_raw(i32::try_from(child.id()).expect("a pid")), Signal::SIGTERM).expect("sent");
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(1), "{rest}");
    assert!(rest.contains("stopped before the end"), "{rest}");
    assert_eq!(mirror.github.requests().len(), 0);
    assert_eq!(mirror.erp.dump().await, before, "not even the host of the token is noted");
    mirror.finish().await;
}
