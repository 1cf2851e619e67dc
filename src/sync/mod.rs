//! Pulling from GitHub: what to fetch, in which order, and what follows from it.
//!
//! A run of one repository is the steps of [`repository::sync_repository`]; a site's run is [`site::sync_site`]. Every answer
//! becomes a `ChangeSet` and goes through `store::apply`. Nothing is deleted and no cursor moves unless all was
//! seen; what was seen and could not be read is noted first.

mod announce;
mod baseline;
mod branches;
mod by_credential;
mod comments;
mod commits;
mod context;
mod details;
mod ending;
mod error;
mod fetch;
mod following;
mod import;
mod items;
mod left_out;
mod lists;
mod looks;
mod maintenance;
mod members;
mod night;
mod parts;
mod people;
mod plan;
mod prune;
mod reach;
mod reconcile;
mod refresh;
mod refused;
mod report;
mod repository;
mod reviews;
mod settle;
mod site;
mod steps;
mod switched;
mod unread;
mod ways;
mod whole;

pub use context::SyncContext;
pub use error::SyncError;
pub use fetch::{FetchedRepositories, fetch_repositories, keep_repository};
pub use import::import_items;
pub use maintenance::{Pace, maintenance_over};
pub use members::sync_members;
pub use night::walk;
pub use reach::{Grouped, Personal, Reach, Reached};
pub use reconcile::{Reconciled, reconcile};
pub use refresh::refresh_due;
pub use report::{EntityLine, RepositoryReport, SiteReport};
pub use repository::{Import, RunOptions, sync_repository};
pub use site::{Selection, sync_due, sync_site};
pub use ways::Ways;
