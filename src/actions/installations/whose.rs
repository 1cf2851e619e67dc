//! Whose an installation may be, by what GitHub shows to a person by his own connection.

use std::collections::BTreeSet;

use crate::domain::{Installation, OwnerKind, RepositorySelection, Stage};
use crate::frappe::auth::UserId;
use crate::frappe::site::Site;
use crate::github::{Client, ErrorKind};
use crate::store::installations::{self, InstallationRow};

use super::super::grants::UserToken;
use super::super::{ActionError, Services};
use super::recover::all;
use super::settle::{NO_APP, read_metadata};

/// Installations that are looked at for one person.
const MOST: usize = 20;

/// Somebody who asks what is his.
pub(super) struct Asking<'a> {
    services: &'a dyn Services,
    site: &'a Site,
    /// GitHub in the name of the App.
    pub(super) app: Client,
    /// GitHub in his name.
    his: Client,
    pub(super) token: UserToken,
}

impl<'a> Asking<'a> {
    /// `user`, by his own connection; none where there is no App, or nobody can connect.
    pub(super) async fn of(services: &'a dyn Services, site: &'a Site, user: &UserId) -> Result<Option<Self>, ActionError> {
        let (Some(grants), Some(app)) = (services.grants(site).await?, services.as_app(site).await?) else {
            return Ok(None);
        };
        let token = grants.token(user).await?;
        Ok(Some(Self {
            services,
            site,
            app,
            his: token.client()?.for_a_person(),
            token,
        }))
    }

    /// Numbers of installations that GitHub shows to him and that are not known here, or nobody's; of `id` alone where that is said.
    pub(super) async fn unknown(&self, id: Option<u64>) -> Result<Vec<u64>, ActionError> {
        let mut unknown = Vec::new();
        for one in all(self.his.visible_installations()).await? {
            let is_asked = id.is_none_or(|id| id == one.id);
            if !is_asked || unknown.len() >= MOST {
                continue;
            }
            let row = installations::with_id(self.site.db(), one.id).await?;
            // Without a number he looks for what he set out for, and that is new.
            if row.is_none_or(|row| id.is_some() && row.course.stage() == Stage::WaitsForUser) {
                unknown.push(one.id);
            }
        }
        Ok(unknown)
    }

    /// Whether he may have installed it.
    pub(super) async fn is_his(&self, one: &Installation) -> Result<bool, ActionError> {
        let Some(account) = &one.account else { return Ok(false) };
        if account.kind == OwnerKind::User {
            return Ok(account.id == self.token.github_id);
        }
        let owned = match all(self.his.memberships()).await {
            Ok(all) => all,
            // The App may not be told of members: then what he sees decides.
            Err(error) if matches!(error.kind(), ErrorKind::Forbidden(_) | ErrorKind::NotFound(_)) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        if owned.iter().any(|of| of.id == account.id && of.is_owner && !of.is_pending) {
            return Ok(true);
        }
        // Who is no owner installs the App for repositories that he manages, and for no others.
        if one.selection == RepositorySelection::All || one.suspended_at.is_some() {
            return Ok(false);
        }
        let picked = self.services.as_installation(self.site, one, read_metadata()).await?;
        let picked = picked.ok_or_else(|| ActionError::NotReady(NO_APP.to_owned()))?;
        let reached = all(picked.installation_repositories()).await?;
        let seen = all(self.his.repositories_managed_in(one.id)).await?.into_iter();
        let managed: BTreeSet<u64> = seen.filter(|(_, manages)| *manages).map(|(id, _)| id).collect();
        Ok(!reached.is_empty() && reached.iter().all(|one| managed.contains(&one.id)))
    }
}

/// Has whoever is only known to have asked for an installation, or to have done something with it, have it wholly where it is his. That GitHub cannot be
/// asked by his own connection leaves it as it is.
///
/// # Errors
/// When the database cannot be used.
pub(super) async fn confirm(
    services: &dyn Services,
    site: &Site,
    user: &UserId,
    row: &InstallationRow,
) -> Result<(), ActionError> {
    let is_own = row.owner.eq_ignore_ascii_case(user.as_str());
    let Some(id) = row.id.filter(|_| is_own && row.is_requested) else {
        return Ok(());
    };
    match is_of(services, site, user, id).await {
        Ok(true) => Ok(installations::confirm(site.db(), &row.name, &row.owner).await?),
        Ok(false) => Ok(()),
        Err(error) if error.database().is_some() => Err(error),
        Err(error) => {
            tracing::debug!(site = site.name(), error = %error, "whose an installation is cannot be asked");
            Ok(())
        }
    }
}

async fn is_of(services: &dyn Services, site: &Site, user: &UserId, id: u64) -> Result<bool, ActionError> {
    let Some(asking) = Asking::of(services, site, user).await? else {
        return Ok(false);
    };
    match asking.app.installation(id).await? {
        Some(one) => asking.is_his(&one).await,
        None => Ok(false),
    }
}
