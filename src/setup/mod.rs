//! Installing into a site and removing again: DocTypes, custom fields, roles, connections, settings, our own tables.
//!
//! What is installed is data: `doctypes/`, `hooks/` and `patches/` (module `blueprint`). An installation looks at the site, works out
//! what is missing (module `work`), shows it ([`plan()`]) or does it ([`install()`]). Everything made is written into a ledger, and
//! [`uninstall()`] removes what stands there.
//!
//! Invariants: metadata never names a column that is not there; a kill between any two statements is repaired by the next run;
//! what an administrator changed stays; a second run changes nothing; tables of others are never locked for long.

mod blueprint;
mod error;
mod facts;
mod install;
mod ledger;
mod metadata;
pub mod nginx;
mod options;
mod plan;
mod polite;
mod preflight;
mod report;
mod rows;
mod schema;
mod schema_work;
mod secrets;
mod settings;
mod state;
mod uninstall;
mod work;

pub use blueprint::{BlueprintError, DocField, DocType, MODULE, doctypes};
pub use error::SetupError;
pub use install::install;
pub use metadata::{integration_user, webhook_name};
pub use options::{DEFAULT_CALLBACK, Patience, Reporter, SetupOptions, UninstallOptions};
pub use plan::{Plan, PlannedColumn, PlannedIndex, PlannedRows, plan};
pub use preflight::Check;
pub use report::InstallReport;
pub use secrets::doc_event_secrets;
pub use state::{Adopted, Installed, State, adopt, installed_version, state};
pub use uninstall::{Loss, Losses, UninstallReport, losses, uninstall};

/// Our Single.
pub const SETTINGS: &str = "GitHub Settings";

/// Number of the schema that this program installs; raised by every release that changes `doctypes/`, `hooks/` or `patches/`.
pub const SCHEMA_VERSION: u32 = 1;
