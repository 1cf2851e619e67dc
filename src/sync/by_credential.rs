//! Repositories that are asked about together: those that share a credential.

use std::collections::BTreeMap;

use crate::store::proofs::Candidate;

use super::{SyncContext, SyncError};

/// The candidates by the credential that they are asked for with; those that somebody switched off are left out.
pub(super) async fn by_credential(
    context: &SyncContext,
    candidates: Vec<Candidate>,
) -> Result<Vec<(SyncContext, Vec<Candidate>)>, SyncError> {
    let groups = context.reach.groups().await?;
    let mut some: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
    for one in candidates {
        match groups.get(&one.name) {
            Some(grouped) if grouped.is_off => {}
            grouped => {
                let group = grouped.map(|grouped| grouped.group.clone()).unwrap_or_default();
                some.entry(group).or_default().push(one);
            }
        }
    }
    let mut all = Vec::with_capacity(some.len());
    for candidates in some.into_values() {
        let Some(first) = candidates.first() else { continue };
        let (reached, _group) = context.of_repository(&first.name).await?;
        all.push((reached, candidates));
    }
    Ok(all)
}
