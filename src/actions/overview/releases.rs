//! Releases that belong to a Project or a Task.

use crate::store::overview::{self, BelongsTo, LinkedRelease};

use crate::actions::ActionError;
use crate::actions::rights::Rights;

/// The latest ones that belong to it, of whichever repositories the caller may read: a rule asks nobody whether they are connected.
pub(super) async fn readable(rights: &Rights<'_>, to: BelongsTo<'_>) -> Result<Vec<LinkedRelease>, ActionError> {
    let db = rights.site.db();
    let mut readable = Vec::new();
    for repository in overview::releasing(db, to).await? {
        if rights.reads(&repository).await? {
            readable.push(repository);
        }
    }
    Ok(overview::releases_of(db, to, &readable).await?)
}
