//! Which repository is meant: by its number, because a name that was given up on GitHub may be anybody's.

use crate::domain::RepoName;
use crate::frappe::db::{Db, DbError};
use crate::github::Client;
use crate::store::repositories;
use crate::store::writes::WriteRow;

use super::super::ActionError;
use super::Writing;

/// Number of the repository that is mirrored under `name`; none before its first sync.
pub(super) async fn known(db: &Db, name: &RepoName) -> Result<Option<u64>, DbError> {
    let stored = repositories::find(db, name.as_str()).await?;
    Ok(stored.and_then(|stored| stored.github_id))
}

/// Number of the repository that has `name` on GitHub, or had it last, if that is the `known` one.
///
/// # Errors
/// [`ActionError::Invalid`] where it is another one; others where GitHub cannot tell.
pub(super) async fn confirmed(client: &Client, name: &RepoName, known: Option<u64>) -> Result<u64, ActionError> {
    let id = client.repository(name).await?.value.id;
    if known.is_some_and(|known| known != id) {
        return Err(ActionError::invalid(format!(
            "another repository has the name {name} on GitHub by now, and nothing was sent to it: sync {name}, and see what the one that is mirrored here is called then"
        )));
    }
    Ok(id)
}

/// Name by which the repository of `row` is mirrored now; none where that is no name of GitHub's.
pub(super) async fn present_name(db: &Db, row: &WriteRow) -> Result<Option<RepoName>, DbError> {
    let name = match row.repository_id {
        Some(id) => repositories::named(db, id).await?,
        None => None,
    };
    Ok(name.unwrap_or_else(|| row.repository.clone()).parse().ok())
}

impl Writing {
    /// The name is still that of the repository that is meant.
    ///
    /// # Errors
    /// As [`confirmed`].
    pub(super) async fn confirm(&self) -> Result<(), ActionError> {
        confirmed(&self.client, &self.repository, self.repository_id).await.map(drop)
    }
}
