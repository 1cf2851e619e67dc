//! What checking a document brought to light.

use super::lexer::Position;
use super::problem::Problem;

/// What a document asks for, by GitHub's own counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Weight {
    /// Requests for a page of a connection.
    pub(super) requests: u64,
    /// Nodes that the answer may hold.
    pub(super) nodes: u64,
}

impl Weight {
    /// Points of the primary limit: a hundredth of the requests, at least one.
    pub(super) fn points(self) -> u64 {
        ((self.requests + 50) / 100).max(1)
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    pub(super) weight: Weight,
    /// Fields that need a scope of the token: field, place, scopes of which one is enough.
    pub(super) scoped: Vec<(String, Position, &'static [&'static str])>,
}
