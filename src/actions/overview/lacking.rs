//! What the GitHub App may not do for a repository, so that its buttons say so before somebody is refused.

use serde_json::{Map, Value, json};

use crate::domain::{Feature, Missing, OwnerKind, Source};
use crate::frappe::singles;
use crate::frappe::site::Site;
use crate::store::settings::DOCTYPE;
use crate::store::{installations, integrations, site_way};

use crate::actions::ActionError;

/// What buttons are for, and the feature behind it.
const WORK: [(&str, Feature); 4] = [
    ("issues", Feature::WriteIssues),
    ("pull_requests", Feature::WritePullRequests),
    ("access", Feature::ManageAccess),
    ("webhooks", Feature::RepositoryHooks),
];

/// By what buttons are for: why it cannot be done, and the page of GitHub that mends it. Nothing where the repository is not worked on by the App, or
/// what was granted is not known here.
pub(super) async fn lacking(site: &Site, repository: &str) -> Result<Value, ActionError> {
    let db = site.db();
    let reachable = integrations::of_repository(db, repository).await?;
    let Ok(Source::Installation { account }) = reachable.source(&site_way::of_site(site).await?) else {
        return Ok(json!({}));
    };
    let app = singles::read_field(db, DOCTYPE, "app_id").await?.unwrap_or_default();
    let Some(found) = installations::in_account(db, app.trim(), &account).await?.installation else {
        return Ok(json!({}));
    };
    let kind = found.account.as_ref().map_or(OwnerKind::Organization, |account| account.kind);
    let reason = |feature: Feature| {
        if found.suspended_at.is_some() {
            return Some(format!("the GitHub App is suspended in {account}"));
        }
        feature.missing(&found.permissions, kind).first().map(Missing::reason)
    };
    let all: Map<String, Value> = WORK
        .into_iter()
        .filter_map(|(work, feature)| Some((work.to_owned(), json!({"reason": reason(feature)?, "link": found.html_url}))))
        .collect();
    Ok(all.into())
}
