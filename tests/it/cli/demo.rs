//! `demo`: from nothing to tables that follow, and back to nothing.

use std::io::{BufRead, BufReader, Lines, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use erpnext_github::sim::github::{FakeGithub, World};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::program::{finish, program};

/// A running demo, ended when the test ends early.
struct Demo {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    stderr: Option<ChildStderr>,
    told: Vec<String>,
}

impl Demo {
    fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self {
            stderr: child.stderr.take(),
            child,
            lines,
            told: Vec::new(),
        }
    }

    /// Reads on to the first line that holds `part`, and gives it.
    fn until(&mut self, part: &str) -> String {
        for line in self.lines.by_ref() {
            let line = line.expect("text");
            self.told.push(line.clone());
            if line.contains(part) {
                return line;
            }
        }
        let mut complaint = String::new();
        let _unread = self.stderr.take().map(|mut stderr| stderr.read_to_string(&mut complaint));
        panic!("the demo ended without a word of `{part}`: {:#?}\n{complaint}", self.told);
    }

    /// The word after `name` in a line of what was told.
    fn word_after(&self, name: &str) -> String {
        let rest = self.told.iter().find_map(|line| line.split_once(name));
        let word = rest.and_then(|(_, rest)| rest.split_whitespace().next());
        word.unwrap_or_else(|| panic!("no word of `{name}`: {:#?}", self.told))
            .to_owned()
    }

    /// Sends a signal, reads to the end, and gives the exit code with what was said on the standard error stream.
    fn end(&mut self, signal: Signal) -> (Option<i32>, String) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"));
        kill(pid, signal).expect("the signal is sent");
        self.told.extend(self.lines.by_ref().map(|line| line.expect("text")));
        let mut complaint = String::new();
        let mut stderr = self.stderr.take().expect("piped");
        stderr.read_to_string(&mut complaint).expect("text");
        (self.child.wait().expect("it ends").code(), complaint)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// `demo` where it finds MariaDB, and nothing else of this process's environment.
fn demo(arguments: &[&str]) -> Command {
    let mut command = program(&[&["demo"], arguments].concat());
    command.env("PATH", std::env::var_os("PATH").expect("a PATH"));
    command
}

/// Processes that have `part` in their command line.
fn processes_with(part: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc")
        .expect("a system with /proc")
        .filter_map(Result::ok);
    let lines = processes.filter_map(|process| std::fs::read_to_string(process.path().join("cmdline")).ok());
    lines.filter(|line| line.contains(part)).collect()
}

#[test]
fn the_tables_follow_and_nothing_is_left_behind() {
    let mut demo = Demo::start(demo(&["--every", "1"]));
    demo.until("Ctrl-C ends everything");
    let folder = demo.word_after("files ");
    assert!(Path::new(&folder).is_dir() && !processes_with(&folder).is_empty(), "{folder}");
    for head in ["repository", "acme/web", "acme/ledger", "acme/handbook"] {
        assert!(
            demo.told.iter().any(|line| line.trim_start().starts_with(head)),
            "{head} is missing in: {:#?}",
            demo.told
        );
    }

    let look = demo.word_after("--defaults-file=");
    let count = Command::new("mariadb")
        .arg(format!("--defaults-file={look}"))
        .args(["--skip-column-names", "--batch", "--execute"])
        .arg("SELECT COUNT(*) FROM `tabRepository` WHERE is_synced = 1")
        .output()
        .expect("the client runs");
    assert_eq!(String::from_utf8_lossy(&count.stdout).trim(), "6", "{count:?}");
    let address = demo.word_after("Serving at ");
    let healthy = finish(program(&["healthcheck", &format!("{address}/readyz")]), "");
    assert_eq!(healthy.code, 0, "{healthy:?}");

    demo.until("  GitHub   ");
    let followed = demo.until("  ERPNext  ");
    assert!(followed.contains(" changed") || followed.contains(" new"), "{followed}");
    let (code, complaint) = demo.end(Signal::SIGINT);
    assert_eq!(code, Some(0), "{complaint}");
    assert!(
        demo.told.last().is_some_and(|line| line.starts_with("Ended: ")),
        "{:#?}",
        demo.told
    );
    assert!(!complaint.contains("WARN") && !complaint.contains("ERROR"), "{complaint}");
    assert!(!Path::new(&folder).exists(), "{folder}");
    assert_eq!(processes_with(&folder), Vec::<String>::new());
}

#[test]
fn ended_while_it_begins() {
    let mut demo = Demo::start(demo(&[]));
    demo.until("Starting a scratch MariaDB");
    let (code, complaint) = demo.end(Signal::SIGTERM);
    assert_eq!((code, complaint.as_str()), (Some(0), ""));
    assert!(
        demo.told.last().is_some_and(|line| line.starts_with("Ended before ")),
        "{:#?}",
        demo.told
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_of_the_real_github_is_only_read() {
    let mut world = World::default();
    world.repository("octo/web").with_issues(3);
    let github = FakeGithub::start(world).await.expect("a fake GitHub");
    let mut command = demo(&["--repo", "octo/web"]);
    command
        .env("ERPNEXT_GITHUB_API_URL", github.base_url())
        .env("GITHUB_TOKEN", World::TOKEN);
    tokio::task::spawn_blocking(move || {
        let mut demo = Demo::start(command);
        demo.until("Ctrl-C ends everything");
        assert!(
            demo.told.iter().any(|line| line.starts_with("  octo/web ")),
            "{:#?}",
            demo.told
        );
        let (code, complaint) = demo.end(Signal::SIGINT);
        assert_eq!(code, Some(0), "{complaint}");
        assert!(!demo.told.iter().any(|line| line.contains(World::TOKEN)), "{:#?}", demo.told);
    })
    .await
    .expect("the demo is played");
    let asked = github.requests();
    assert!(!asked.is_empty());
    for request in asked {
        assert!(request.method == "GET" || request.path == "/graphql", "{request:?}");
    }
    assert_eq!(github.unexpected(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shown_is_told_in_one_sentence() {
    let github = FakeGithub::start(World::default()).await.expect("a fake GitHub");
    for (token, code, part) in [
        (None, 2, "put one into GITHUB_TOKEN"),
        (Some("wrong"), 2, "does not accept the token"),
        (Some(World::TOKEN), 1, "check the name"),
    ] {
        let mut command = demo(&["--repo", "octo/none"]);
        command.env("ERPNEXT_GITHUB_API_URL", github.base_url());
        if let Some(token) = token {
            command.env("GITHUB_TOKEN", token);
        }
        let ended = tokio::task::block_in_place(|| finish(command, ""));
        assert_eq!((ended.code, ended.stderr.lines().count()), (code, 1), "{ended:?}");
        assert!(ended.stderr.contains(part) && !ended.stderr.contains("wrong"), "{ended:?}");
    }
}
