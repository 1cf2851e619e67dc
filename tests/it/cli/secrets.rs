//! Secrets neither come in by the arguments nor go out by a message.

use std::process::Command;

use erpnext_github::frappe::instance::FILE_KEY;
use erpnext_github::frappe::site_config_file::remove_key;

use super::program::{Ended, TestBench, finish, program};
use crate::support::mirror::Mirror;

#[test]
fn a_secret_in_the_arguments_is_refused_and_not_repeated() {
    let bench = TestBench::new().with_unreachable_site("one.test");
    for key in [
        "personal_access_token",
        "oauth_client_secret",
        "webhook_secret",
        "previous_webhook_secret",
    ] {
        let ended = bench.run(&["settings", "set", key, "sesame-open"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
        assert!(ended.stderr.contains("--stdin"), "{ended:?}");
        assert!(!ended.stderr.contains("sesame-open"), "{ended:?}");
    }
}

#[test]
fn an_empty_input_is_no_secret() {
    let bench = TestBench::new().with_unreachable_site("one.test");
    let ended = finish(bench.command(&["settings", "set", "personal_access_token", "--stdin"]), "\n");
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("no value for personal_access_token"), "{ended:?}");
}

#[test]
fn the_databases_password_stays_out_of_every_message() {
    let bench = TestBench::new().with_unreachable_site("one.test");
    let mut command = bench.command(&["doctor", "--json"]);
    command.env("ERPNEXT_GITHUB_LOG", "trace");
    let ended = finish(command, "");
    assert!(
        !ended.stdout.contains("hush-hush") && !ended.stderr.contains("hush-hush"),
        "{ended:?}"
    );
}

fn set(mirror: &Mirror, key: &str) -> Command {
    let mut command = program(&["settings", "set", key, "--stdin"]);
    command.current_dir(mirror.erp.bench_root());
    command
}

fn assert_refused(ended: &Ended, code: i32, part: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(ended.stderr.contains(part), "{part} is missing: {ended:?}");
    assert!(!ended.stderr.contains("sesame"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_cannot_be_one_is_refused() {
    let mirror = Mirror::new(|_| {}).await;
    let stored = "SELECT GROUP_CONCAT(password ORDER BY fieldname) FROM __Auth WHERE doctype = 'GitHub Settings'";
    let before = mirror.erp.value(stored).await;
    for (key, value) in [
        ("personal_access_token", "sesame-one\nsesame-two\n"),
        ("personal_access_token", "sesame-one sesame-two"),
        ("personal_access_token", "ses\tame"),
        ("personal_access_token", "\u{feff}sesame"),
        ("personal_access_token", "   \n"),
        ("oauth_client_secret", "sesame-one sesame-two"),
        ("webhook_secret", "sesame-one\nsesame-two"),
        ("webhook_secret", "sesame\u{7}"),
    ] {
        assert_refused(&finish(set(&mirror, key), value), 2, &format!("`{key}` wants "));
    }
    assert_eq!(mirror.erp.value(stored).await, before, "nothing is half-written");
    for (key, value) in [("personal_access_token", "  ghp_x\r\n"), ("webhook_secret", "open sesame")] {
        let ended = finish(set(&mirror, key), value);
        assert_eq!(ended.code, 0, "{ended:?}");
    }
    mirror.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_wrong_usage() {
    let mirror = Mirror::new(|_| {}).await;
    for (key, value, part) in [
        ("sync_interval_minutes", "often", "wants a whole number"),
        ("enabled", "yes", "wants 0 or 1"),
        ("last_sync", "2026-01-01 00:00:00", "is set by the system"),
    ] {
        assert_refused(&finish(set(&mirror, key), value), 2, part);
    }
    mirror.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_takes_no_token() {
    let mirror = Mirror::new(|_| {}).await;
    remove_key(&mirror.site().config().file(), FILE_KEY).expect("removed");
    let ended = finish(set(&mirror, "personal_access_token"), "sesame");
    assert_refused(&ended, 1, "erpnext-github adopt --site");
    mirror.finish().await;
}
