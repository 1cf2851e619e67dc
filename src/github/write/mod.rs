//! What is changed on GitHub.
//!
//! A write is data ([`Write`]), so that it can be written down before it is sent. It is sent once: whether it was done, was not done, or
//! cannot be told is the answer ([`WriteFailure`]), and in the last case [`Client::look_for`](super::Client::look_for) finds it out by
//! reading.

mod find;
mod find_hook;
mod order;
mod send;

pub use find::Trace;
pub use order::{HookRef, NewHook, NewIssue, NewPullRequest, Write};
pub use send::WriteFailure;
