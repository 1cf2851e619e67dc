//! The command line, as the built program.

mod bad_input;
mod health;
mod help;
mod program;
mod readme;
mod secrets;
