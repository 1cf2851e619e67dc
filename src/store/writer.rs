//! Who applies something to the mirror.

use crate::frappe::site::Site;

use super::lease::Lease;
use super::people::People;
use super::stamp::Stamp;

/// Who applies, where, and what the rows need besides GitHub's answer.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// The site whose mirror it is.
    pub site: &'a Site,
    /// Who and when.
    pub stamp: &'a Stamp,
    /// Which accounts are which users.
    pub people: &'a People,
    /// The lease that the work stands on; lost, nothing is written any more.
    pub lease: Option<&'a Lease>,
    /// Nothing of the repository was ever read as a whole: mostly what comes is not stored yet, and it is enough to know the highest number.
    pub is_first: bool,
}
