//! A file of nginx: read, changed, tested by nginx itself, and put back when nginx does not take it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use super::edit::{self, Trouble};
use super::error::NginxError;
use super::names::SiteNames;
use super::servers::Others;
use super::syntax;
use crate::frappe::replace_file::{self, Outcome};

/// As much of nginx's complaint as is told, in signs.
const MOST_WORDS: usize = 600;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Patched {
    /// The file.
    pub file: PathBuf,
    /// How many servers of the site are in it.
    pub servers: usize,
    /// False where everything was as it should be.
    pub changed: bool,
    /// True where nginx reads another configuration, of which the file is no part.
    pub is_unread: bool,
}

/// How nginx is called.
#[derive(Debug, Clone)]
pub struct NginxProgram(Vec<String>);

impl NginxProgram {
    /// A program with arguments of its own, split at blanks: `nginx`, or `sudo nginx`.
    #[must_use]
    pub fn new(command: &str) -> Self {
        Self(command.split_whitespace().map(str::to_owned).collect())
    }

    /// The command that tests, as a person would type it.
    fn shown(&self) -> String {
        format!("{} -t", self.0.join(" "))
    }

    /// Has nginx test its configuration; the whole of it where it is good (`-T` is `-t` and prints what was read), else nginx's words.
    fn test(&self) -> Result<Result<String, String>, NginxError> {
        let missing = |reason: String| NginxError::NoProgram {
            command: self.shown(),
            reason,
        };
        let (program, arguments) = self.0.split_first().ok_or_else(|| missing("nothing is named".to_owned()))?;
        let output = Command::new(program).args(arguments).arg("-T").output();
        let output = output.map_err(|error| missing(error.to_string()))?;
        if output.status.success() {
            return Ok(Ok(String::from_utf8_lossy(&output.stdout).into_owned()));
        }
        let words = String::from_utf8_lossy(&output.stderr);
        let words: Vec<&str> = words.split_whitespace().collect();
        Ok(Err(words.join(" ").chars().take(MOST_WORDS).collect()))
    }
}

/// Puts the block into every server of the site in `file`, or with `upstream` none takes it out. The file keeps owner and mode, a link
/// stays a link, and the old text is back where nginx does not take the new one.
///
/// # Errors
/// When the file cannot be read or written, has no server of the site, or nginx refuses.
pub fn patch_file(file: &Path, names: &SiteNames, upstream: Option<&str>, nginx: &NginxProgram) -> Result<Patched, NginxError> {
    let path = || file.to_owned();
    let unreadable = |reason: String| NginxError::Unreadable { path: path(), reason };
    let old = fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    let text = std::str::from_utf8(&old).map_err(|_| unreadable("it is not in UTF-8".to_owned()))?;
    let new = edit::edited(text, names, upstream).map_err(|trouble| told(file, text, names, trouble))?;
    let refused = |words| NginxError::BrokenBefore {
        command: nginx.shown(),
        words,
    };
    if new.text == text {
        let read = nginx.test()?.map_err(refused)?;
        return Ok(patched(file, &new, false, &read));
    }
    // Asked before, so that a fault of somebody else is not taken for ours.
    nginx.test()?.map_err(refused)?;
    write(file, &old, new.text.as_bytes())?;
    let complaint = match nginx.test() {
        Ok(Ok(read)) => return Ok(patched(file, &new, true, &read)),
        Ok(Err(words)) => NginxError::Refused {
            command: nginx.shown(),
            path: path(),
            words,
        },
        Err(error) => error,
    };
    let lost = |reason: String| NginxError::NotRestored {
        command: nginx.shown(),
        path: path(),
        reason,
    };
    match replace_file::replace(file, new.text.as_bytes(), &old) {
        Ok(Outcome::Replaced) => Err(complaint),
        Ok(Outcome::Overtaken) => Err(lost("somebody else changed it meanwhile".to_owned())),
        Err(error) => Err(lost(error.to_string())),
    }
}

fn patched(file: &Path, edited: &edit::Edited, changed: bool, read: &str) -> Patched {
    Patched {
        file: file.to_owned(),
        servers: edited.servers,
        changed,
        is_unread: !edited.blocks.iter().all(|block| read.contains(block.as_str())),
    }
}

fn write(file: &Path, old: &[u8], new: &[u8]) -> Result<(), NginxError> {
    let written = replace_file::replace(file, old, new).map_err(|error| NginxError::NotWritable {
        path: file.to_owned(),
        reason: error.to_string(),
    })?;
    match written {
        Outcome::Replaced => Ok(()),
        Outcome::Overtaken => Err(NginxError::Overtaken { path: file.to_owned() }),
    }
}

fn told(file: &Path, text: &str, names: &SiteNames, trouble: Trouble) -> NginxError {
    let path = file.to_owned();
    match trouble {
        Trouble::Syntax(fault) => NginxError::Syntax {
            path,
            line: syntax::line_of(text, fault.at),
            reason: fault.reason,
        },
        Trouble::Marks(at) => NginxError::Marks {
            path,
            line: syntax::line_of(text, at),
        },
        Trouble::ByHand(at) => NginxError::ByHand {
            path,
            line: syntax::line_of(text, at),
        },
        Trouble::NoServer(others) => NginxError::NoServer {
            path,
            site: names.site.clone(),
            found: others.sentence(names),
        },
    }
}

impl Others {
    /// What there is instead of a server of the site, and what to do.
    fn sentence(&self, names: &SiteNames) -> String {
        let hosts = names.hosts.join(", ");
        if self.redirects > 0 {
            return format!(
                "its {} server{} for {hosts} only redirect; name the file that holds the site itself with --file FILE",
                self.redirects,
                if self.redirects == 1 { "" } else { "s" }
            );
        }
        let mut there = self.names.clone();
        there.sort();
        there.dedup();
        let there = match there.as_slice() {
            [] => "it holds no server with a name".to_owned(),
            there => format!("its servers are those of {}", there.join(", ")),
        };
        format!(
            "{there}, and the site answers to {hosts}; name another file with --file FILE, or add the host to `domains` in the site's site_config.json"
        )
    }
}
