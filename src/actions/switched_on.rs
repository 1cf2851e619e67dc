//! Whether a site speaks to GitHub at all: where an administrator switched it off, buttons and pages say so.

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::store::first_credential;
use crate::store::settings::Settings;

use super::{ActionError, Call};

/// What people are told.
const OFF: &str = "the integration is switched off on this site, so that nothing is asked of GitHub: an administrator ticks Enabled in GitHub Settings";

/// Why nothing is asked of GitHub on `site`, if nothing is; a sentence.
pub(super) async fn why_off(site: &Site) -> Result<Option<&'static str>, DbError> {
    Ok((!Settings::read(site.db()).await?.enabled).then_some(OFF))
}

impl Call<'_> {
    /// Refuses what would be asked of GitHub where the site is switched off.
    pub(super) async fn require_switched_on(&self) -> Result<(), ActionError> {
        match why_off(self.site).await? {
            Some(off) => Err(ActionError::NotReady(off.to_owned())),
            None => Ok(()),
        }
    }

    /// The same for who enters a token: the first credential of a site switches it on.
    pub(super) async fn require_switched_on_or_new(&self) -> Result<(), ActionError> {
        if why_off(self.site).await?.is_none() || first_credential::is_first(&mut self.site.db().conn().await?).await? {
            return Ok(());
        }
        self.require_switched_on().await
    }
}
