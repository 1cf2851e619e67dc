//! The small shell that stands between us and the server, so that the server ends when we do.
//!
//! Destructors do not run when a process is killed, and statics have none. A pipe is closed by the system in every case.

use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::ScratchError;

const SCRIPT: &str = include_str!("watcher.sh");

/// A started watcher; dropping it ends the server and waits until the folder is gone.
#[derive(Debug)]
pub(super) struct Watcher(Child);

impl Watcher {
    /// Starts `server` with `arguments`; `folder` is removed at the end.
    pub(super) fn start(folder: &Path, server: &Path, arguments: &[String]) -> Result<Self, ScratchError> {
        Command::new("/bin/sh")
            .args(["-c", SCRIPT, "erpnext-github-mariadb"])
            .arg(folder)
            .arg(server)
            .args(arguments)
            .stdin(Stdio::piped())
            // Nothing of ours may be held open by it: whoever reads our output waits for its end.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C goes to the terminal's group; the server must outlive us by the moment it takes to clean up.
            .process_group(0)
            .spawn()
            .map(Self)
            .map_err(ScratchError::file("running", "/bin/sh"))
    }

    /// Says a word that the script knows: `crash` or `start`.
    pub(super) fn say(&self, word: &str) -> Result<(), ScratchError> {
        let Some(mut pipe) = self.0.stdin.as_ref() else {
            return Ok(());
        };
        writeln!(pipe, "{word}").map_err(ScratchError::file("telling", "/bin/sh"))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // Its exit status says nothing: whatever is left is removed by the caller.
        let _ended = self.0.wait();
    }
}
