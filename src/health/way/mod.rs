//! The way from a site's address to the sidecar: what `doctor` asks on it, and how the sidecar shows that it is the one.
//!
//! The question can be asked by those alone who know the site's instance id, and answered by those alone: so nobody else learns
//! anything from it, and another installation on the same address is not taken for this one.

mod ask;
mod question;

pub use ask::{Asker, Heard};
pub use question::{ANSWERED_BY, Question, SESSION_OF_NOBODY, Seen, SessionSeen, reply};

use std::net::SocketAddr;

use url::Url;

/// Where the way begins and ends.
#[derive(Debug, Clone)]
pub struct Way {
    /// Where `serve` listens, as it can be connected to.
    pub sidecar: SocketAddr,
    /// Where people open the site, if it is not what the site's configuration says.
    pub address: Option<Url>,
}
