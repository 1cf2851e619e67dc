//! `get_sync_statistics`, `get_repository_statistics`: how much is mirrored.

use serde_json::Value;

use crate::store::statistics;

use super::rights::known_repository;
use super::{ActionError, Call, answer};

/// Counts over all repositories.
pub(super) async fn of_site(call: &Call<'_>) -> Result<Value, ActionError> {
    answer(statistics::of_site(call.site.db()).await?)
}

/// Counts of one repository.
pub(super) async fn of_repository(call: &Call<'_>) -> Result<Value, ActionError> {
    let repository = known_repository(call.site, call.arguments).await?;
    answer(statistics::of_repository(call.site.db(), &repository).await?)
}
