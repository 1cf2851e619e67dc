//! Labels.

/// A label. GitHub tells no time of it anywhere, so that of two states nobody can say which is the later one: where that matters (two
/// deliveries that overtake each other), the list is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Numeric id; stays when it is renamed.
    pub id: u64,
    /// Global node id.
    pub node_id: String,
    /// Name; GitHub has no two in a repository that differ in case alone.
    pub name: String,
    /// Six hexadecimal digits.
    pub color: String,
    /// What it is for.
    pub description: String,
    /// One of those that GitHub gives every new repository.
    pub is_default: bool,
}
