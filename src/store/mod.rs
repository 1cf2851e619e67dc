//! Our tables: rows, batched upserts, apply, cursors and leases.
//!
//! The door is [`apply()`]: a [`ChangeSet`](crate::domain::ChangeSet) goes in, and in one short transaction the rows say what
//! GitHub says. Nothing here speaks to GitHub.

pub mod access;
mod apply;
mod cell;
mod children;
pub mod commits;
pub mod credentials;
pub mod cursors;
mod documents;
mod gone;
pub mod items;
pub mod lease;
pub mod logins;
mod parts;
mod people;
mod relink;
pub mod rename;
pub mod repositories;
mod rows;
pub mod runs;
pub mod settings;
mod stamp;
pub mod statistics;
pub mod stored_parts;
mod upsert;

pub use apply::{Applied, Counts, Touched, Writer, apply};
pub use cell::Cell;
pub use lease::Lease;
pub use people::People;
pub use relink::{Relinked, relink};
pub use rows::{OwnedColumns, owned_columns};
pub use stamp::Stamp;
