//! The two streams. A reader that went away (`| head`) is no error.

use std::io::Write;

use serde::Serialize;

/// One line of a command's answer.
pub(super) fn line(text: &str) {
    let _closed = writeln!(std::io::stdout().lock(), "{text}");
}

/// A command's answer as the one JSON object of `--json`.
pub(super) fn json(value: &impl Serialize) {
    let mut stdout = std::io::stdout().lock();
    // The values are our own plain structs, which always have a JSON form; what may fail is the stream.
    let _closed = serde_json::to_writer_pretty(&mut stdout, value);
    let _closed = writeln!(stdout);
}

/// The one JSON object of a command that could not begin.
pub(super) fn failure(sentence: &str) {
    json(&serde_json::json!({ "ok": false, "error": sentence }));
}

/// A sentence on what went wrong.
pub(super) fn complain(sentence: &str) {
    let _closed = writeln!(std::io::stderr().lock(), "erpnext-github: {sentence}");
}
