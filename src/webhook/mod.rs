//! GitHub's webhooks: deliveries come in, and what they tell is worked into the mirror.
//!
//! [`Receiver`] checks, stores and answers; nothing of GitHub is asked and nothing of the mirror touched then. [`work`] takes from the
//! inbox what waits, has [`handlers`] say what it means, and applies that through the one door, `store::apply`. [`hooks`] sees to it that
//! GitHub delivers at all.

mod app_word;
pub mod authorization;
pub mod body;
pub mod compression;
mod crowd;
pub mod events;
mod flood;
pub mod handlers;
pub mod hooks;
mod installation;
mod intake;
mod known;
pub mod lossy;
mod lost_hook;
mod merged;
pub mod outline;
mod people;
mod receive;
mod renamed;
mod secrets;
mod sent;
pub mod signature;
mod switched_off;
mod worker;

pub use crate::store::inbox::Arrival;
pub use crowd::Crowd;
pub use lost_hook::LostHook;
pub use receive::{Head, LARGEST, ReceiveError, Receiver};
pub use worker::{Worked, work};
