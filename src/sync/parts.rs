//! Parts of a repository that a complete read did not see, or saw though they were said to be gone: GitHub is asked for each of them,
//! a hundred at a time, and only a clear answer counts. Where all is as it was, nothing is asked.

use std::collections::{BTreeSet, HashMap};

use crate::domain::{Change, Entity};
use crate::github::Presence;
use crate::store::stored_parts;

use super::repository::Run;
use super::{SyncError, report::Tally};

/// Removes those of `unseen` that are gone.
pub(super) async fn prune(run: &Run<'_>, tally: &mut Tally, entity: Entity, unseen: &BTreeSet<u64>) -> Result<(), SyncError> {
    if unseen.is_empty() {
        return Ok(());
    }
    let ids: Vec<u64> = unseen.iter().copied().collect();
    let stored = stored_parts::node_ids(run.context.site.db(), run.repository.id, entity, &ids).await?;
    let answers = ask(run, stored.iter().map(|(_, node_id)| node_id)).await?;
    let is_gone = |node_id: &String| matches!(answers.get(node_id), Some(Presence::Deleted | Presence::Moved));
    let gone: Vec<u64> = stored
        .iter()
        .filter(|(_, node_id)| is_gone(node_id))
        .map(|(id, _)| *id)
        .collect();
    if let Some(change) = gone_change(entity, gone) {
        tally.applied(&run.apply(change).await?);
    }
    Ok(())
}

/// Takes the tombstones of those of `listed` (id and node id) that are there, although one of `buried` says otherwise.
pub(super) async fn revive(
    run: &Run<'_>,
    entity: Entity,
    buried: &BTreeSet<u64>,
    listed: impl IntoIterator<Item = (u64, String)>,
) -> Result<(), SyncError> {
    if buried.is_empty() {
        return Ok(());
    }
    let doubtful: Vec<(u64, String)> = listed.into_iter().filter(|(id, _)| buried.contains(id)).collect();
    if doubtful.is_empty() {
        return Ok(());
    }
    let answers = ask(run, doubtful.iter().map(|(_, node_id)| node_id)).await?;
    let here = doubtful
        .into_iter()
        .filter(|(_, node_id)| answers.get(node_id) == Some(&Presence::Here));
    let here: Vec<u64> = here.map(|(id, _)| id).collect();
    if !here.is_empty() {
        run.apply(Change::PartsBack(entity, here)).await?;
    }
    Ok(())
}

async fn ask(run: &Run<'_>, node_ids: impl Iterator<Item = &String>) -> Result<HashMap<String, Presence>, SyncError> {
    let asked: Vec<String> = node_ids.filter(|node_id| !node_id.is_empty()).cloned().collect();
    Ok(run.context.client.nodes_there(&run.repository.name, &asked).await?)
}

fn gone_change(entity: Entity, ids: Vec<u64>) -> Option<Change> {
    if ids.is_empty() {
        return None;
    }
    match entity {
        Entity::Label => Some(Change::LabelsGone(ids)),
        Entity::Milestone => Some(Change::MilestonesGone(ids)),
        Entity::Release => Some(Change::ReleasesGone(ids)),
        Entity::Comment => Some(Change::CommentsGone(ids)),
        Entity::Review => Some(Change::ReviewsGone(ids)),
        _ => None,
    }
}
