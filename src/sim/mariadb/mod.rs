//! A MariaDB server of our own, with its own data directory, for tests, the demo and measurements.
//!
//! It never touches a server that runs on the machine: it has its own folder, socket and loopback port, and both go when the
//! program ends, however it ends. What is in it is thrown away, so that durability is off unless it is asked for.

mod client;
mod database;
mod error;
mod folder;
mod options;
mod programs;
mod server;
mod statements;
mod template;
mod watcher;

pub use database::Credentials;
pub(crate) use database::sql_text;
pub use error::ScratchError;
pub use options::ServerOptions;
pub use server::ScratchServer;
pub use statements::{Capture, is_write};
