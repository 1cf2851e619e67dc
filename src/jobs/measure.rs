//! How fresh the sites of this process are, for `/metrics`: the worst of them, because no label names a site.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use metrics::gauge;

use crate::domain::Entity;
use crate::frappe::site::Site;
use crate::store::vitals::{self, Vitals};
use crate::store::{Stamp, cursors};
use crate::sync::SyncError;
use crate::telemetry::metric;

use super::chores::NO_REPOSITORY;
use super::making_sure::RECONCILED;

/// What was measured, by site. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured(Arc<Mutex<BTreeMap<String, Measure>>>);

#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    vitals: Vitals,
    reconciled: Option<DateTime<Utc>>,
}

impl Measured {
    /// Measures a site, and tells the worst of all that are still there.
    pub(super) async fn take(&self, site: &Site, sites: &[String]) -> Result<(), SyncError> {
        let stamp = Stamp::now(site, "Administrator").await?;
        let measure = Measure {
            vitals: vitals::read(site.db(), &stamp).await?,
            reconciled: cursors::read(site.db(), NO_REPOSITORY, RECONCILED).await?.attempted_at,
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(site.name().to_owned(), measure);
        all.retain(|name, _| sites.contains(name));
        let all: Vec<Measure> = all.values().copied().collect();
        tell(&all, stamp.now);
        Ok(())
    }
}

fn tell(all: &[Measure], now: DateTime<Utc>) {
    let vitals = || all.iter().map(|one| one.vitals);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a float holds seconds for longer than there will be any"
    )]
    let seconds = |seconds: i64| seconds as f64;
    let age = |since: Option<DateTime<Utc>>| since.map_or(0.0, |since| seconds((now - since).num_seconds().max(0)));
    let moment = |moment: Option<DateTime<Utc>>| moment.map_or(0.0, |moment| seconds(moment.timestamp()));
    gauge!(metric::LAST_EVENT).set(moment(vitals().filter_map(|one| one.last_event).max()));
    gauge!(metric::LAST_RECONCILIATION).set(moment(all.iter().filter_map(|one| one.reconciled).min()));
    let failures: u64 = vitals().map(|one| one.failures).sum();
    gauge!(metric::FAILURES).set(f64::from(u32::try_from(failures).unwrap_or(u32::MAX)));
    gauge!(metric::QUEUE_AGE).set(age(vitals().filter_map(|one| one.oldest_waiting).min()));
    for entity in Entity::ALL {
        let since = match entity {
            // A comparison from afar does not show them.
            Entity::Member | Entity::Label => vitals().filter_map(|one| one.read).min(),
            _ => vitals().filter_map(|one| one.proven).min(),
        };
        let entity = entity.as_str().to_lowercase().replace(' ', "_");
        gauge!(metric::FRESHNESS, "entity" => entity).set(age(since));
    }
}
