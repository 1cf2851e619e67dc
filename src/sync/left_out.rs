//! Repositories of which earlier runs left something out that is wanted again: a service of their integration was off, and is on. However much GitHub
//! says what it said, they are not in step, and everything is read of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::Services;
use crate::frappe::db::DbError;
use crate::store::left_out;

use super::SyncContext;

/// Those of `some`, each by id and name, of which something is wanted again. Costs one statement where nothing was ever left out.
pub(super) async fn wanted_again<'n>(
    context: &SyncContext,
    some: impl Iterator<Item = (u64, &'n str)>,
) -> Result<BTreeSet<u64>, DbError> {
    let left = left_out::of_all(context.site.db()).await?;
    if left.is_empty() {
        return Ok(BTreeSet::new());
    }
    let groups = context.reach.groups().await?;
    let is_wanted = |id: &u64, name: &str| {
        let now = groups.get(name).map_or(Services::default(), |grouped| grouped.services);
        left.get(id)
            .is_some_and(|left| left.iter().any(|service| now.is_on(*service)))
    };
    Ok(some.filter(|(id, name)| is_wanted(id, name)).map(|(id, _)| id).collect())
}

/// Whether a run of the repository has to read everything, because something is wanted again. Notes what it leaves out itself.
pub(super) async fn misses(context: &SyncContext, id: u64, now: DateTime<Utc>) -> Result<bool, DbError> {
    let db = context.site.db();
    left_out::note(db, id, context.services, now).await?;
    let left = left_out::of(db, id).await?;
    Ok(left.iter().any(|service| context.services.is_on(*service)))
}
