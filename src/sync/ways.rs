//! Which ways of asking for less are used.

/// Ways of asking for less. All are used; each can be left out to see that the rows are the same without it, or where a server does not keep
/// what it promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a way of its own, and any of them may be left out"
)]
pub struct Ways {
    /// What changed since the last run; without, every run is a complete walk.
    pub incremental: bool,
    /// The tags of answers; without, every answer is read.
    pub conditional: bool,
    /// Long lists by time; without, by the links of their pages alone.
    pub windowed: bool,
    /// What the feed does not say of pull requests, and when heads were committed, by GraphQL; without, what REST's list of pull requests
    /// says of them, and neither reviews nor dates.
    pub graphql: bool,
    /// Several pages, and the first pages of several lists, at a time; without, one after the other.
    pub side_by_side: bool,
}

impl Default for Ways {
    fn default() -> Self {
        Self {
            incremental: true,
            conditional: true,
            windowed: true,
            graphql: true,
            side_by_side: true,
        }
    }
}
