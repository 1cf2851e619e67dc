//! The two streams. A reader that went away (`| head`) is no error; an answer that cannot be written is one.

use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::Exit;

/// What kept the first part of the answer that was lost from being written.
static LOST: Mutex<Option<io::Error>> = Mutex::new(None);

/// One line of a command's answer.
pub(super) fn line(text: &str) {
    keep(writeln!(io::stdout().lock(), "{text}"));
}

/// A command's answer as the one JSON object of `--json`.
pub(super) fn json(value: &impl Serialize) {
    let mut stdout = io::stdout().lock();
    // The values are our own plain structs, which always have a JSON form; what may fail is the stream.
    keep(serde_json::to_writer_pretty(&mut stdout, value).map_err(io::Error::from));
    keep(writeln!(stdout));
}

/// The one JSON object of a command that could not begin.
pub(super) fn failure(sentence: &str) {
    json(&serde_json::json!({ "ok": false, "error": sentence }));
}

/// A sentence on what went wrong.
pub(super) fn complain(sentence: &str) {
    let _closed = writeln!(io::stderr().lock(), "erpnext-github: {sentence}");
}

/// Remembers what came of writing a part of the answer.
pub(super) fn keep(written: io::Result<()>) {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            LOST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
        _ => {}
    }
}

/// How a command ended that would have ended with `exit` had its answer been written; says so when it was not.
pub(super) fn settled(exit: Exit) -> Exit {
    keep(io::stdout().flush());
    let lost = LOST.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(reason) = lost else { return exit };
    complain(&format!(
        "the answer cannot be written ({reason}): make room where the output goes, or send it elsewhere"
    ));
    if exit == Exit::Done { Exit::Failures } else { exit }
}
