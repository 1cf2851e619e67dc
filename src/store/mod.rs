//! Our tables: rows, batched upserts, apply, cursors and leases.
//!
//! The door is [`apply()`]: a [`ChangeSet`](crate::domain::ChangeSet) goes in, and in one short transaction the rows say what
//! GitHub says. Nothing here speaks to GitHub.

pub mod access;
mod announce;
mod applied;
mod apply;
mod branches;
pub mod budgets;
pub mod by_hand;
pub mod cards;
mod cell;
mod children;
pub mod claims;
pub mod commits;
pub mod credentials;
pub mod cursors;
mod documents;
mod gone;
pub mod hooks;
pub mod inbox;
pub mod issue_tasks;
mod item_words;
pub mod items;
pub mod known;
pub mod lease;
pub mod logins;
mod mentions;
pub mod overview;
mod parts;
mod people;
mod previews;
pub mod project_links;
pub mod projects;
pub mod proofs;
pub mod readers;
pub mod refresh;
mod relink;
pub mod rename;
pub mod repositories;
mod rows;
pub mod runs;
pub mod settings;
mod stamp;
pub mod statistics;
mod stored_documents;
pub mod stored_parts;
pub mod task_links;
pub mod tasks;
pub mod unread_reviews;
mod upsert;
pub mod vitals;
pub mod waiting;
pub mod walks;
pub mod watch;
pub mod writes;

pub use announce::tell;
pub use applied::{Applied, Counts, LeftOut, Touched};
pub use apply::{AppliedDeliveries, Writer, apply, apply_and_link, apply_deliveries, rewrite};
pub use cell::Cell;
pub use lease::Lease;
pub use people::People;
pub use relink::{Relinked, relink};
pub use rows::{OwnedColumns, owned_columns};
pub use stamp::Stamp;
pub use task_links::TaskLink;
