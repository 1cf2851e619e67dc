//! A hook that is not wanted any more: it goes where it was made, and its row with it. What GitHub does not show is not taken for gone.

use crate::github::{ErrorKind, GithubError, Write};
use crate::store::hooks::{self, Home, HookRow};
use crate::store::repositories;

use super::ensure::{AsGithub as _, Ensured, Ensuring, Hand, Target, count};
use super::held::{self, Ours};
use super::{HookError, address};

/// So often it is tried to remove what GitHub does not show: for three weeks, in the end once a day. A repository that was deleted while nobody here was told of
/// it looks the same as one that is not shown.
const ATTEMPTS: u32 = 30;

impl Ensuring<'_> {
    /// Removes the hook of `target`, and its row.
    ///
    /// # Errors
    /// When it cannot be; the row says so, too.
    pub async fn remove<H: Hand>(&self, target: &Target, hand: &H) -> Result<Ensured, H::Error> {
        let lease = self.hold(target).await?;
        let beating = lease.keep_alive(self.site.db());
        let removed = self.remove_alone(target, hand).await;
        drop(beating);
        self.give_back(lease, target, removed).await
    }

    async fn remove_alone<H: Hand>(&self, target: &Target, hand: &H) -> Result<Ensured, H::Error> {
        if let Some(row) = hooks::find(self.site.db(), &target.home).await.map_err(HookError::from)? {
            match row.hook_id {
                Some(id) => {
                    if !self.delete(target, id, hand).await? {
                        let gives_up = row.is_leaving && row.attempts >= ATTEMPTS;
                        self.require_gone(target, id, gives_up).await?;
                    }
                }
                None => self.take_away_unnoted(target, &row, hand).await?,
            }
            hooks::forget(self.site.db(), &target.home).await.map_err(HookError::from)?;
            if let Home::Organization(login) = &target.home {
                let now = self.site.clock().now();
                let suspected = hooks::suspect_of_owner(self.site.db(), login, now).await;
                suspected.map_err(HookError::from)?;
            }
        }
        Ok(Ensured::Removed)
    }

    /// Deletes what we made.
    pub(super) async fn take_away<H: Hand>(&self, target: &Target, row: &HookRow, hand: &H) -> Result<(), H::Error> {
        match row.hook_id {
            Some(id) => self.delete(target, id, hand).await.map(drop),
            None => Ok(()),
        }
    }

    /// Deletes what a process made that died before it noted that. Where hooks may not be seen, none was made.
    async fn take_away_unnoted<H: Hand>(&self, target: &Target, row: &HookRow, hand: &H) -> Result<(), H::Error> {
        let all = match held::all(self.client, &target.at).await {
            Ok(all) => all,
            Err(error) if error.is_gone() || matches!(error.kind(), ErrorKind::Forbidden(_)) => return Ok(()),
            Err(error) => return Err(HookError::from(error).into()),
        };
        let address = address::of_site(self.site, row.given_address.as_deref()).await.ok();
        for held in all {
            if held.whose(Some(row), address.as_deref()) == Ours::Ours {
                self.delete(target, held.id(), hand).await?;
            }
        }
        Ok(())
    }

    /// Deletes one; false where GitHub has none, or shows none.
    pub(super) async fn delete<H: Hand>(&self, target: &Target, id: u64, hand: &H) -> Result<bool, H::Error> {
        match hand.write(Write::DeleteWebhook(target.reference(id))).await {
            Ok(_) => {
                count("removed");
                Ok(true)
            }
            Err(error) if error.as_github().is_some_and(is_gone) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// To whom GitHub does not show a webhook it says that there is none. It is gone where all that are there are shown and it is not among them, and with its
    /// repository. Where nobody shows whether it is, it is taken for gone by whoever `gives_up`.
    async fn require_gone(&self, target: &Target, id: u64, gives_up: bool) -> Result<(), HookError> {
        if let Home::Repository(repository) = target.home
            && repositories::is_gone(self.site.db(), repository).await?
        {
            return Ok(());
        }
        match held::all(self.client, &target.at).await {
            Ok(all) if !all.iter().any(|held| held.id() == id) => Ok(()),
            Err(error) if error.until().is_some() || !(is_gone(&error) || matches!(error.kind(), ErrorKind::Forbidden(_))) => {
                Err(error.into())
            }
            Err(_) if gives_up => {
                let (site, at) = (self.site.name(), &target.at);
                tracing::warn!(
                    site,
                    "the webhook of {at} was not shown by GitHub for weeks: it is taken for gone"
                );
                Ok(())
            }
            Ok(_) | Err(_) => Err(HookError::NotShown(target.at.to_string())),
        }
    }
}

fn is_gone(error: &GithubError) -> bool {
    matches!(error.kind(), ErrorKind::NotFound(_) | ErrorKind::Gone)
}
