//! Integration tests, in one binary.

mod github_contract;
