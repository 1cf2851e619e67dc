//! Runs the built program on a bench of its own, in an environment of its own.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A bench in a temporary folder.
pub(crate) struct TestBench(TempDir);

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl TestBench {
    /// A bench without a site.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        fs::create_dir(folder.path().join("sites")).expect("sites");
        fs::write(folder.path().join("sites/common_site_config.json"), "{}").expect("the bench's file");
        Self(folder)
    }

    /// Adds a site with that `site_config.json`.
    pub(crate) fn with_site(self, name: &str, config: &Value) -> Self {
        let folder = self.path().join("sites").join(name);
        fs::create_dir(&folder).expect("the site's folder");
        fs::write(folder.join("site_config.json"), config.to_string()).expect("the site's file");
        self
    }

    /// Adds a site whose database nobody serves.
    pub(crate) fn with_unreachable_site(self, name: &str) -> Self {
        self.with_site(
            name,
            &json!({ "db_name": "_db", "db_password": "hush-hush", "db_port": closed_port() }),
        )
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The program, standing in the bench.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command.current_dir(self.path());
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        finish(self.command(arguments), "")
    }
}

/// The program with nothing in its environment.
pub(crate) fn program(arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erpnext-github"));
    command.args(arguments).env_clear().current_dir("/");
    command
}

/// Runs a command to its end with `input` on its standard input.
pub(crate) fn finish(mut command: Command, input: &str) -> Ended {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that does not read its input may be gone already.
    let _unread = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A port of this machine that nobody listens on.
pub(crate) fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}
