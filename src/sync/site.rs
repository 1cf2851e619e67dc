//! A site's run: the chosen repositories one after the other, then the people.

use crate::domain::RepoName;
use crate::frappe::pending;
use crate::frappe::db::{DbError, retry_conflicts};
use crate::frappe::singles;
use crate::frappe::zone::frappe_text;
use crate::store::Stamp;
use crate::store::repositories::{self, Tracked};
use crate::store::runs::Trigger;

use super::report::SiteReport;
use super::{RunOptions, SyncContext, SyncError, people, sync_repository};

/// Which repositories are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// These, mirrored already or not.
    pub repositories: Vec<RepoName>,
    /// All of these accounts.
    pub owners: Vec<String>,
}

impl Selection {
    /// True when none is named, which means all that are mirrored and switched on.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.repositories.is_empty() && self.owners.is_empty()
    }
}

/// Syncs the chosen repositories of one site. One that fails does not stop the next.
///
/// # Errors
/// When the database cannot be used at all.
pub async fn sync_site(context: &SyncContext, selection: &Selection, options: RunOptions) -> Result<SiteReport, SyncError> {
    let mut report = SiteReport {
        site: context.site.name().to_owned(),
        repositories: Vec::new(),
        linked: 0,
        errors: Vec::new(),
    };
    let chosen = choose(context, selection, &mut report).await?;
    for (at, tracked) in chosen.iter().enumerate() {
        context
            .reporter
            .message(&format!("{} ({} of {})", tracked.name, at + 1, chosen.len()));
        match sync_repository(context, tracked, options).await {
            Ok(one) => report.repositories.push(one),
            Err(SyncError::Db(error)) if error.is_outage() => return Err(error.into()),
            Err(error) => report.errors.push(format!("{}: {error}", tracked.name)),
        }
        if context.stop.is_cancelled() {
            return Ok(report);
        }
    }
    match people::match_by_address(context).await {
        Ok(linked) => report.linked = linked,
        Err(error) => report.errors.push(format!("matching people by address: {error}")),
    }
    Ok(report)
}

async fn choose(context: &SyncContext, selection: &Selection, errors: &mut Vec<String>) -> Result<Vec<Tracked>, SyncError> {
    let db = context.site.db();
    if selection.is_all() {
        let mut all = repositories::list(db).await?;
        all.retain(|tracked| tracked.enabled);
        return Ok(all);
    }
    let mut names = selection.repositories.clone();
    for owner in &selection.owners {
        let mut pages = context.client.repositories_of(owner);
        loop {
            match pages.next().await {
                Ok(Some(page)) => {
                    errors.extend(page.odd.iter().map(|odd| format!("{owner}: {odd}")));
                    names.extend(page.items.into_iter().map(|repository| repository.name));
                }
                Ok(None) => break,
                Err(error) => {
                    errors.push(format!("{owner}: {error}"));
                    break;
                }
            }
        }
    }
    let mut chosen: Vec<Tracked> = Vec::with_capacity(names.len());
    for name in names {
        if chosen.iter().any(|tracked| tracked.name.eq_ignore_ascii_case(name.as_str())) {
            continue;
        }
        match repositories::find(db, name.as_str()).await? {
            // A repository that was switched off is left alone unless it is named itself.
            Some(tracked) if !tracked.enabled && !selection.repositories.contains(&name) => {}
            Some(tracked) => chosen.push(tracked),
            None => chosen.push(Tracked::named(&name)),
        }
    }
    Ok(chosen)
}

/// `last_sync` in GitHub Settings: the end of the last run over all repositories.
async fn note_last_sync(context: &SyncContext) -> Result<(), DbError> {
    const SETTINGS: &str = "GitHub Settings";
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    retry_conflicts(|| async {
        let mut tx = context.site.db().begin().await?;
        singles::write_field(&mut tx, SETTINGS, "last_sync", &frappe_text(stamp.local_now())).await?;
        pending::note_drop(&mut tx, SETTINGS, SETTINGS).await?;
        tx.commit().await
    })
    .await?;
    pending::flush_drops(&context.site).await.map(drop)
}
