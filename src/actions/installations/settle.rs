//! Installations that GitHub told of are read: what they are like now, and which repositories were picked. Those are followed, and belong to the
//! Project that the installation was made for; those that it does not reach any more are not followed, and belong to it no longer.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::domain::{Grants, Installation, Level, Repository, RepositorySelection, Stage};
use crate::frappe::auth::UserId;
use crate::frappe::db::DbError;
use crate::frappe::permissions::Roles;
use crate::frappe::site::Site;
use crate::frappe::users;
use crate::github::app::Narrowing;
use crate::github::{Client, ErrorKind};
use crate::store::installations::{self, InstallationRow};
use crate::store::lease::{self, Taken};
use crate::store::{Stamp, project_links, readers, repositories, tell as tell_touched};
use crate::sync::keep_repository;

use super::super::{ActionError, Services, rights};
use super::{held_up, leaving, offered, tell};

/// Lease of whoever reads.
pub(super) const LEASE: &str = "installations";
/// So long after he set out what an installation reaches is what he picked himself: a day until GitHub's word counts no more, and one to choose a Project.
const HIS_OWN: TimeDelta = TimeDelta::days(2);
/// What is said where no App is stored.
pub(super) const NO_APP: &str = "GitHub tells of an App that is not set up here: enter its id and private key in GitHub Settings";

/// What is said of an installation of an App that was set up here before.
fn of_another_app(present: &str, account: &str) -> String {
    format!(
        "GitHub Settings name another GitHub App now ({present}) than the one that was installed in {account}. What that one connected stays, and is \
         not brought up to date: enter it there again, or install {present} in {account} and delete this document"
    )
}

/// Reads what is due on `site`, in the name of `user`; true when there was something. What cannot be read is tried again.
///
/// # Errors
/// When the database cannot be used.
pub async fn settle_installations(services: &dyn Services, site: &Site, user: &str) -> Result<bool, ActionError> {
    if !installations::is_due(site.db(), site.clock().now()).await? {
        return Ok(false);
    }
    let Taken::Ours(lease) = lease::take(site.db(), LEASE, services.owner()).await? else {
        return Ok(false);
    };
    let _beating = lease.keep_alive(site.db());
    let done = all(services, site, user).await;
    lease.release(site.db()).await?;
    done
}

async fn all(services: &dyn Services, site: &Site, user: &str) -> Result<bool, ActionError> {
    let mut did = false;
    for row in installations::due(site.db(), site.clock().now()).await? {
        let stamp = Stamp::now(site, user).await?;
        let reading = Reading {
            services,
            site,
            stamp: &stamp,
        };
        match reading.one(&row).await {
            Ok(reason) => installations::end_reading(site.db(), &stamp, &row, &reason).await?,
            Err(ActionError::Db(error)) if error.is_outage() => return Err(error.into()),
            Err(error) => {
                tracing::warn!(site = site.name(), error = %error, "an installation of the App cannot be read");
                installations::fail_reading(site.db(), &stamp, &row, &error.to_string()).await?;
            }
        }
        tell(site, &row.name).await;
        did = true;
    }
    if did {
        readers::settle(site).await?;
    }
    Ok(did)
}

/// Who reads, where.
struct Reading<'a> {
    services: &'a dyn Services,
    site: &'a Site,
    stamp: &'a Stamp,
}

