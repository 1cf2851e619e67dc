//! Secrets of sites, kept for some seconds: thousands of deliveries a second are signed with the same one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

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
type Secrets = Arc<[SecretString; 3]>;

/// What is known of sites. Clones know the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(Arc<Mutex<HashMap<String, Arc<OfSite>>>>);

/// What is known of one site.
#[derive(Debug, Default)]
struct OfSite {
    found: Mutex<Option<(Instant, Secrets)>>,
    /// Held by who reads: the others wait for what he finds.
    reading: tokio::sync::Mutex<()>,
}

impl Known {
    /// The secrets, as they were some seconds ago.
    pub(super) async fn secrets(&self, site: &Site) -> Result<Secrets, ReceiveError> {
        self.of(site).younger_than(site, KEPT).await
    }

    /// The secrets as they are now; none where that was found out a moment ago.
    pub(super) async fn fresh_secrets(&self, site: &Site) -> Result<Option<Secrets>, ReceiveError> {
        let known = self.of(site);
        match known.known(READ_AGAIN) {
            Some(_) => Ok(None),
            None => known.younger_than(site, READ_AGAIN).await.map(Some),
        }
    }

    fn of(&self, site: &Site) -> Arc<OfSite> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(site.name().to_owned()).or_default())
    }
}

impl OfSite {
    fn known(&self, age: Duration) -> Option<Secrets> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, secrets) = found.as_ref()?;
        (since.elapsed() < age).then(|| Arc::clone(secrets))
    }

    /// What is known, read anew where it is older than `age`: once for all who want it at the same time.
    async fn younger_than(&self, site: &Site, age: Duration) -> Result<Secrets, ReceiveError> {
        if let Some(known) = self.known(age) {
            return Ok(known);
        }
        let _reading = self.reading.lock().await;
        if let Some(known) = self.known(age) {
            return Ok(known);
        }
        let read = secrets::read(site).await;
        let read = Arc::new(read.map_err(|error| ReceiveError::Away(error.to_string()))?);
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), Arc::clone(&read)));
        Ok(read)
    }
}
