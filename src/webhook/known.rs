//! Secrets of sites, kept for some seconds: thousands of deliveries a second are signed with the same one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;
use tokio::time::{Duration, Instant};

use crate::frappe::site::Site;

use super::receive::ReceiveError;
use super::secrets;

/// A secret that was replaced ends this much later.
const KEPT: Duration = Duration::from_secs(10);
/// A signature that does not fit has them read again, but not more often than this.
const READ_AGAIN: Duration = Duration::from_secs(1);

/// The secrets of one site.
type Secrets = Arc<[SecretString; 2]>;

/// What is known of sites. Clones know the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(Arc<Mutex<HashMap<String, (Instant, Secrets)>>>);

impl Known {
    /// The secrets, as they were some seconds ago.
    pub(super) async fn secrets(&self, site: &Site) -> Result<Secrets, ReceiveError> {
        match self.younger_than(site, KEPT) {
            Some(known) => Ok(known),
            None => self.read(site).await,
        }
    }

    /// The secrets as they are now; none where that was found out a moment ago.
    pub(super) async fn fresh_secrets(&self, site: &Site) -> Result<Option<Secrets>, ReceiveError> {
        match self.younger_than(site, READ_AGAIN) {
            Some(_) => Ok(None),
            None => self.read(site).await.map(Some),
        }
    }

    fn younger_than(&self, site: &Site, age: Duration) -> Option<Secrets> {
        let known = self.locked();
        let (since, secrets) = known.get(site.name())?;
        (since.elapsed() < age).then(|| Arc::clone(secrets))
    }

    async fn read(&self, site: &Site) -> Result<Secrets, ReceiveError> {
        let read = secrets::read(site).await;
        let read = Arc::new(read.map_err(|error| ReceiveError::Away(error.to_string()))?);
        self.locked()
            .insert(site.name().to_owned(), (Instant::now(), Arc::clone(&read)));
        Ok(read)
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, (Instant, Secrets)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
