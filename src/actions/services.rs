//! What desk methods need of the running process.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::frappe::site::Site;
use crate::github::Client;
use crate::sync::SyncContext;
use crate::telemetry::Reporter;

use super::{ActionError, long_work};

/// Gives sites, and what works on them.
pub trait Services: Send + Sync + 'static {
    /// The site of that folder name, if it is one of this bench and may be worked on.
    fn site<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Site, ActionError>>;

    /// GitHub in the name of the site's credential, for somebody who waits: nothing is tried for long.
    fn github<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Client, ActionError>>;

    /// What a sync works with that `user` asked for.
    fn sync_context<'a>(
        &'a self,
        site: &'a Site,
        user: &'a str,
        reporter: Arc<dyn Reporter>,
    ) -> BoxFuture<'a, Result<SyncContext, ActionError>>;

    /// Does `work` whatever becomes of the call; the process ends after it.
    fn go_on(&self, work: BoxFuture<'static, ()>);

    /// How long a call waits for such work before it is answered without its end.
    fn patience(&self) -> Duration {
        long_work::PATIENCE
    }

    /// Waits for all such work; none is taken any more.
    fn ended(&self) -> BoxFuture<'_, ()>;
}
