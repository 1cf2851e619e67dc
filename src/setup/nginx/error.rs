//! Why a configuration of nginx could not be changed; each sentence says what to do.

use std::path::PathBuf;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NginxError {
    /// The file cannot be read.
    #[error("{path} cannot be read ({reason}): name nginx's file with --file FILE")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The file is no configuration of nginx.
    #[error("{path}, line {line}: {reason}; correct the file, `nginx -t` says the same")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// No server in it is the site's.
    #[error("{path}: no server of site {site} is in it: {found}")]
    NoServer {
        /// The file.
        path: PathBuf,
        /// Site folder.
        site: String,
        /// What there is instead, and what to do.
        found: String,
    },
    /// The marks are not a pair.
    #[error(
        "{path}, line {line}: our marks are not one BEGIN and one END: remove what is between them by hand, then run this again"
    )]
    Marks {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// Somebody put the block there by hand.
    #[error("{path}, line {line}: a location of ours stands there without our marks: remove it, then run this again")]
    ByHand {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// The file cannot be written.
    #[error("{path} cannot be written ({reason}): run this as a user who may write it")]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// Somebody else changed it meanwhile.
    #[error("{path} was changed by somebody else meanwhile: nothing was done, run this again")]
    Overtaken {
        /// The file.
        path: PathBuf,
    },
    /// nginx itself cannot be started.
    #[error("`{command}` cannot be run ({reason}), so that nothing was changed: say how nginx is called with --nginx COMMAND")]
    NoProgram {
        /// What was called.
        command: String,
        /// The system's words.
        reason: String,
    },
    /// nginx finds a fault in its configuration before anything was changed.
    #[error("`{command}` fails without the block already, so that nothing was changed: {words}")]
    BrokenBefore {
        /// What was called.
        command: String,
        /// nginx's words.
        words: String,
    },
    /// nginx does not take the block.
    #[error("`{command}` refuses the block, and {path} is as it was: {words}")]
    Refused {
        /// What was called.
        command: String,
        /// The file.
        path: PathBuf,
        /// nginx's words.
        words: String,
    },
    /// nginx does not take the block, and the old file could not be put back.
    #[error(
        "{path} could not be put back as it was ({reason}) after `{command}` refused the block: remove what stands between our marks in it"
    )]
    NotRestored {
        /// What was called.
        command: String,
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
}

impl NginxError {
    /// True when a file or nginx itself is missing or out of reach.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Unreadable { .. } | Self::NotWritable { .. } | Self::NoProgram { .. } | Self::NotRestored { .. }
        )
    }
}
