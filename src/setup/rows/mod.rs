//! Rows that setup keeps in tables of Frappe: what is wanted, what is there, what was written last time, and the steps between.
//!
//! Invariant: what an administrator changed after us stays as he left it (`merge`), and every row that we make or amend is
//! recorded in the ledger within the same transaction (`write`).

mod cell;
mod merge;
mod read;
mod wanted;
mod write;

pub(crate) use cell::Cell;
pub(crate) use merge::{Decision, Record, decide};
pub(crate) use read::{CurrentRow, Existing};
pub(crate) use wanted::{Parent, WantedRow, WhenForeign, WhenRemoved, derived_name};
pub(crate) use write::{RowChange, apply};
