//! `installation_target`, and `organization` of whoever told of it: an account is called otherwise by now. What is shown of it follows; what GitHub says of
//! its installations is read, which settles whatever order deliveries came in.

use serde_json::Value;

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::store::inbox::{self, Claimed, Verdict};
use crate::store::{Stamp, integration_accounts};

use super::{people, sent};

/// GitHub's names of the events.
const TARGET: &str = "installation_target";
const ORGANIZATION: &str = "organization";
/// What of them means something here.
const RENAMED: &str = "renamed";

/// True for one of these events.
pub(super) fn is_one(event: &str) -> bool {
    [TARGET, ORGANIZATION].contains(&event)
}

/// Does what the delivery means, and says how it ends.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) async fn settle(site: &Site, stamp: &Stamp, one: &Claimed) -> Result<Verdict, DbError> {
    if one.action.as_deref() != Some(RENAMED) {
        return people::settle(site, stamp, one).await;
    }
    let Some(stored) = inbox::read_payload(site.db(), &one.id).await? else {
        let reason = "what GitHub sent is not kept any more: have GitHub deliver it again";
        return Ok(Verdict::Errored(reason.to_owned()));
    };
    let delivery = match sent::read(&stored) {
        Ok(delivery) => delivery,
        Err(verdict) => return Ok(verdict),
    };
    let Some((account, from, to)) = names(&delivery, &one.event) else {
        return Ok(sent::odd(&"it does not say which account is called what by now"));
    };
    let is_here = integration_accounts::renamed(site.db(), stamp, account, (from, to)).await?;
    Ok(if is_here {
        Verdict::Processed
    } else {
        Verdict::Ignored("nothing here belongs to the renamed account".to_owned())
    })
}

/// The account, what it was called, and what it is called.
fn names<'a>(delivery: &'a Value, event: &str) -> Option<(u64, &'a str, &'a str)> {
    let account = &delivery[if event == TARGET { "account" } else { "organization" }];
    let from = delivery.pointer("/changes/login/from")?.as_str()?;
    Some((account["id"].as_u64()?, from, account["login"].as_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_event_names_the_account_in_its_own_way() {
        let account = json!({"id": 7, "login": "umbrella"});
        let changes = json!({"login": {"from": "acme"}});
        let target = json!({"account": account, "changes": changes});
        let organization = json!({"organization": account, "changes": changes});
        for (event, delivery) in [(TARGET, &target), (ORGANIZATION, &organization)] {
            assert_eq!(names(delivery, event), Some((7, "acme", "umbrella")), "{event}");
        }
        assert_eq!(names(&organization, TARGET), None);
        // An enterprise has no login, and is nobody's account here.
        let slug = json!({"account": {"id": 7, "slug": "umbrella"}, "changes": {"slug": {"from": "acme"}}});
        assert_eq!(names(&slug, TARGET), None);
    }
}
