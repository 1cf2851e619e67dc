//! The integration tests: one binary, one module a subject.

#[cfg(test)]
mod github_client;
#[cfg(test)]
mod recorded;
