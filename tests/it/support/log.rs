//! What is logged while a test listens.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_subscriber::fmt::MakeWriter;

/// Lines of this thread, from its making on; a test's own tasks run on it unless it asks for more threads.
pub(crate) struct Log {
    written: Written,
    _listening: DefaultGuard,
    _not_alone: Dispatch,
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Written {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    /// Lines of our own at `level` and above.
    pub(crate) fn listen(level: &str) -> Self {
        // Where one listener alone is there, `tracing` asks the thread that meets a line first whether anybody listens, and remembers its
        // answer for all threads: another test's "no" would be ours. With two it asks both.
        let not_alone = Dispatch::new(NoSubscriber::new());
        let written = Written::default();
        let lines = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            // Nobody serves the tests' Redis, which these two would tell.
            .with_env_filter(format!(
                "erpnext_github={level},erpnext_github::sync::site=error,erpnext_github::app::settings=error"
            ))
            .with_writer(written.clone())
            .finish();
        Self {
            written,
            _listening: tracing::subscriber::set_default(lines),
            _not_alone: not_alone,
        }
    }

    /// All that was written since the last call.
    pub(crate) fn text(&self) -> String {
        let bytes = std::mem::take(&mut *self.written.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8(bytes).expect("UTF-8")
    }

    /// Level, message and reason of each line since the last call.
    pub(crate) fn take(&self) -> Vec<[String; 3]> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        lines
            .map(|line| ["level", "message", "reason"].map(|key| line[key].as_str().unwrap_or_default().to_owned()))
            .collect()
    }
}
