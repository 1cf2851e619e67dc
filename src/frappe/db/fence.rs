//! A fence: a row that must still be ours when something is written.
//!
//! A process that stood still while another one took its work over finds that out in the transaction of its own write, and writes nothing.

use super::{DbConn, DbError};

/// Looks for the row and locks it against changes until the transaction ends.
const HELD: &str = "SELECT 1 FROM `erpnext_github_lease` WHERE name = ? AND owner = ? AND fencing = ? LOCK IN SHARE MODE";

/// A lease as it was taken: its name, its owner and its fencing number, which grows with each owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    name: String,
    owner: String,
    fencing: u64,
}

impl Fence {
    /// The lease `name` as `owner` took it.
    #[must_use]
    pub fn new(name: &str, owner: &str, fencing: u64) -> Self {
        Self {
            name: name.to_owned(),
            owner: owner.to_owned(),
            fencing,
        }
    }

    /// Holds the lease's row until the transaction on `conn` ends.
    ///
    /// # Errors
    /// [`DbError::Fenced`] when another process has it.
    pub async fn hold(&self, conn: &mut DbConn) -> Result<(), DbError> {
        const WHAT: &str = "holding a lease";
        let ours = conn.row(WHAT, HELD, (&self.name, &self.owner, self.fencing)).await?;
        ours.map(drop).ok_or(DbError::Fenced { what: WHAT })
    }

    /// Name, owner and fencing number, for statements about the lease itself.
    #[must_use]
    pub fn parts(&self) -> (&str, &str, u64) {
        (&self.name, &self.owner, self.fencing)
    }
}
