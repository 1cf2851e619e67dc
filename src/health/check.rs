//! What a check is and what it can say.

use std::fmt;

use serde::Serialize;

/// Which question was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckId {
    /// Can the site's configuration be read, and does it name a database?
    SiteConfig,
    /// Does MariaDB answer and let us in?
    Database,
    /// Is the server one that we can work with?
    DatabaseVersion,
    /// May we, and can we, be installed there: grants, ERPNext, free names, room in the tables?
    Requirements,
    /// Is this version of ours installed?
    Installation,
    /// Is this the site that it was installed on, not a copy?
    Instance,
    /// Does System Settings name a time zone that there is?
    TimeZone,
    /// Does the site's key open the secrets that were stored with it?
    EncryptionKey,
    /// Is the integration switched on, with a credential?
    Settings,
    /// Do the webhooks that are kept right deliver?
    Webhooks,
    /// Does GitHub accept the credential, and may it do what it must?
    Github,
    /// Can the caches be reached?
    Redis,
    /// Does `serve` answer where it listens?
    Sidecar,
    /// Does the address that people open lead to it?
    SiteAddress,
    /// Do GitHub's deliveries reach it?
    WebhookPath,
    /// Are people recognised?
    Session,
    /// How do calls leave this machine, and can they?
    Network,
    /// Do the clocks agree?
    Clock,
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SiteConfig => "site configuration",
            Self::Database => "database",
            Self::DatabaseVersion => "database version",
            Self::Requirements => "requirements",
            Self::Installation => "installation",
            Self::Instance => "instance",
            Self::TimeZone => "time zone",
            Self::EncryptionKey => "encryption key",
            Self::Settings => "settings",
            Self::Webhooks => "webhooks",
            Self::Github => "GitHub",
            Self::Redis => "Redis",
            Self::Sidecar => "sidecar",
            Self::SiteAddress => "site address",
            Self::WebhookPath => "webhook path",
            Self::Session => "session",
            Self::Network => "network",
            Self::Clock => "clock",
        })
    }
}

/// How it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// As it must be.
    Ok,
    /// Works, but somebody should look.
    Warning,
    /// Does not work.
    Failed,
    /// Not asked, because something before it failed.
    Skipped,
}

impl fmt::Display for CheckStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        })
    }
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// The question.
    pub check: CheckId,
    /// The answer.
    pub status: CheckStatus,
    /// What was found, and what to do about it.
    pub message: String,
    /// It does not work because something that it needs cannot be reached.
    #[serde(skip)]
    pub is_outage: bool,
}

impl CheckResult {
    /// All is well; `message` says what was found.
    #[must_use]
    pub fn ok(check: CheckId, message: impl Into<String>) -> Self {
        Self {
            check,
            status: CheckStatus::Ok,
            message: message.into(),
            is_outage: false,
        }
    }

    /// It works, but `message` should be read.
    #[must_use]
    pub fn warning(check: CheckId, message: impl Into<String>) -> Self {
        Self {
            status: CheckStatus::Warning,
            ..Self::ok(check, message)
        }
    }

    /// It does not work; `message` says what to do.
    #[must_use]
    pub fn failed(check: CheckId, message: impl Into<String>) -> Self {
        Self {
            status: CheckStatus::Failed,
            ..Self::ok(check, message)
        }
    }

    /// It does not work; where `is_outage`, because something that it needs cannot be reached.
    #[must_use]
    pub fn failed_by(check: CheckId, message: impl Into<String>, is_outage: bool) -> Self {
        Self {
            is_outage,
            ..Self::failed(check, message)
        }
    }

    /// Not asked, because of another check.
    #[must_use]
    pub fn skipped(check: CheckId, because_of: CheckId) -> Self {
        Self {
            status: CheckStatus::Skipped,
            ..Self::ok(check, format!("not asked, because of: {because_of}"))
        }
    }

    /// True when what was asked does not work.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.status == CheckStatus::Failed
    }
}