impl Reading<'_> {
    /// Reads one; gives what is missing, empty for nothing.
    async fn one(&self, row: &InstallationRow) -> Result<String, ActionError> {
        let db = self.site.db();
        let Some(id) = row.id else { return Ok(String::new()) };
        if row.course.is_deleted {
            return self.gone(row, id).await;
        }
        let app = self.services.as_app(self.site).await?;
        let app = app.ok_or_else(|| ActionError::NotReady(NO_APP.to_owned()))?;
        let present = app.github_app().await?.value;
        if row.is_of_another_app(present.id) {
            return Err(ActionError::NotReady(of_another_app(&present.name, &row.account_login)));
        }
        let Some(found) = app.installation(id).await? else {
            installations::mark_deleted(db, self.stamp, id).await?;
            return self.gone(row, id).await;
        };
        let pending = found.pending(&present);
        installations::details(db, self.stamp, &found, !pending.is_empty()).await?;
        let is_nobodys = row.course.stage() == Stage::WaitsForUser;
        // A suspended one answers nothing about its repositories.
        if found.suspended_at.is_none() {
            match found.selection {
                RepositorySelection::Selected if !is_nobodys => self.follow(&found).await?,
                _ => self.leave_lost(&found).await?,
            }
        }
        if is_nobodys {
            installations::rest(db, row).await?;
            return Ok(String::new());
        }
        if found.suspended_at.is_some() {
            return Ok(String::new());
        }
        self.belong(row).await
    }

    /// Leaves what it does not reach any more.
    async fn leave_lost(&self, found: &Installation) -> Result<(), ActionError> {
        for gone in lost(self.services, self.site, found).await? {
            leaving::leave(self.site, self.stamp, found.id, gone).await?;
        }
        Ok(())
    }

    /// Nothing of it is followed any more, and no Project names what it connected.
    async fn gone(&self, row: &InstallationRow, id: u64) -> Result<String, ActionError> {
        leaving::leave_all(self.site, self.stamp, id).await?;
        installations::rest(self.site.db(), row).await?;
        Ok(String::new())
    }

    /// Follows what was picked, and leaves what is not any more.
    async fn follow(&self, found: &Installation) -> Result<(), ActionError> {
        let db = self.site.db();
        let client = self.services.as_installation(self.site, found, read_metadata()).await?;
        let client = client.ok_or_else(|| ActionError::NotReady(NO_APP.to_owned()))?;
        let picked = picked(&client).await?;
        let now: BTreeSet<u64> = picked.iter().map(|one| one.id).collect();
        for one in &picked {
            let applied = keep_repository(self.site, self.services.owner(), self.stamp, one, &|| true).await?;
            installations::follow(db, self.stamp, found.id, one.id, applied.rows().created > 0).await?;
            tell_touched(self.site, &self.stamp.user, &applied.touched).await;
        }
        for (id, _) in installations::reached(db, found.id).await? {
            if !now.contains(&id) {
                leaving::leave(self.site, self.stamp, found.id, id).await?;
            }
        }
        Ok(())
    }

    /// What is said where GitHub shows not all that was picked to whoever installed it: others picked it, and he may not be one of them any more.
    async fn unseen(&self, row: &InstallationRow) -> Result<String, ActionError> {
        let Some(id) = row.id.filter(|_| !row.is_requested) else {
            return Ok(String::new());
        };
        let left = installations::unconnected(self.site.db(), id, &row.project).await?;
        Ok(match left {
            0 => String::new(),
            _ => format!(
                "GitHub does not show all that was picked to {}, who installed the App: {left} of the repositories that are followed are not connected with the \
                 Project {}. Who leads it connects them on its form (GitHub > Connect Repository)",
                row.owner, row.project
            ),
        })
    }

    /// Has what was picked belong to the Project that it was installed for, as far as whoever did may say so.
    async fn belong(&self, row: &InstallationRow) -> Result<String, ActionError> {
        if row.project.is_empty() {
            return Ok(String::new());
        }
        if !leads(self.site, &row.owner, &row.project).await? {
            // It stays for the Project: he may lead that again, and and what was picked meanwhile belongs to it then.
            held_up::tell_leaders(self.site, row).await?;
            return Ok(held_up::reason(row));
        }
        if let Some(id) = row.id
            && installations::unjoined(self.site.db(), id).await?.is_empty()
        {
            return Ok(String::new());
        }
        let user = UserId::of_record(&row.owner);
        match shown(self.services, self.site, &user, row).await {
            Ok(shown) => {
                link(self.site, (&row.owner, shown.as_ref()), row, &row.project).await?;
                self.unseen(row).await
            }
            // He connects again, and the next reading goes on.
            Err(ActionError::ConnectGithub(reason) | ActionError::Forbidden(reason)) => Ok(reason),
            Err(ActionError::NotReady(reason)) if self.services.grants(self.site).await?.is_none() => Ok(reason),
            // What cannot be asked just now is asked again soon.
            Err(error) => Err(error),
        }
    }
}

