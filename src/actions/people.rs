//! What somebody may and has: `can_user_sync_repo`, `get_user_repositories`.

use serde_json::{Value, json};

use crate::store::{access, cards};

use super::rights::{Rights, known_repository};
use super::{ActionError, Arguments, answer};

/// Whether the caller may sync the repository. False also for one that is not known here: that it is not there is nothing to
/// tell to those who may not know.
pub(super) async fn can_user_sync_repo(rights: &Rights<'_>, arguments: &Arguments) -> Result<Value, ActionError> {
    let can_sync = match known_repository(rights.site, arguments).await {
        Ok(repository) => rights.works_on(&repository).await?,
        Err(ActionError::Missing(_)) => false,
        Err(other) => return Err(other),
    };
    Ok(json!({ "can_sync": can_sync }))
}

/// The caller's repositories; all of them for an admin.
pub(super) async fn get_user_repositories(rights: &Rights<'_>) -> Result<Value, ActionError> {
    let db = rights.site.db();
    if rights.is_admin() {
        return answer(cards::cards(db, None).await?);
    }
    let own = access::repositories_of(db, rights.roles.user()).await?;
    answer(cards::cards(db, Some(&own)).await?)
}
