//! What cannot be written, and what cannot be read.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use super::program::{TestBench, finish, program};

/// Code and complaints of a command whose answer goes to `stdout`.
fn ended(mut command: Command, stdout: Stdio) -> (Option<i32>, String) {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut complaints = String::new();
    let mut stderr = child.stderr.take().expect("piped");
    stderr.read_to_string(&mut complaints).expect("UTF-8");
    (child.wait().expect("it ends").code(), complaints)
}

/// A place where nothing can be written.
fn full() -> Stdio {
    File::options().write(true).open("/dev/full").expect("the device").into()
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    for arguments in [&["completions", "bash"][..], &["--help"], &["--version"]] {
        let (code, complaints) = ended(program(arguments), full());
        assert_eq!(code, Some(1), "{arguments:?}: {complaints}");
        assert_eq!(complaints.lines().count(), 1, "{complaints}");
        assert!(complaints.contains("cannot be written"), "{complaints}");
    }
    let bench = TestBench::new().with_unreachable_site("away.test");
    let (code, complaints) = ended(bench.command(&["doctor", "--json"]), full());
    assert_eq!(code, Some(3), "what went wrong first counts");
    assert!(complaints.contains("cannot be written"), "{complaints}");
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    for arguments in [&["completions", "bash"][..], &["--help"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        assert_eq!(ended(program(arguments), writer.into()), (Some(0), String::new()));
    }
}

#[test]
fn an_input_that_is_no_text_is_wrong_usage() {
    let bench = TestBench::new().with_unreachable_site("one.test");
    let mut command = bench.command(&["settings", "set", "public_url", "--stdin"]);
    let noise = bench.path().join("noise");
    std::fs::write(&noise, [0xff, 0xfe, 0x00]).expect("written");
    let input = File::open(noise).expect("opened");
    let output = command.stdin(input).output().expect("the program runs");
    let complaints = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{complaints}");
    assert_eq!(complaints.lines().count(), 1, "{complaints}");
    assert!(
        complaints.contains("public_url") && complaints.contains("UTF-8"),
        "{complaints}"
    );
    let empty = finish(bench.command(&["settings", "set", "public_url", "--stdin"]), "");
    assert_eq!(empty.code, 2, "{empty:?}");
}