/// Numbers of the repositories that were followed because of an installation, and that it does not reach any more.
pub(super) async fn lost(services: &dyn Services, site: &Site, found: &Installation) -> Result<Vec<u64>, ActionError> {
    let mut known = installations::reached(site.db(), found.id).await?;
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let client = services.as_installation(site, found, read_metadata()).await?;
    let client = client.ok_or_else(|| ActionError::NotReady(NO_APP.to_owned()))?;
    for one in picked(&client).await? {
        known.remove(&one.id);
    }
    Ok(known.into_keys().collect())
}

/// Which repositories there are, and nothing of what is in them.
pub(super) fn read_metadata() -> Narrowing {
    // Whatever else was granted: GitHub gives this to every App that reaches repositories.
    Narrowing::to_permissions(Grants::none().with("metadata", Level::Read))
}

/// All repositories that the installation reaches.
async fn picked(client: &Client) -> Result<Vec<Repository>, ActionError> {
    let (mut pages, mut all) = (client.installation_repositories(), Vec::new());
    while let Some(page) = pages.next().await? {
        all.extend(page.items);
    }
    Ok(all)
}

/// Whether that user may say what the Project is connected with, by what he is now: as for a repository that he connects himself.
pub(super) async fn leads(site: &Site, user: &str, project: &str) -> Result<bool, ActionError> {
    let roles = roles_of(site, user).await?;
    Ok(users::is_of_the_desk(site.db(), user).await? && rights::leads(site, &roles, project).await?)
}

async fn roles_of(site: &Site, user: &str) -> Result<Roles, DbError> {
    let desk = users::is_of_the_desk(site.db(), user).await?;
    Roles::read(site.db(), user, desk).await
}

/// Numbers of the repositories that GitHub shows to `user` in an installation, as far as he may say what they are connected with: what he installed once, others
/// pick for by now, and he may have left them. None for all: who is an admin here may connect whatever is here.
pub(super) async fn shown(
    services: &dyn Services,
    site: &Site,
    user: &UserId,
    row: &InstallationRow,
) -> Result<Option<BTreeSet<u64>>, ActionError> {
    let Some(id) = row.id else { return Ok(None) };
    if !row.is_requested && rights::is_admin(&roles_of(site, user.as_str()).await?) {
        return Ok(None);
    }
    // What he picked as he installed it GitHub told itself, whether he is connected or not. Of what others picked later it told nothing of him.
    let since = site.zone().await?.to_local(site.clock().now() - HIS_OWN);
    let is_new = installations::is_since(site.db(), &row.name, since).await? && !installations::has_joined(site.db(), id).await?;
    let is_told = is_new && !row.is_requested;
    if is_told && services.grants(site).await?.is_none() {
        return Ok(None);
    }
    match offered(services, site, user, id).await {
        Ok(seen) => Ok(Some(seen.into_iter().map(|one| one.id).collect())),
        // GitHub does not show it to him at all.
        Err(ActionError::Github(error)) if matches!(error.kind(), ErrorKind::Forbidden(_) | ErrorKind::NotFound(_)) => {
            Ok(Some(BTreeSet::new()))
        }
        Err(ActionError::ConnectGithub(_)) if is_told => Ok(None),
        Err(error) => Err(error),
    }
}

/// Connects what an installation reaches with a Project, as far as that was not done yet, in the name of `user`, of `seen` alone where that is
/// said; gives the names.
pub(super) async fn link(
    site: &Site,
    (user, seen): (&str, Option<&BTreeSet<u64>>),
    row: &InstallationRow,
    project: &str,
) -> Result<Vec<String>, ActionError> {
    let mut linked = Vec::new();
    let Some(id) = row.id else { return Ok(linked) };
    let unjoined = installations::unjoined(site.db(), id).await?;
    for repository in unjoined.into_iter().filter(|id| seen.is_none_or(|seen| seen.contains(id))) {
        if let Some(name) = repositories::named(site.db(), repository).await? {
            project_links::join_for(site, user, (project, &name), id).await?;
            installations::joined(site.db(), id, repository).await?;
            linked.push(name);
        }
    }
    Ok(linked)
}
