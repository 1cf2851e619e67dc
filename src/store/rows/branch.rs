//! Branches as rows of a Repository.

use crate::domain::Branch;
use crate::frappe::naming::stable_child_name;
use crate::frappe::zone::SiteZone;
use crate::store::cell::Cell;

use super::{BRANCHES, WantedChild};

/// Column of the Repository that tells how many branches there are, held or not.
pub(in crate::store) const TOTAL: &str = "branches_total";
/// Length of `branch_name`: a ref may have 255 bytes.
pub(super) const BRANCH_NAME: usize = 255;

/// One row a branch, in the given order. Names that differ in case only are two branches, and two rows.
pub(in crate::store) fn branch_rows(repository_id: u64, branches: &[Branch], zone: SiteZone) -> Vec<WantedChild> {
    let id = repository_id.to_string();
    branches
        .iter()
        .map(|branch| WantedChild {
            name: stable_child_name(&[BRANCHES.doctype, BRANCHES.parentfield, &id, &branch.name]),
            cells: vec![
                Cell::data(&branch.name, BRANCH_NAME),
                Cell::check(branch.protected),
                Cell::Text(branch.head_sha.clone()),
                Cell::time_or_null(branch.committed_at.map(|moment| zone.to_local(moment))),
            ],
        })
        .collect()
}
