//! All integration tests, as one program.

// Said for the lints, which allow more in tests: helpers count as tests too.
#![cfg(test)]

mod cli;
mod house;
