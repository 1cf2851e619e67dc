//! `installation` and `installation_repositories`: what became of the App in an account. What a delivery says is noted, and that the installation is
//! to be read from GitHub, which settles whatever order deliveries came in. What its account is called by now is noted in [`renamed`].

use serde_json::Value;

use crate::domain::Person;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::github::payload;
use crate::store::Stamp;
use crate::store::inbox::{self, Claimed, Verdict};
use crate::store::installations::{self, Told, Word};

use super::{renamed, sent};

/// GitHub's names of the events.
const EVENTS: [&str; 2] = ["installation", "installation_repositories"];
/// What an installation can do that means something here; anything else is noted as a change.
const CREATED: &str = "created";
const DELETED: &str = "deleted";

/// True for one of these events, and for one about the account of installations: all of them have installations be read.
pub(super) fn is_one(event: &str) -> bool {
    EVENTS.contains(&event) || renamed::is_one(event)
}

/// Notes what the delivery tells, and says how it ends.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) async fn settle(site: &Site, stamp: &Stamp, one: &Claimed) -> Result<Verdict, DbError> {
    if renamed::is_one(&one.event) {
        return renamed::settle(site, stamp, one).await;
    }
    let stored = inbox::read_payload(site.db(), &one.id).await?;
    let Some(stored) = stored else {
        let reason = "what GitHub sent is not kept any more: have GitHub deliver it again";
        return Ok(Verdict::Errored(reason.to_owned()));
    };
    let delivery = match sent::read(&stored) {
        Ok(delivery) => delivery,
        Err(verdict) => return Ok(verdict),
    };
    let installation = match payload::installation(&delivery["installation"]) {
        Ok(installation) => installation,
        Err(error) => return Ok(sent::odd(&error)),
    };
    let word = match one.action.as_deref().filter(|_| one.event == EVENTS[0]) {
        Some(CREATED) => Word::Created,
        Some(DELETED) => Word::Deleted,
        _ => Word::Changed,
    };
    let (sender, requester) = (person(&delivery["sender"]), person(&delivery["requester"]));
    let told = Told {
        installation: &installation,
        word,
        sender: sender.as_ref(),
        requester: requester.as_ref(),
        proven: None,
    };
    Ok(match installations::told(site.db(), stamp, &told).await? {
        Some(_name) => Verdict::Processed,
        None => Verdict::Ignored("the installation is not known here, and was deleted".to_owned()),
    })
}

fn person(of: &Value) -> Option<Person> {
    Some(Person {
        id: Some(of["id"].as_u64()?),
        login: of["login"].as_str()?.to_owned(),
    })
}
