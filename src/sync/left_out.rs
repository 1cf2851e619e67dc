//! Repositories of which earlier runs left something out that is wanted again: a service of their integration was off, and is on. However much GitHub
//! says what it said, they are not in step, and everything is read of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::{Entity, Service, Services};
use crate::frappe::db::DbError;
use crate::store::left_out::{self, ReadAgain};

use super::SyncContext;
use super::report::Tally;

/// Those of `some`, each by id and name, of which something is wanted again. Costs one statement where nothing was ever left out.
pub(super) async fn wanted_again<'n>(
    context: &SyncContext,
    some: impl Iterator<Item = (u64, &'n str)>,
) -> Result<BTreeSet<u64>, DbError> {
    let left = left_out::of_all(context.site.db(), context.site.clock().now()).await?;
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
    let left = left_out::of(db, id, now).await?;
    Ok(left.iter().any(|service| context.services.is_on(*service)))
}

/// What belongs to each service. Members belong to none: who may not see them is not kept from the rest.
const OF: [(Service, &[Entity]); 3] = [
    (
        Service::Repositories,
        &[
            Entity::Branch,
            Entity::Label,
            Entity::Milestone,
            Entity::Release,
            Entity::Commit,
        ],
    ),
    // What fails of the feed that both have is counted as issues.
    (
        Service::PullRequests,
        &[Entity::Issue, Entity::PullRequest, Entity::Review, Entity::Comment],
    ),
    (Service::Issues, &[Entity::Issue, Entity::Comment]),
];

/// Notes what a run, which read everything that is on and went to its end, could read.
pub(super) async fn has_read(context: &SyncContext, id: u64, tally: &Tally, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut read = ReadAgain::default();
    for (service, entities) in OF {
        if !context.services.is_on(service) {
            continue;
        }
        if entities.iter().any(|entity| tally.failures_of(*entity) > 0) {
            read.in_part.push(service);
        } else {
            read.whole.push(service);
        }
    }
    left_out::read_again(context.site.db(), id, &read, now).await
}
