//! What the caller of setup may decide.

use std::time::Duration;

use url::Url;

/// Where `serve` listens unless told otherwise; the desk's saves are posted there.
pub const DEFAULT_CALLBACK: &str = "http://127.0.0.1:9100";

/// Told what is being done, a line at a time.
pub type Reporter<'a> = dyn Fn(&str) + Send + Sync + 'a;

/// How long setup waits for tables that others use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Seconds that one attempt waits for its lock. Others queue behind it for as long, so that it is short.
    pub wait_seconds: u32,
    /// Number of attempts.
    pub attempts: u32,
    /// Pause between them.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            wait_seconds: 2,
            attempts: 5,
            pause: Duration::from_secs(3),
        }
    }
}

/// How to install.
#[derive(Debug, Clone, Default)]
pub struct SetupOptions {
    /// Address at which the bench's workers reach the sidecar, for the saves that the desk makes. When given, the webhooks of
    /// the site are switched on; when not, they are left as they are, and are off on a new site.
    pub callback_url: Option<Url>,
    /// Waiting for tables that others use.
    pub patience: Patience,
}

/// How to uninstall.
#[derive(Debug, Clone, Copy, Default)]
pub struct UninstallOptions {
    /// Leave the data: our tables with their rows, our columns on DocTypes of others with their values, and GitHub Settings.
    pub keep_data: bool,
    /// Waiting for tables that others use.
    pub patience: Patience,
}
