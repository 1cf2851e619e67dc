//! `doctor`, `serve` and `healthcheck`.

use std::collections::BTreeSet;
use std::io::Read;

use erpnext_github::sim::github::World;
use erpnext_github::sim::site::FrappeMajor;
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::program::{TestBench, closed_port, finish, program};
use super::serving::{SERVE, Serving};
use crate::support::TestSite;
use crate::support::mirror::Mirror;

#[test]
fn doctor_names_what_is_wrong_with_each_site() {
    let bench = TestBench::new()
        .with_unreachable_site("away.test")
        .with_site("broken.test", &json!([]))
        .with_site("nameless.test", &json!({ "db_password": "x" }));
    let ended = bench.run(&["doctor", "--site", "all", "--json"]);
    let answer: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    assert_eq!((ended.code, &answer["ok"]), (3, &json!(false)));
    let found: Vec<[&str; 3]> = answer["sites"]
        .as_array()
        .expect("sites")
        .iter()
        .map(|site| {
            let failed = site["checks"].as_array().expect("checks").iter();
            let failed = failed.clone().find(|check| check["status"] == "failed").expect("a failure");
            [&site["site"], &failed["check"], &failed["message"]].map(|value| value.as_str().expect("text"))
        })
        .collect();
    for (found, [site, check, part]) in found.iter().zip([
        ["away.test", "database", "start it, or correct db_host"],
        ["broken.test", "site_config", "correct the file"],
        ["nameless.test", "site_config", "`db_name` is missing"],
    ]) {
        assert_eq!([found[0], found[1]], [site, check]);
        assert!(found[2].contains(part), "{found:?}");
    }
    let told = bench.run(&["doctor", "--site", "away.test"]);
    assert_eq!(told.code, 3, "as every command that needs the database");
    assert!(told.stdout.contains("FAILED   database "), "{}", told.stdout);
}

#[test]
fn serve_answers_supervisors_and_ends_when_asked() {
    let serving = Serving::start(TestBench::new().with_unreachable_site("away.test"));
    let (head, body) = serving.get("/healthz");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_eq!(serde_json::from_str::<Value>(&body).expect("JSON")["status"], "ok");

    let (head, body) = serving.get("/readyz");
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(answer["status"], "not_ready");
    assert_eq!(
        (&answer["sites"][0]["site"], &answer["sites"][0]["status"]),
        (&json!("away.test"), &json!("not_ready"))
    );
    assert_eq!(answer["sites"][0]["checks"][0]["check"], "database");

    assert!(serving.get("/no/such/path?site=away.test").0.starts_with("HTTP/1.1 404 "));
    let (head, body) = serving.get("/metrics");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    for line in [
        "erpnext_github_http_requests_total{route=\"/healthz\",status=\"2xx\"} 1",
        "erpnext_github_http_requests_total{route=\"/readyz\",status=\"5xx\"} 1",
        "erpnext_github_db_connections{state=\"in_use\"} 0",
    ] {
        assert!(body.contains(line), "{line} is missing in:\n{body}");
    }
    assert!(!body.contains("away.test"), "a label that is not bounded:\n{body}");

    let check = |path| finish(program(&["healthcheck", &format!("http://{}{path}", serving.address)]), "");
    assert_eq!(check("/healthz").code, 0);
    let unwell = check("/readyz");
    assert_eq!(unwell.code, 1, "{unwell:?}");
    assert!(unwell.stderr.contains("away.test"), "{unwell:?}");

    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
}

/// The program's runs block this thread, while the fake GitHub answers on another.
#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_served() {
    let mirror = Mirror::new(|_| {}).await;
    let site = mirror.erp.scratch();
    site.set_config("github_api_url", mirror.github.base_url().into())
        .expect("changed");
    let bench = mirror.erp.bench_root().to_string_lossy().into_owned();

    let nobody = format!("127.0.0.1:{}", closed_port());
    let ended = finish(program(&["doctor", "--bench", &bench, "--listen", &nobody, "--json"]), "");
    let answer: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    assert_eq!((ended.code, &answer["ok"]), (0, &json!(true)), "{ended:?}");
    let checks = answer["sites"][0]["checks"].as_array().expect("checks");
    let github = checks.iter().find(|check| check["check"] == "github").expect("asked");
    assert_eq!(github["status"], "ok", "{github}");
    assert!(!ended.stdout.contains("token-of-the-tests"), "{ended:?}");

    let mut command = program(&SERVE);
    command.current_dir(mirror.erp.bench_root());
    let serving = Serving::run(command, None);
    let (head, body) = serving.get("/readyz");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        (&answer["status"], &answer["sites"][0]["status"], answer.get("message")),
        (&json!("ready"), &json!("ready"), None)
    );
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
    mirror.finish().await;
}

