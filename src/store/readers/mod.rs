//! Who reads which repositories: the role `GitHub User`, and with it one User Permission for each repository of a user.
//!
//! User Permissions are Frappe's own row filter, so that lists, reports, links and REST obey them. Whoever has the role and no such
//! row would read everything: both are given and taken in one transaction. What is ours stands in the ledger of the installation, so
//! that a removal takes it away; rows that people made are never touched, and one of theirs that says the same is as good as ours.

mod difference;
mod wanted;
mod write;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::frappe::db::{DbError, retry_conflicts};
use crate::frappe::pending;
use crate::frappe::permissions::{Right, Roles, with_named_document};
use crate::frappe::realtime::{Event, Room};
use crate::frappe::site::Site;
use crate::frappe::zone::frappe_text;

use super::stamp::Stamp;
use difference::Difference;

pub use wanted::ADMINS;

/// The role that is given and taken here alone.
pub const ROLE: &str = "GitHub User";
/// What a User Permission names that leaves nothing to read. No repository can be called so: its name has a slash.
pub const NO_REPOSITORY: &str = "no repository";

const WHAT: &str = "settling who reads which repositories";
/// In whose name: nobody pressed a button for it.
const WRITER: &str = "Administrator";
/// Beyond this many users nobody is told one by one.
const TOLD_AT_MOST: usize = 100;

/// What was given and taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// User Permissions that were made.
    pub confined: usize,
    /// User Permissions of ours that were removed.
    pub freed: usize,
    /// Users who have the role now.
    pub given: usize,
    /// Users who no longer have it.
    pub taken: usize,
}

impl Settled {
    /// True where everything was as it should be, and nothing was written.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether somebody may read the Repository document. Our role reads what User Permissions name, and nothing where there are none: should
/// somebody delete the last of them, Frappe would show everything until the next look at the desk, and we do not.
///
/// # Errors
/// When the database cannot be read.
pub async fn may_read(site: &Site, roles: &Roles, repository: &str) -> Result<bool, DbError> {
    with_named_document(site, roles, ("Repository", repository), Right::Read, ROLE).await
}

/// Gives and takes what members of repositories and people of connected Projects are to have. Where nothing changed, four statements
/// read and none writes. Caches are dropped after the commit; what Redis does not take now stays recorded.
///
/// # Errors
/// When the database cannot be read or written; then nothing is given or taken.
pub async fn settle(site: &Site) -> Result<Settled, DbError> {
    if Difference::read(&mut site.db().conn().await?).await?.is_empty() {
        return Ok(Settled::default());
    }
    let stamp = Stamp::now(site, WRITER).await?;
    let difference = retry_conflicts(|| write::once(site.db(), &stamp)).await?;
    if let Err(error) = pending::flush_drops(site).await {
        // They stay recorded; the schedule tries again every few seconds, and `doctor` says what is wrong.
        tracing::debug!(site = site.name(), error = %error, "new roles count once the cache can be reached");
    }
    tell(site, &stamp, &difference).await;
    Ok(Settled {
        confined: difference.confine.len(),
        freed: difference.free.len(),
        given: difference.give.len(),
        taken: difference.take.len(),
    })
}

/// Open desks read their permissions again, as after a change by hand; an open form of a user reloads.
async fn tell(site: &Site, stamp: &Stamp, difference: &Difference) {
    let mut events = Vec::new();
    for user in difference.users().into_iter().take(TOLD_AT_MOST) {
        let room = Room::User(user.to_owned());
        events.push(Event::custom("update_user_permissions", room, Value::Null));
    }
    let modified = frappe_text(stamp.local_now());
    let taken = difference.take.iter().map(|row| row.user.as_str());
    let changed: BTreeSet<&str> = difference.give.iter().map(String::as_str).chain(taken).collect();
    events.extend(
        changed
            .into_iter()
            .take(TOLD_AT_MOST)
            .map(|user| Event::doc_update("User", user, &modified)),
    );
    site.tell(&events).await;
}
