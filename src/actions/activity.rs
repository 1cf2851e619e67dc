//! `get_repository_activity`: what happened lately, in three calls to GitHub at most.

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};

use super::{ActionError, Call, lists};

/// Days that are looked back where nothing is said, and the bounds.
const DAYS: (u64, (u64, u64)) = (30, (1, 365));
/// Previews of each kind.
const SHOWN: usize = 10;

/// Commits, issues and pull requests since so many days. Each list is its newest hundred; `more` says which goes on.
pub(super) async fn of_repository(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = lists::repository(call).await?;
    let days = call.arguments.bounded("days", DAYS.0, DAYS.1);
    let since = call.site.clock().now() - TimeDelta::days(i64::try_from(days).unwrap_or(365));
    let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
    let activity = match call.github_for(&name).await?.activity_since(&name, &since).await {
        Ok(activity) => activity,
        // As the Python app tells it here: in the answer (F-43).
        Err(error) => return Ok(json!({"error": error.to_string()})),
    };
    let shown = |items: &[Value]| items.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    Ok(json!({
        "commits": activity.commits.items.len(),
        "issues": activity.issues.items.len(),
        "pulls": activity.pulls.items.len(),
        "period_days": days,
        "details": {
            "commits": shown(&activity.commits.items),
            "issues": shown(&activity.issues.items),
            "pulls": shown(&activity.pulls.items),
        },
        "more": {
            "commits": activity.commits.more,
            "issues": activity.issues.more,
            "pulls": activity.pulls.more,
        },
    }))
}
