//! The rules of the house, held against the files themselves: what a person would have to watch, a test watches.

mod columns;
mod dialect;
mod entities;
mod environment;
mod features;
mod files;
mod layers;
mod log_fields;
mod scenarios;
mod scripts;
mod source;
mod written;
