//! What a command is started with beside its arguments.

use std::path::PathBuf;

use crate::config::Environment;

use super::progress::Terminal;

/// The surroundings of one run of the program.
#[derive(Debug)]
pub(super) struct Invocation {
    environment: Environment,
    terminal: Terminal,
}

impl Invocation {
    pub(super) fn new(environment: Environment) -> Self {
        Self {
            environment,
            terminal: Terminal::default(),
        }
    }

    /// The process's environment.
    pub(super) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The standard error stream, shared by log lines and progress bars.
    pub(super) fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// Where we stand; the empty path, which lies in no bench, where the folder was removed under us.
    pub(super) fn working_directory() -> PathBuf {
        std::env::current_dir().unwrap_or_default()
    }
}
