//! `serve` as it runs: asked over its address, ended by signals.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::program::TestBench;

/// A running `serve`, killed when the test ends early.
pub(crate) struct Serving {
    pub(crate) child: Child,
    pub(crate) address: String,
    /// What it says on its standard error stream after its address.
    log: Receiver<String>,
    _bench: Option<TestBench>,
}

/// A port that is free, and log lines that a test can read.
pub(crate) const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json"];

impl Serving {
    pub(crate) fn start(bench: TestBench) -> Self {
        Self::run(bench.command(&SERVE), Some(bench))
    }

    pub(crate) fn run(mut command: Command, bench: Option<TestBench>) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                serde_json::from_str::<Value>(&line).ok()?["listen"]
                    .as_str()
                    .map(ToOwned::to_owned)
            })
            .expect("a line that names the address");
        // Read on, so that the program never waits for us.
        let (told, log) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(told.send(line))));
        Self {
            child,
            address,
            log,
            _bench: bench,
        }
    }

    /// Reads the log on to a line with that message.
    pub(crate) fn until(&self, message: &str) -> Value {
        let lines = self.log.iter().filter_map(|line| serde_json::from_str::<Value>(&line).ok());
        let mut found = lines.filter(|line| line["message"] == message);
        found.next().unwrap_or_else(|| panic!("it ended without `{message}`"))
    }

    /// Ends it and gives the log lines that were not read yet.
    pub(crate) fn end(self) -> Vec<Value> {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"));
        kill(pid, Signal::SIGTERM).expect("the signal is sent");
        let lines = self.log.iter();
        lines.map(|line| serde_json::from_str(&line).expect("JSON")).collect()
    }

    pub(crate) fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("head and body");
        (head.to_owned(), body.to_owned())
    }

    pub(crate) fn stop(mut self, signal: Signal) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"));
        kill(pid, signal).expect("the signal is sent");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
