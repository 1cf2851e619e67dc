//! After a complete walk: what it did not see is asked for once more, and removed when it is gone.
//!
//! A list shifts while it is read, so that "not seen" alone is no proof. What is there all the same was passed over. What was removed
//! once and is listed again is asked for, too: a clear answer brings it back.

use std::collections::{BTreeSet, HashMap};

use crate::domain::{Absence, Change, Entity, Numbers};
use crate::github::Presence;
use crate::store::{items, unread};

use super::SyncError;
use super::items::Walk;
use super::report::Tally;
use super::repository::Run;

/// Removes what is gone, and gives the numbers of what `walk`, which was complete, passed over or did not store.
///
/// Issues and pull requests share one sequence of numbers: a number that the walk did not see, though it saw a higher one, may be
/// one that it passed over before it was ever stored. Up to `known` earlier walks have settled what there is.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally, walk: &Walk, known: u64) -> Result<BTreeSet<u64>, SyncError> {
    let (db, name) = (run.context.site.db(), run.repository.name.as_str());
    let unseen = |stored: &Numbers, seen: &Numbers| stored.without(seen).collect::<BTreeSet<u64>>();
    let pulls = unseen(&items::numbers(db, name, Entity::PullRequest).await?, &walk.pull_requests);
    let mut issues = BTreeSet::new();
    let mut asked = pulls.clone();
    if walk.has_issues {
        issues = unseen(&items::numbers(db, name, Entity::Issue).await?, &walk.issues);
        asked.extend(&issues);
        if walk.by_number {
            let last = walk.issues.last().max(walk.pull_requests.last()).unwrap_or(0);
            asked.extend((known + 1..=last).filter(|number| !walk.saw(*number)));
        }
    }
    // What came and could not be read is there, and is asked for by itself; so is what an earlier run noted and this one has read.
    let unread = unread::items(run.context.site.db(), run.repository.id).await?;
    asked.retain(|number| !unread.contains(*number) && !tally.was_read_again(*number));
    // What was gone and is listed again: hidden as spam and shown again, or said to be gone by mistake.
    let buried = items::buried(db, run.repository.id).await?;
    let listed: BTreeSet<u64> = buried.into_iter().filter(|number| walk.saw(*number)).collect();
    asked.extend(&listed);
    if asked.is_empty() {
        return Ok(asked);
    }
    let asked: Vec<u64> = asked.into_iter().collect();
    let answers = run.context.client.still_there(&run.repository.name, &asked).await?;
    for (entity, unseen) in [(Entity::Issue, issues), (Entity::PullRequest, pulls)] {
        let gone = gone(unseen, &answers);
        if gone.is_empty() {
            continue;
        }
        let change = match entity {
            Entity::Issue => Change::IssuesGone(gone),
            _ => Change::PullRequestsGone(gone),
        };
        tally.applied(&run.apply(change).await?);
    }
    let here = answers.into_iter().filter(|(_, presence)| *presence == Presence::Here);
    let here: BTreeSet<u64> = here.map(|(number, _)| number).collect();
    let back: Vec<u64> = listed.intersection(&here).copied().collect();
    if !back.is_empty() {
        run.apply(Change::ItemsBack(back)).await?;
    }
    Ok(here)
}

fn gone(unseen: BTreeSet<u64>, answers: &HashMap<u64, Presence>) -> Vec<(u64, Absence)> {
    unseen
        .into_iter()
        .filter_map(|number| match answers.get(&number)? {
            Presence::Here => None,
            Presence::Deleted => Some((number, Absence::Deleted)),
            Presence::Moved => Some((number, Absence::Moved)),
        })
        .collect()
}
