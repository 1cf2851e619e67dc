//! `get_sync_statistics`, `get_repository_statistics`: how much is mirrored.

use serde_json::Value;

use crate::store::statistics;

use super::rights::repository_argument;
use super::{ActionError, Call, answer};

/// Counts over all repositories.
pub(super) async fn of_site(call: &Call<'_>) -> Result<Value, ActionError> {
    answer(statistics::of_site(call.site.db()).await?)
}

/// Counts of one repository.
pub(super) async fn of_repository(call: &Call<'_>) -> Result<Value, ActionError> {
    // It is there, or nobody might read it; MariaDB finds it in any case.
    let repository = repository_argument(call.arguments)?;
    answer(statistics::of_repository(call.site.db(), repository.as_str()).await?)
}
