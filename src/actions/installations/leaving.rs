//! What an installation does not reach any more: Projects part from what it connected, and it is not followed. The parting comes first: as long as
//! it waits, for the cache or the next process, what was reached stays noted, so that nothing is forgotten.

use crate::frappe::site::Site;
use crate::store::installations;
use crate::store::{Stamp, project_links};

use super::super::ActionError;

/// One repository, by GitHub's number.
///
/// # Errors
/// When the cache or the database cannot be used; it is done again then.
pub(super) async fn leave(site: &Site, stamp: &Stamp, installation: u64, repository: u64) -> Result<(), ActionError> {
    part(site, stamp, installation, Some(repository)).await?;
    installations::leave(site.db(), stamp, installation, repository).await?;
    Ok(())
}

/// All that it reached.
///
/// # Errors
/// As [`leave`].
pub(super) async fn leave_all(site: &Site, stamp: &Stamp, installation: u64) -> Result<(), ActionError> {
    part(site, stamp, installation, None).await?;
    for (repository, _) in installations::reached(site.db(), installation).await? {
        installations::leave(site.db(), stamp, installation, repository).await?;
    }
    Ok(())
}

/// Every Project parts that it connected, whichever it belongs to by now. What another one of the Project reaches stays, and what people connected.
async fn part(site: &Site, stamp: &Stamp, installation: u64, repository: Option<u64>) -> Result<(), ActionError> {
    installations::hand_over(site.db(), installation, repository).await?;
    for (project, name) in installations::made(site.db(), installation, repository).await? {
        project_links::part(site, &stamp.user, (&project, &name)).await?;
    }
    Ok(())
}
