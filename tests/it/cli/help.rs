//! What the program says about itself.

use super::program::{TestBench, finish, program};

pub(super) const COMMANDS: [&str; 13] = [
    "install",
    "uninstall",
    "adopt",
    "serve",
    "sync",
    "doctor",
    "events",
    "hooks",
    "settings",
    "demo",
    "nginx",
    "healthcheck",
    "completions",
];

#[test]
fn every_command_has_help_with_the_exit_codes() {
    let whole = finish(program(&["--help"]), "");
    assert_eq!((whole.code, whole.stderr.as_str()), (0, ""));
    for name in COMMANDS {
        assert!(
            whole.stdout.contains(&format!("\n  {name} ")),
            "{name} is missing in:\n{}",
            whole.stdout
        );
        let own = finish(program(&[name, "--help"]), "");
        assert_eq!((own.code, own.stderr.as_str()), (0, ""), "{name}");
        for part in ["Usage: erpnext-github", "Exit codes:", "  3  cannot reach"] {
            assert!(own.stdout.contains(part), "{name}: {part} is missing in:\n{}", own.stdout);
        }
    }
}

#[test]
fn flags_are_where_they_were_promised() {
    for (command, flags) in [
        ("install", &["--bench", "--site", "--db-connections", "--plan", "--json"][..]),
        ("uninstall", &["--bench", "--site", "--keep-data", "--yes"]),
        ("adopt", &["--bench", "--site"]),
        (
            "serve",
            &[
                "--bench",
                "--site",
                "--listen",
                "--db-connections",
                "--github-api-url",
                "--log-format",
            ],
        ),
        (
            "sync",
            &[
                "--repo",
                "--all-from",
                "--full",
                "--json",
                "--github-graphql-url",
                "--github-web-url",
            ],
        ),
        ("doctor", &["--bench", "--site", "--json"]),
        ("demo", &["--repo"]),
    ] {
        let help = finish(program(&[command, "--help"]), "").stdout;
        for flag in flags {
            assert!(help.contains(flag), "{command} {flag} is missing in:\n{help}");
        }
    }
    let help = finish(program(&["settings", "set", "--help"]), "").stdout;
    assert!(help.contains("--stdin") && help.contains("<KEY>"), "{help}");
}

#[test]
fn every_variable_is_told_by_a_help() {
    let helps: String = COMMANDS
        .iter()
        .map(|name| finish(program(&[name, "--help"]), "").stdout)
        .collect();
    for key in erpnext_github::config::KEYS {
        assert!(helps.contains(key), "{key}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let version = finish(program(&["--version"]), "");
    assert_eq!(version.stdout.trim(), concat!("erpnext-github ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn shells_can_complete() {
    for shell in ["bash", "zsh", "fish"] {
        let script = finish(program(&["completions", shell]), "");
        assert_eq!((script.code, script.stderr.as_str()), (0, ""), "{shell}");
        assert!(
            script.stdout.contains("--keep-data") || script.stdout.contains("keep-data"),
            "{shell}"
        );
    }
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    use std::process::Stdio;
    let mut child = TestBench::new()
        .command(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
