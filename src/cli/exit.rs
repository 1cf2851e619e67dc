//! How a command ends: four exit codes, and one sentence for every error.

use std::process::ExitCode;

use crate::api::ServeError;
use crate::app::settings::SettingsError;
use crate::config::{ConfigError, HostError};
use crate::domain::InvalidRepoName;
use crate::frappe::bench::BenchError;
use crate::frappe::db::DbError;
use crate::frappe::site_config::SiteConfigError;
use crate::github::GithubError;
use crate::setup::nginx::NginxError;

/// Told under every command's help.
pub(super) const AFTER_HELP: &str = "\
ERPNEXT_GITHUB_LOG in the environment sets what is logged, for example `info` or `erpnext_github=debug`.

Exit codes:
  0  done
  1  done with failures, or not done; they are listed
  2  wrong usage: the command, an argument, the bench, the site or a configured value
  3  cannot reach what it needs: a database, GitHub, an address, a file";

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: done, with failures that are listed.
    Failures,
    /// 2: wrong usage.
    Usage,
    /// 3: cannot reach what it needs.
    Unreachable,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failures => 1,
            Exit::Usage => 2,
            Exit::Unreachable => 3,
        })
    }
}

/// The command was not used as it can be; the sentence says how it can.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UsageError(pub(super) String);

/// Something that the command needs is not there; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UnreachableError(pub(super) String);

impl Exit {
    /// The code that an error stands for, found in its chain of causes.
    pub(super) fn of(error: &anyhow::Error) -> Self {
        error.chain().find_map(Self::of_cause).unwrap_or(Self::Failures)
    }

    fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Self> {
        if cause.is::<UsageError>()
            || cause.is::<BenchError>()
            || cause.is::<ConfigError>()
            || cause.is::<HostError>()
            || cause.is::<InvalidRepoName>()
        {
            return Some(Self::Usage);
        }
        if cause.is::<UnreachableError>() || cause.is::<ServeError>() {
            return Some(Self::Unreachable);
        }
        if let Some(SettingsError::Unknown(..) | SettingsError::ReadOnly(_) | SettingsError::Value { .. }) = cause.downcast_ref()
        {
            return Some(Self::Usage);
        }
        if let Some(error) = cause.downcast_ref::<SiteConfigError>() {
            return Some(match error {
                SiteConfigError::Unknown { .. } => Self::Usage,
                SiteConfigError::Unreadable { .. } | SiteConfigError::Key { .. } => Self::Unreachable,
            });
        }
        if let Some(error) = cause.downcast_ref::<NginxError>() {
            return error.is_unreachable().then_some(Self::Unreachable);
        }
        if let Some(error) = cause.downcast_ref::<GithubError>() {
            return error.is_unreachable().then_some(Self::Unreachable);
        }
        cause
            .downcast_ref::<DbError>()
            .filter(|error| error.is_outage())
            .map(|_| Self::Unreachable)
    }
}

/// An error with its causes as one line; a cause that the outer sentence quotes already is not said twice.
pub(super) fn sentence(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        let cause = cause.split_whitespace().collect::<Vec<_>>().join(" ");
        if told.is_empty() {
            told = cause;
        } else if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

/// What was wrong with the arguments, as one line without the usage that people get to see below it.
pub(super) fn usage_sentence(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let told = text
        .split("\n\n")
        .take_while(|part| !part.starts_with("Usage:") && !part.starts_with("For more information"));
    let told = told.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    told.strip_prefix("error: ").map_or(told.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn the_cause_decides_the_code() {
        let outage = DbError::Lost {
            what: "reading",
            reason: "gone".to_owned(),
        };
        let wrapped = Err::<(), _>(outage).context("site a").expect_err("an error");
        assert_eq!(Exit::of(&wrapped), Exit::Unreachable);
        assert_eq!(Exit::of(&BenchError::NotFound.into()), Exit::Usage);
        let refused = DbError::Fenced { what: "writing" };
        assert_eq!(Exit::of(&refused.into()), Exit::Failures);
        assert_eq!(Exit::of(&anyhow::anyhow!("odd")), Exit::Failures);
    }

    #[test]
    fn an_error_is_one_line_without_repetition() {
        let error = anyhow::anyhow!("no such\nfile")
            .context("reading a: no such file")
            .context("site b");
        assert_eq!(sentence(&error), "site b: reading a: no such file");
    }
}
