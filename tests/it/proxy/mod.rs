//! `serve --proxy`: in front of a bench that a test plays.

mod bench;
mod passing;
mod smuggling;
mod streams;
