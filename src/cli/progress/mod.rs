//! Progress on the standard error stream: a bar on a terminal, a line every few seconds elsewhere.

mod bar;
mod lines;
mod pace;

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use indicatif::MultiProgress;
use tracing_subscriber::fmt::MakeWriter;

use crate::telemetry::Reporter;

use bar::Bar;
use lines::Lines;

/// The standard error stream as bars and log lines share it: a line makes the bar step aside.
#[derive(Debug, Clone, Default)]
pub(super) struct Terminal(MultiProgress);

impl Terminal {
    /// A reporter that suits the stream.
    pub(super) fn reporter(&self) -> Arc<dyn Reporter> {
        if io::stderr().is_terminal() {
            Arc::new(Bar::new(self.0.clone()))
        } else {
            Arc::new(Lines::start(io::stderr()))
        }
    }
}

impl<'w> MakeWriter<'w> for Terminal {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().lock().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}
