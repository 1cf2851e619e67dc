//! What follows from what a site's run has read, whatever it could not read: who is who, and what everybody may read.

use crate::frappe::db::DbError;
use crate::github::Client;
use crate::store::readers;

use super::report::SiteReport;
use super::{SyncContext, people};

/// Matches people and gives them their repositories. Who is who GitHub is asked with the site's own credential, unless that one `is_out`; else with
/// the one that read a repository `well` (and its group), so that people of a site without a credential of its own are known as well.
///
/// # Errors
/// When it cannot be read what the site's own credential is. What else goes wrong is in the report.
pub(super) async fn follow(
    context: &SyncContext,
    is_out: impl Fn(&str) -> bool,
    well: Option<(Client, String)>,
    report: &mut SiteReport,
) -> Result<(), DbError> {
    let own = context.reach.of_site().await?;
    let mut asking = Vec::new();
    if !own.as_deref().is_some_and(&is_out) {
        asking.push(&context.client);
    }
    if let Some((client, group)) = &well
        && !is_out(group)
        && own.as_ref() != Some(group)
    {
        asking.push(client);
    }
    match people::match_by_address(context, &asking).await {
        Ok(linked) => report.linked = linked,
        Err(error) => report.errors.push(format!("matching people by address: {error}")),
    }
    // Members came and went, and more of them are users now.
    if let Err(error) = readers::settle(&context.site).await {
        report
            .errors
            .push(format!("giving people their repositories to read: {error}"));
    }
    Ok(())
}
