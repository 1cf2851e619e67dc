//! Webhooks on GitHub: `create_repository_webhook` and what Manage Webhooks does (F-41), and what is done about them by itself.

mod hand;
mod manage;
mod repair;

pub use manage::{Chosen, ensure, forget, send};
pub use repair::repair;

pub(super) use manage::{create, delete, deliveries, list, ping, redeliver};
