//! Progress where nobody looks at a terminal: a line every few seconds.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::telemetry::Reporter;

use super::pace::Pace;

/// Pause between two lines.
const PAUSE: Duration = Duration::from_secs(5);

/// Writes lines until it is dropped.
pub(super) struct Lines<W: Write + Send + 'static> {
    state: Arc<Mutex<State<W>>>,
    /// Dropped with us, which ends the thread.
    _alive: Sender<()>,
}

struct State<W> {
    out: W,
    current: Option<Current>,
}

struct Current {
    pace: Pace,
    since: Instant,
}

impl<W: Write + Send + 'static> Lines<W> {
    /// Begins; lines come from a thread of their own, so that they also come while the work waits.
    pub(super) fn start(out: W) -> Self {
        let state = Arc::new(Mutex::new(State { out, current: None }));
        let (alive, ended) = channel();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                locked(&shared).tick();
            }
        });
        Self { state, _alive: alive }
    }

    fn state(&self) -> MutexGuard<'_, State<W>> {
        locked(&self.state)
    }
}

fn locked<W>(state: &Mutex<State<W>>) -> MutexGuard<'_, State<W>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<W: Write> State<W> {
    fn line(&mut self, text: &str) {
        // A stream that is gone needs no line.
        let _closed = writeln!(self.out, "{text}");
    }

    fn tick(&mut self) {
        if let Some(current) = &self.current {
            let line = current.pace.line(current.since.elapsed());
            self.line(&line);
        }
    }

    fn end(&mut self) {
        if let Some(ended) = self.current.take() {
            self.line(&ended.pace.last_line(ended.since.elapsed()));
        }
    }
}

impl<W: Write + Send + 'static> Reporter for Lines<W> {
    fn started(&self, total: Option<u64>, what: &str) {
        let mut state = self.state();
        state.end();
        state.current = Some(Current {
            pace: Pace {
                what: what.to_owned(),
                done: 0,
                total,
            },
            since: Instant::now(),
        });
    }

    fn expects(&self, total: u64) {
        if let Some(current) = &mut self.state().current {
            current.pace.total = Some(total);
        }
    }

    fn advanced(&self, count: u64) {
        if let Some(current) = &mut self.state().current {
            current.pace.done += count;
        }
    }

    fn message(&self, text: &str) {
        self.state().line(text);
    }

    fn finished(&self) {
        self.state().end();
    }
}

impl<W: Write + Send + 'static> Drop for Lines<W> {
    fn drop(&mut self) {
        self.state().end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_what_is_under_way_and_what_ended() {
        let lines = Lines::start(Vec::new());
        lines.advanced(1);
        lines.started(Some(10), "acme/web: issues");
        lines.advanced(4);
        lines.expects(8);
        lines.state().tick();
        lines.message("GitHub wants a pause until 12:05");
        lines.started(None, "acme/web: branches");
        lines.finished();
        lines.finished();
        let text = String::from_utf8(std::mem::take(&mut lines.state().out)).expect("text");
        let told: Vec<&str> = text
            .lines()
            .map(|line| line.split([',', ' ']).next().unwrap_or_default())
            .collect();
        assert_eq!(told, ["acme/web:", "GitHub", "acme/web:", "acme/web:"], "{text}");
        assert!(text.starts_with("acme/web: issues: 4 of 8, "), "{text}");
    }
}
