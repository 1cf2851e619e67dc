//! The schedule of a site is held by one replica: a lease that is taken when there is work, kept alive, and given back at the end.
//!
//! A replica that dies leaves it behind; twenty seconds after its last sign of life the next one that looks takes it over, and the fencing
//! number grows. Work that the old one had under way finds that in its next transaction, and writes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Mutex;

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::store::cursors;
use crate::store::lease::{self, KeptAlive, Lease, Taken};

/// Runs that were cut off longer ago than this are not gone on with at once.
const LATELY: TimeDelta = TimeDelta::days(1);

/// The leases that this process holds, by site. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub(super) struct Holding(Arc<Mutex<BTreeMap<String, Held>>>);

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
        let mut held = self.0.lock().await;
        if let Some(one) = held.get(site.name()) {
            if one.lease.is_ours(site.db()).await? {
                return Ok(Some(site.fenced(one.lease.fence())));
            }
            tracing::warn!(site = site.name(), "another process has taken over the schedule");
            held.remove(site.name());
        }
        let Taken::Ours(lease) = lease::take_anew(site.db(), &lease_name(site), owner).await? else {
            return Ok(None);
        };
        let fenced = site.fenced(lease.fence());
        let lately = site.zone().await?.to_local(site.clock().now() - LATELY);
        cursors::forget_cut_attempts(fenced.db(), lately).await?;
        let one = Held {
            site: site.clone(),
            _beating: lease.keep_alive(site.db()),
            lease,
        };
        held.insert(site.name().to_owned(), one);
        Ok(Some(fenced))
    }

    /// Gives all of them back, so that another replica need not wait for their ends.
    pub(super) async fn release(&self) {
        for (name, held) in std::mem::take(&mut *self.0.lock().await) {
            if let Err(error) = held.lease.release(held.site.db()).await {
                tracing::debug!(site = name, error = %error, "the schedule is free by itself in 20 s");
            }
        }
    }
}
