//! The program on a terminal of its own.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use nix::pty::{Winsize, openpty};

/// A running program and the other end of its terminal; killed when the test ends early.
pub(crate) struct OnTerminal {
    child: Child,
    terminal: File,
    /// What it has shown so far.
    shown: String,
}

impl OnTerminal {
    /// Starts it: all three streams are the terminal, which is 120 columns wide.
    pub(crate) fn start(mut command: Command) -> Self {
        let size = Winsize {
            ws_row: 24,
            ws_col: 120,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pair = openpty(&size, None).expect("a terminal");
        let stream = || Stdio::from(pair.slave.try_clone().expect("a stream"));
        let child = command
            .env("TERM", "xterm")
            .stdin(stream())
            .stdout(stream())
            .stderr(stream())
            .spawn()
            .expect("the program starts");
        // With the command go our copies of its end; the terminal is closed when the program ends.
        drop(command);
        Self {
            child,
            terminal: File::from(pair.master),
            shown: String::new(),
        }
    }

    /// Reads on until what it has shown satisfies `enough`, and gives it.
    pub(crate) fn until(&mut self, enough: impl Fn(&str) -> bool) -> &str {
        while !enough(&self.shown) {
            assert!(self.read(), "it ended before that: {:?}", self.shown);
        }
        &self.shown
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, text: &str) {
        writeln!(self.terminal, "{text}").expect("typed");
    }

    /// Reads to the end; gives the exit code and all that was shown.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        while self.read() {}
        let code = self.child.wait().expect("it ends").code();
        (code, std::mem::take(&mut self.shown))
    }

    /// Waits for more; false when the program has closed its end, which the system tells as an error.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        match self.terminal.read(&mut bytes) {
            Ok(0) | Err(_) => false,
            Ok(size) => {
                self.shown += &String::from_utf8_lossy(&bytes[..size]);
                true
            }
        }
    }
}

impl Drop for OnTerminal {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
