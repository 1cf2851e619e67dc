//! Bad input ends in one sentence that says what to do, and in the promised exit code.

use serde_json::{Value, json};

use super::program::{Ended, TestBench, finish, program};

/// The commands that work on a bench, each with what it needs.
const ON_A_BENCH: [&[&str]; 7] = [
    &["install"],
    &["uninstall", "--yes"],
    &["adopt"],
    &["serve", "--listen", "127.0.0.1:0"],
    &["sync"],
    &["doctor"],
    &["settings", "get", "enabled"],
];

fn with<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [command, more].concat()
}

/// One line on the standard error stream and nothing on the other.
fn assert_one_sentence(ended: &Ended, code: i32, parts: &[&str]) {
    assert_eq!(ended.code, code, "{ended:?}");
    assert_eq!(ended.stdout, "", "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    for part in parts {
        assert!(ended.stderr.contains(part), "`{part}` is missing: {ended:?}");
    }
}

#[test]
fn no_bench() {
    for command in ON_A_BENCH {
        let ended = finish(program(command), "");
        assert_one_sentence(&ended, 2, &["no bench found", "--bench PATH", "ERPNEXT_GITHUB_BENCH"]);
        let ended = finish(program(&with(command, &["--bench", "/nonexistent"])), "");
        assert_one_sentence(&ended, 2, &["/nonexistent is no bench"]);
    }
}

#[test]
fn the_bench_may_come_from_the_environment_but_where_we_stand_wins() {
    let (named, stood_in) = (
        TestBench::new().with_unreachable_site("named.test"),
        TestBench::new().with_unreachable_site("here.test"),
    );
    let mut command = program(&["doctor", "--site", "nobody.test"]);
    command.env("ERPNEXT_GITHUB_BENCH", named.path());
    assert_one_sentence(&finish(command, ""), 2, &["known sites are named.test"]);
    let mut command = stood_in.command(&["doctor", "--site", "nobody.test"]);
    command.env("ERPNEXT_GITHUB_BENCH", named.path());
    assert_one_sentence(&finish(command, ""), 2, &["known sites are here.test"]);
}

#[test]
fn an_unknown_site() {
    let bench = TestBench::new()
        .with_unreachable_site("one.test")
        .with_unreachable_site("two.test");
    for command in ON_A_BENCH {
        for name in ["three.test", "../one.test", ""] {
            let ended = bench.run(&with(command, &["--site", name]));
            assert_one_sentence(&ended, 2, &["there is no site", "known sites are one.test, two.test"]);
        }
    }
}

#[test]
fn a_site_must_be_named_when_there_are_several() {
    let several = TestBench::new()
        .with_unreachable_site("one.test")
        .with_unreachable_site("two.test");
    assert_one_sentence(
        &several.run(&["install"]),
        2,
        &["--site NAME or --site all (one.test, two.test)"],
    );
    assert_one_sentence(&TestBench::new().run(&["install"]), 2, &["has no site yet"]);
}

#[test]
fn values_that_make_no_sense() {
    let bench = TestBench::new().with_unreachable_site("one.test");
    for (arguments, part) in [
        (&["doctor", "--db-connections", "0"][..], "--db-connections: `0` "),
        (&["serve", "--listen", "9100"], "--listen: `9100` "),
        (&["healthcheck", "localhost"], "`localhost` is no web address"),
        (&["settings", "set", "public_url"], "no value for public_url"),
        (&["settings", "get", "colour"], "GitHub Settings has no field `colour`"),
        (&["settings", "set", "colour", "red"], "GitHub Settings has no field `colour`"),
    ] {
        assert_one_sentence(&bench.run(arguments), 2, &[part]);
    }
    let mut command = bench.command(&["doctor"]);
    command.env("ERPNEXT_GITHUB_LOG", "=loud=");
    assert_one_sentence(&finish(command, ""), 2, &["ERPNEXT_GITHUB_LOG: `=loud=` "]);
}

#[test]
fn a_repository_name_that_is_none() {
    let bench = TestBench::new().with_unreachable_site("one.test");
    for (flag, value, part) in [
        ("--repo", "https://github.com/a/b", "write it as OWNER/NAME"),
        ("--repo", "../..", "write it as OWNER/NAME"),
        ("--all-from", "a/b", "not the login"),
        ("--all-from", "", "not the login"),
    ] {
        let ended = bench.run(&["sync", flag, value]);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
        assert!(ended.stderr.contains(part), "{ended:?}");
    }
}

#[test]
fn nobody_is_there_to_confirm() {
    let bench = TestBench::new().with_unreachable_site("one.test");
    assert_one_sentence(&bench.run(&["uninstall"]), 2, &["nobody is there", "--yes"]);
}

#[test]
fn with_json_the_error_is_an_object() {
    let bench = TestBench::new();
    for command in [&["doctor", "--json"][..], &["install", "--json"], &["sync", "--json"]] {
        let ended = bench.run(&with(command, &["--site", "nobody.test"]));
        let answer: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
        assert_eq!((ended.code, &answer["ok"]), (2, &json!(false)), "{ended:?}");
        assert!(
            answer["error"].as_str().is_some_and(|error| error.contains("nobody.test")),
            "{ended:?}"
        );
    }
}

#[test]
fn with_json_wrong_usage_is_an_object_too() {
    for arguments in [
        &["sync", "--json", "--repo", "no-name"][..],
        &["sync", "--frobnicate", "--json"],
        &["doctor", "--json", "--site"],
        &["install", "surplus", "--json"],
        &["frobnicate", "--json"],
    ] {
        let ended = finish(program(arguments), "");
        let answer: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("one JSON object: {ended:?}"));
        assert_eq!((ended.code, &answer["ok"]), (2, &json!(false)), "{ended:?}");
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(
            !error.is_empty() && !error.contains('\n') && !error.starts_with("error"),
            "{ended:?}"
        );
        assert!(!ended.stderr.is_empty(), "people read the other stream: {ended:?}");
    }
    let without = finish(program(&["sync", "--frobnicate"]), "");
    assert_eq!((without.code, without.stdout.as_str()), (2, ""), "{without:?}");
    let help = finish(program(&["sync", "--json", "--help"]), "");
    assert!(help.code == 0 && help.stdout.contains("Usage:"), "{help:?}");
}

#[test]
fn a_password_in_an_address_is_not_repeated() {
    let port = super::program::closed_port();
    for (url, code) in [
        (format!("http://user:sesame@127.0.0.1:{port}/readyz"), 3),
        ("ftp://user:sesame@127.0.0.1/".to_owned(), 2),
        ("user:sesame@127.0.0.1".to_owned(), 2),
    ] {
        let ended = finish(program(&["healthcheck", &url]), "");
        assert_eq!(ended.code, code, "{ended:?}");
        assert!(
            !ended.stderr.contains("sesame") && ended.stderr.contains("127.0.0.1"),
            "{ended:?}"
        );
    }
}

#[test]
fn nothing_is_listening() {
    let url = format!("http://127.0.0.1:{}/healthz", super::program::closed_port());
    assert_one_sentence(&finish(program(&["healthcheck", &url]), ""), 3, &[&url, "does not answer"]);
}
