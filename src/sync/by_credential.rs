//! Repositories that are asked about together: those that share a credential.

use std::collections::BTreeMap;

use super::{SyncContext, SyncError};

/// `all`, each of which `name_of` tells the repository, by the credential that they are asked for with; those that somebody switched off are
/// left out. What is no document yet is asked for as its owner's others are that have no credential of their own.
pub(super) async fn by_credential<T>(
    context: &SyncContext,
    all: Vec<T>,
    name_of: impl Fn(&T) -> &str,
) -> Result<Vec<(SyncContext, Vec<T>)>, SyncError> {
    let groups = context.reach.groups().await?;
    let mut some: BTreeMap<(bool, String), Vec<T>> = BTreeMap::new();
    for one in all {
        let name = name_of(&one);
        let key = match groups.get(name) {
            Some(grouped) if grouped.is_off => continue,
            Some(grouped) => (true, grouped.group.clone()),
            None => (false, name.split('/').next().unwrap_or_default().to_lowercase()),
        };
        some.entry(key).or_default().push(one);
    }
    let mut found: BTreeMap<String, (SyncContext, Vec<T>)> = BTreeMap::new();
    for some in some.into_values() {
        let Some(first) = some.first() else { continue };
        let (reached, group) = context.of_repository(name_of(first)).await?;
        found.entry(group).or_insert_with(|| (reached, Vec::new())).1.extend(some);
    }
    Ok(found.into_values().collect())
}
