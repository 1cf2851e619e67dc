//! What a command is started with beside its arguments.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::app::App;
use crate::config::Environment;

use super::progress::Terminal;

/// The surroundings of one run of the program.
#[derive(Debug)]
pub(super) struct Invocation {
    environment: Environment,
    terminal: Terminal,
    /// What was opened.
    opened: Mutex<Vec<App>>,
}

/// How long what is given back at the end may take.
const REST: Duration = Duration::from_secs(2);

impl Invocation {
    pub(super) fn new(environment: Environment) -> Self {
        Self {
            environment,
            terminal: Terminal::default(),
            opened: Mutex::default(),
        }
    }

    /// Remembers what a command works with.
    pub(super) fn opened(&self, app: &App) {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).push(app.clone());
    }

    /// Gives back what the command held, so that the next one need not wait for it.
    pub(super) async fn rest(&self) {
        let opened = std::mem::take(&mut *self.opened.lock().unwrap_or_else(PoisonError::into_inner));
        for app in opened {
            let _in_time = tokio::time::timeout(REST, app.rest()).await;
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
