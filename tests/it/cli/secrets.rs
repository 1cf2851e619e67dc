//! Secrets neither come in by the arguments nor go out by a message.

use super::program::{TestBench, finish};

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
