//! Can the bench's cache be reached?

use crate::frappe::cache::Caches;
use crate::health::{CheckId, CheckResult};

/// A warning at most: the mirror goes on without Redis.
pub(in crate::health) async fn check(caches: &Caches) -> CheckResult {
    let id = CheckId::Redis;
    match caches.ping().await {
        Ok(()) => CheckResult::ok(id, "the bench's cache answers"),
        Err(down) => CheckResult::warning(
            id,
            format!(
                "{down}; meanwhile the mirror is written, but open forms are not refreshed and may show what they showed before"
            ),
        ),
    }
}
