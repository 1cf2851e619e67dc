//! `membership`, `team`, and `organization` where it tells of people: somebody belongs to an organisation or to a team no more, or does by now. By that
//! people read repositories, and GitHub tells of no single one of them: the members of all that are followed there are read again.

use serde_json::Value;

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::store::Stamp;
use crate::store::inbox::{self, Claimed, Verdict};
use crate::store::refresh::{self, Part};

use super::sent;

/// GitHub's names of the events that tell of nothing else.
const EVENTS: [&str; 2] = ["membership", "team"];
/// What of them changes who reads what.
const ACTIONS: [&str; 8] = [
    "added",
    "added_to_repository",
    "deleted",
    // By GitHub's description also where the right of a team to a repository changes.
    "edited",
    "member_added",
    "member_removed",
    "removed",
    "removed_from_repository",
];

/// True for an event that tells of nothing else.
pub(super) fn is_one(event: &str) -> bool {
    EVENTS.contains(&event)
}

/// Does what the delivery means, and says how it ends.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) async fn settle(site: &Site, stamp: &Stamp, one: &Claimed) -> Result<Verdict, DbError> {
    let action = one.action.as_deref().unwrap_or_default();
    if !ACTIONS.contains(&action) {
        return Ok(Verdict::Ignored("it changes nothing of who reads what".to_owned()));
    }
    let Some(stored) = inbox::read_payload(site.db(), &one.id).await? else {
        let reason = "what GitHub sent is not kept any more: have GitHub deliver it again";
        return Ok(Verdict::Errored(reason.to_owned()));
    };
    let delivery = match sent::read(&stored) {
        Ok(delivery) => delivery,
        Err(verdict) => return Ok(verdict),
    };
    let Some(organization) = organization(&delivery) else {
        return Ok(sent::odd(&"it does not say in which organisation"));
    };
    let marked = refresh::mark_of_owner(site.db(), organization, Part::Members, stamp.now).await?;
    Ok(if marked > 0 {
        Verdict::Processed
    } else {
        Verdict::Ignored("no repository of that organisation is followed".to_owned())
    })
}

fn organization(delivery: &Value) -> Option<u64> {
    delivery["organization"]["id"].as_u64()
}
