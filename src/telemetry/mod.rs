//! What the program says about itself while it works: log lines, and progress.
//!
//! Log lines go to the standard error stream, always, because the standard output belongs to what a command answers. They
//! are for people on a terminal and JSON elsewhere. No secret, body or payload is ever a field.

pub mod field;
pub mod metric;
mod progress;

pub use progress::{OneOfMany, Reporter, Rows, Silent};

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// For people when the standard error stream is a terminal, else JSON.
    #[must_use]
    pub fn of_stderr() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Human
        } else {
            Self::Json
        }
    }

    /// Reads `human` or `json`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "human" => Some(Self::Human),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Starts logging for the rest of the process: `filter` in the syntax of `tracing`'s `EnvFilter`, lines written to `writer`.
/// Where a logger runs already (a test), that one stays.
///
/// # Errors
/// When the filter cannot be read.
pub fn start<W>(filter: &str, format: LogFormat, writer: W) -> Result<(), ParseError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(filter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(std::io::stderr().is_terminal());
    // An error means that a logger is there already.
    let _kept = match format {
        LogFormat::Human => lines.with_target(false).compact().try_init(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
    };
    Ok(())
}