/// Names of labels with their values, wherever they stand.
fn labels(metrics: &str) -> BTreeSet<(&str, &str)> {
    let inside = metrics.lines().filter_map(|line| line.split_once('{')?.1.split_once('}'));
    let pairs = inside.flat_map(|(labels, _)| labels.split(','));
    pairs
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name, value.trim_matches('"')))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_served_sync_is_counted_with_labels_that_name_nobody() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3).with_members(2);
    })
    .await;
    let values = [("full_name", "octo/web"), ("enabled", "1")];
    mirror
        .erp
        .erp()
        .insert("Repository", "octo/web", &values)
        .await
        .expect("a repository");
    let site = mirror.erp.scratch();
    site.set_config("github_api_url", mirror.github.base_url().into())
        .expect("changed");
    let mut command = program(&SERVE);
    command.current_dir(mirror.erp.bench_root());
    let serving = Serving::run(command, None);
    assert_eq!(serving.until("synced")["status"], "Completed");
    let (_, body) = serving.get("/metrics");
    let counted = "erpnext_github_sync_runs_total{trigger=\"schedule\",status=\"completed\"} 1";
    assert!(body.contains(counted), "{counted} is missing in:\n{body}");
    let requests = body.lines().filter(|line| line.starts_with("erpnext_github_requests_total{"));
    let requests = requests.filter_map(|line| line.rsplit_once(' ')?.1.parse::<usize>().ok());
    let (counted, asked) = (requests.sum::<usize>(), mirror.github.requests().len());
    // A comparison with GitHub may be under way: what it asks is counted when it is answered.
    assert!((asked - 2..=asked).contains(&counted), "{counted} of {asked}:\n{body}");
    for (name, value) in labels(&body) {
        let known: &[&str] = match name {
            "route" => &["/healthz", "/readyz", "/metrics", "none"],
            "state" => &["in_use", "idle"],
            "status" => &[
                "1xx",
                "2xx",
                "3xx",
                "4xx",
                "5xx",
                "completed",
                "completed_with_failures",
                "failed",
                "stopped",
            ],
            "trigger" => &["command", "schedule", "button", "webhook", "reconciliation"],
            "entity" => &[
                "repository",
                "issue",
                "pull_request",
                "branch",
                "member",
                "label",
                "milestone",
                "release",
                "comment",
                "review",
                "commit",
            ],
            "api" => &["rest", "graphql"],
            "purpose" => &["sync", "full_sync", "webhooks", "reconciliation", "hooks", "desk", "other"],
            "class" => &["2xx", "3xx", "4xx", "5xx", "none"],
            "version" => &[env!("CARGO_PKG_VERSION")],
            _ => &[],
        };
        assert!(known.contains(&value), "{name} has the value {value}:\n{body}");
    }
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
    mirror.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_only_lacks_something_is_no_outage() {
    let site = TestSite::new(FrappeMajor::V15).await;
    let ended = finish(program(&["doctor", "--bench", &site.bench_root().to_string_lossy()]), "");
    assert_eq!(ended.code, 1, "{ended:?}");
    let mirror = Mirror::new(|_| {}).await;
    let away = format!("http://127.0.0.1:{}", super::program::closed_port());
    let bench = mirror.erp.bench_root().to_string_lossy().into_owned();
    let set = ["settings", "set", "personal_access_token", "--stdin"];
    let at = ["--bench", &bench, "--github-api-url", &away];
    assert_eq!(finish(program(&[&set[..], &at].concat()), World::TOKEN).code, 0);
    let ended = finish(program(&[&["doctor"], &at[..]].concat()), "");
    assert_eq!(ended.code, 3, "a GitHub that is away is an outage: {ended:?}");
}

#[test]
fn a_site_whose_file_cannot_be_read_is_named() {
    let serving = Serving::start(TestBench::new().with_site("broken.test", &json!([])));
    let (head, body) = serving.get("/readyz");
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    let site = &answer["sites"][0];
    assert_eq!([&site["site"], &site["status"]], ["broken.test", "not_ready"], "{body}");
    assert_eq!(site["checks"][0]["check"], "site_config", "{body}");
    let message = site["checks"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("correct the file"), "{body}");
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
}

#[test]
fn the_log_of_serve_is_ours() {
    let serving = Serving::start(TestBench::new());
    for line in serving.end() {
        let target = line["target"].as_str().unwrap_or_default();
        assert!(target.starts_with("erpnext_github"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_cannot_be_synced_is_not_simply_ready() {
    let mirror = Mirror::new(|_| {}).await;
    let site = mirror.erp.scratch();
    let elsewhere = format!("http://127.0.0.1:{}", super::program::closed_port());
    for (address, part) in [(elsewhere.as_str(), "was entered for"), ("ftp://x", "github_api_url")] {
        site.set_config("github_api_url", address.into()).expect("changed");
        let mut command = program(&SERVE);
        command.current_dir(mirror.erp.bench_root());
        let serving = Serving::run(command, None);
        let (head, body) = serving.get("/readyz");
        assert!(head.starts_with("HTTP/1.1 200 "), "what is stored can be asked for: {head}");
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        let only = &answer["sites"][0];
        assert_eq!([&answer["status"], &only["status"]], ["degraded", "degraded"], "{body}");
        let failed = only["checks"].as_array().expect("checks").iter();
        let mut failed = failed.filter(|check| check["status"] == "failed");
        let told = failed.next().expect("a reason")["message"].as_str().unwrap_or_default();
        assert!(told.contains(part), "{body}");
        assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
    }
    mirror.finish().await;
}

#[test]
fn ctrl_c_ends_serve_as_well() {
    let serving = Serving::start(TestBench::new().with_unreachable_site("away.test"));
    assert_eq!(serving.stop(Signal::SIGINT), Some(0));
}

#[test]
fn an_address_that_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let bench = TestBench::new().with_unreachable_site("away.test");
    let ended = bench.run(&["serve", "--listen", &address]);
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(
        ended.stderr.contains("cannot listen on") && ended.stderr.contains("--listen"),
        "{ended:?}"
    );
}

#[test]
fn nothing_is_written_on_standard_output_by_a_server() {
    let mut serving = Serving::start(TestBench::new().with_unreachable_site("away.test"));
    let mut stdout = serving.child.stdout.take().expect("piped");
    serving.get("/readyz");
    assert_eq!(serving.stop(Signal::SIGHUP), Some(0));
    let mut text = String::new();
    stdout.read_to_string(&mut text).expect("text");
    assert_eq!(text, "");
}
