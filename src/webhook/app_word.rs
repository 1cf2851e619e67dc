//! What GitHub tells the App alone: what became of its installations, who took back what he had authorised, and who belongs to an organisation or a team. It decides who may do what, so that
//! only the secret of the App's own webhook vouches for it: that of a repository's webhook is known to more people.

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::store::Stamp;
use crate::store::inbox::{Claimed, Verdict};

use super::{authorization, installation, people, secrets};

/// Why it is not believed from others.
const NOT_SIGNED: &str = "this is the GitHub App's to tell, and its webhook secret did not sign it: enter that secret as App Webhook Secret in GitHub \
     Settings, then have GitHub deliver it again";

/// True for such an event.
pub(super) fn is_one(event: &str) -> bool {
    event == authorization::EVENT || installation::is_one(event) || people::is_one(event)
}

/// Does what the delivery means, and says how it ends.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) async fn settle(site: &Site, stamp: &Stamp, one: &Claimed) -> Result<Verdict, DbError> {
    if !secrets::is_word_of_app(&one.source) {
        return Ok(Verdict::Ignored(NOT_SIGNED.to_owned()));
    }
    if one.event == authorization::EVENT {
        return authorization::settle(site, stamp, &one.id).await;
    }
    if people::is_one(&one.event) {
        return people::settle(site, stamp, one).await;
    }
    installation::settle(site, stamp, one).await
}
