//! The schedule of a site is held by one replica: a lease that is taken when there is work, kept alive, and given back at the end.
//!
//! A replica that dies leaves it behind; twenty seconds after its last sign of life the next one that looks takes it over, and the fencing
//! number grows. Work that the old one had under way finds that in its next transaction, and writes nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use chrono::TimeDelta;
use futures_util::future::join_all;
use tokio::sync::Mutex;

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::store::cursors;
use crate::store::lease::{self, KeptAlive, Lease, Taken};

/// Runs that were cut off longer ago than this are not gone on with at once.
const LATELY: TimeDelta = TimeDelta::days(1);

/// The leases that this process holds, by site: each behind a lock of its own, so that a database that hangs keeps no other site waiting.
/// Clones are the same list.
#[derive(Debug, Clone, Default)]
pub(super) struct Holding(Arc<std::sync::Mutex<BTreeMap<String, Place>>>);

/// Where the lease of one site is kept.
type Place = Arc<Mutex<Option<Held>>>;

#[derive(Debug)]
struct Held {
    site: Site,
    lease: Lease,
    _beating: KeptAlive,
}

/// Name of a site's lease. Sites have databases of their own, but a copy of one may come to lie in the same.
fn lease_name(site: &Site) -> String {
    format!("schedule:{}", site.name())
}

impl Holding {
    /// The site for work that one replica does, every transaction of which is held against the lease; none while another replica has it.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub(super) async fn hold(&self, site: &Site, owner: &str) -> Result<Option<Site>, DbError> {
        let place = self.places().entry(site.name().to_owned()).or_default().clone();
        let mut held = place.lock().await;
        if let Some(one) = &*held {
            if one.lease.is_ours(site.db()).await? {
                return Ok(Some(site.fenced(one.lease.fence())));
            }
            tracing::warn!(site = site.name(), "another process has taken over the schedule");
            *held = None;
        }
        let Taken::Ours(lease) = lease::take_anew(site.db(), &lease_name(site), owner).await? else {
            return Ok(None);
        };
        let fenced = site.fenced(lease.fence());
        let lately = site.zone().await?.to_local(site.clock().now() - LATELY);
        cursors::forget_cut_attempts(fenced.db(), lately).await?;
        *held = Some(Held {
            site: site.clone(),
            _beating: lease.keep_alive(site.db()),
            lease,
        });
        Ok(Some(fenced))
    }

    /// Gives all of them back, so that another replica need not wait for their ends.
    pub(super) async fn release(&self) {
        let all = std::mem::take(&mut *self.places());
        let given_back = all.into_iter().map(|(name, place)| async move {
            let Some(held) = place.lock().await.take() else { return };
            if let Err(error) = held.lease.release(held.site.db()).await {
                tracing::debug!(site = name, error = %error, "the schedule is free by itself in 20 s");
            }
        });
        join_all(given_back).await;
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<String, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
