//! What a run works with, and where it may pause or stop.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::config::Resolver;
use crate::domain::Services;
use crate::domain::budget::Purpose;
use crate::frappe::bench::Bench;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::github::Client;
use crate::places::Place;
use crate::telemetry::Reporter;

use super::maintenance::{Pace, is_in_maintenance, maintenance_over};
use super::reach::Reached;
use super::{Reach, SyncError, Ways};

/// What a run works with. Cheap to clone.
#[derive(Clone)]
pub struct SyncContext {
    /// The site whose mirror it is.
    pub site: Site,
    /// The bench, whose files say whether work must pause.
    pub bench: Bench,
    /// GitHub, in the name of the site's credential; in a run, of that of its repository.
    pub client: Client,
    /// Finds the credential of each repository.
    pub reach: Arc<dyn Reach>,
    /// What is read of the repository.
    pub services: Services,
    /// What the credential of `client` is, where it is that of one repository, whatever that is called.
    pub credential: Option<Arc<str>>,
    /// Name of this process in leases.
    pub owner: Arc<str>,
    /// User whose name stands in the rows.
    pub user: Arc<str>,
    /// Who is told how far it is.
    pub reporter: Arc<dyn Reporter>,
    /// Asks the run to stop: what is being stored is stored, what GitHub was asked for is given up.
    pub stop: CancellationToken,
    /// Finds out whether a name stands for a machine.
    pub resolver: Resolver,
    /// Among the runs that go on at the same time.
    pub place: Place,
    /// How often to look.
    pub pace: Pace,
    /// Which ways of asking for less are used.
    pub ways: Ways,
}

impl SyncContext {
    /// The same for a run that has `place`, which it leaves to others while it waits for GitHub's limits or the end of a maintenance.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        Self {
            client: self.client.at(place.clone()),
            place,
            ..self
        }
    }

    /// The same until `stop`, which ends when this one's does.
    pub(super) fn until(&self, stop: &CancellationToken) -> Self {
        Self {
            client: self.client.clone().until(stop.clone()),
            stop: stop.clone(),
            ..self.clone()
        }
    }

    /// The same for `purpose`, whose cost is counted apart.
    #[must_use]
    pub fn on(&self, purpose: Purpose) -> Self {
        Self {
            client: self.client.on(purpose),
            ..self.clone()
        }
    }

    /// The same for the repository of that name, with its own credential and services; and the group of those that share the credential.
    ///
    /// # Errors
    /// When the database cannot be read. A credential that cannot be had is no error here: each call fails with the reason.
    pub async fn of_repository(&self, name: &str) -> Result<(Self, String), DbError> {
        Ok(self.by(self.reach.of_repository(name).await?))
    }

    /// The same for one that was let go, by the credential of the integration that had it.
    ///
    /// # Errors
    /// As [`Self::of_repository`].
    pub async fn of_repository_let_go(&self, name: &str, integration: &str) -> Result<(Self, String), DbError> {
        Ok(self.by(self.reach.of_repository_let_go(name, integration).await?))
    }

    fn by(&self, reached: Reached) -> (Self, String) {
        let context = Self {
            client: reached.client.like(&self.client),
            services: reached.services,
            credential: Some(reached.credential.as_str().into()),
            ..self.clone()
        };
        (context, reached.group)
    }

    /// Before a run's first request and between two pages: stops when asked to, and waits while the bench is in maintenance.
    ///
    /// # Errors
    /// [`SyncError::Stopped`].
    pub async fn checkpoint(&self) -> Result<(), SyncError> {
        let pause = async {
            if is_in_maintenance(&self.bench, self.site.name()) {
                let over = maintenance_over(&self.bench, self.site.name(), &*self.reporter, self.pace);
                self.place.lend(over).await;
            }
        };
        self.stop.run_until_cancelled(pause).await.ok_or(SyncError::Stopped)
    }
}
