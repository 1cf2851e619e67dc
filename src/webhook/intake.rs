//! Deliveries on their way into the inbox: those that arrive while a commit goes on share the next one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::store::Stamp;
use crate::store::inbox::{self, Arrival, Delivery};

/// In whose name deliveries are stored: GitHub has no user here.
const WRITER: &str = "Administrator";
/// Deliveries in one commit.
const TOGETHER: usize = 64;
/// Where more wait than this, those go that nobody waits for any more: they were answered as not stored.
const CROWD: usize = 512;

/// The lines before the inboxes of all sites. Clones are the same lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Intake(Arc<Mutex<HashMap<String, Line>>>);

/// Deliveries of one site that wait for a commit.
#[derive(Debug, Default)]
struct Line {
    waiting: Vec<Waiting>,
    /// Somebody commits, and will take what waits.
    is_served: bool,
}

#[derive(Debug)]
struct Waiting {
    delivery: Delivery,
    answer: oneshot::Sender<Result<Arrival, Arc<DbError>>>,
}

impl Intake {
    /// Stores a delivery; answered after the commit. It may be stored even where nobody waits for the answer any more.
    ///
    /// # Errors
    /// When the database cannot be written; the delivery is not stored then.
    pub(super) async fn accept(&self, site: &Site, delivery: Delivery) -> Result<Arrival, Arc<DbError>> {
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut lines = self.locked();
            let line = lines.entry(site.name().to_owned()).or_default();
            if line.waiting.len() >= CROWD {
                line.waiting.retain(|one| !one.answer.is_closed());
            }
            line.waiting.push(Waiting { delivery, answer });
            !std::mem::replace(&mut line.is_served, true)
        };
        if is_first {
            tokio::spawn(serve(self.clone(), site.clone()));
        }
        answered.await.unwrap_or_else(|_| {
            Err(Arc::new(DbError::Lost {
                what: "storing a delivery",
                reason: "its commit was given up".to_owned(),
            }))
        })
    }

    /// What waits for the next commit; where nothing does, the line is closed.
    fn next(&self, site: &str) -> Vec<Waiting> {
        let mut lines = self.locked();
        let Some(line) = lines.get_mut(site) else { return Vec::new() };
        let count = line.waiting.len().min(TOGETHER);
        let next: Vec<Waiting> = line.waiting.drain(..count).collect();
        if next.is_empty() {
            lines.remove(site);
        }
        next
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the line of a site where whoever served it breaks: those who wait are told, and the next one begins anew.
struct Serving(Intake, String);

impl Drop for Serving {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.locked().remove(&self.1);
        }
    }
}

/// Commits what waits, until nothing does.
async fn serve(intake: Intake, site: Site) {
    let _serving = Serving(intake.clone(), site.name().to_owned());
    loop {
        let together = intake.next(site.name());
        if together.is_empty() {
            return;
        }
        let (deliveries, answers): (Vec<Delivery>, Vec<_>) =
            together.into_iter().map(|waiting| (waiting.delivery, waiting.answer)).unzip();
        let results = store(&site, &deliveries).await;
        for (answer, result) in answers.into_iter().zip(results) {
            // Who hung up meanwhile learns of it when he asks again.
            let _gone = answer.send(result);
        }
    }
}

/// Stores them together; where that fails for a reason of one of them, each alone.
async fn store(site: &Site, deliveries: &[Delivery]) -> Vec<Result<Arrival, Arc<DbError>>> {
    let all: Vec<&Delivery> = deliveries.iter().collect();
    match store_together(site, &all).await {
        Ok(arrivals) => arrivals.into_iter().map(Ok).collect(),
        Err(error) if deliveries.len() == 1 || error.is_outage() => {
            let error = Arc::new(error);
            deliveries.iter().map(|_| Err(Arc::clone(&error))).collect()
        }
        Err(_) => {
            let mut results = Vec::with_capacity(deliveries.len());
            for delivery in deliveries {
                let stored = store_together(site, &[delivery]).await;
                results.push(
                    stored
                        .map(|arrivals| arrivals.into_iter().next().unwrap_or(Arrival::Known))
                        .map_err(Arc::new),
                );
            }
            results
        }
    }
}

async fn store_together(site: &Site, deliveries: &[&Delivery]) -> Result<Vec<Arrival>, DbError> {
    let stamp = Stamp::now(site, WRITER).await?;
    inbox::accept(site.db(), &stamp, deliveries).await
}
