//! The command line, as the built program.

mod bad_input;
mod demo;
mod health;
mod help;
mod hooks;
mod json;
mod leaving;
pub(crate) mod program;
mod pty;
mod readme;
mod secrets;
pub(crate) mod serving;
mod stopping;
mod streams;
mod terminal;

pub(crate) use program::closed_port;
