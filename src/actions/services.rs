//! What desk methods need of the running process.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::config::Resolver;
use crate::frappe::site::Site;
use crate::github::Client;
use crate::sync::SyncContext;
use crate::telemetry::Reporter;

use super::{ActionError, LongWorks, long_work};

/// Gives sites, and what works on them.
pub trait Services: Send + Sync + 'static {
    /// The site of that folder name, if it is one of this bench and may be worked on.
    fn site<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Site, ActionError>>;

    /// The same, and a copy of a site too, on which nothing is done.
    fn site_or_copy<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Site, ActionError>>;

    /// Why nothing is done on the site, if it is a copy; a sentence.
    fn passive<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Option<String>, ActionError>>;

    /// GitHub in the name of the site's credential, for somebody who waits: nothing is tried for long.
    fn github<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Client, ActionError>>;

    /// What a sync works with that `user` asked for.
    fn sync_context<'a>(
        &'a self,
        site: &'a Site,
        user: &'a str,
        reporter: Arc<dyn Reporter>,
    ) -> BoxFuture<'a, Result<SyncContext, ActionError>>;

    /// Where people open GitHub's pages.
    ///
    /// # Errors
    /// When the address cannot be used.
    fn web_url(&self, site: &Site) -> Result<String, ActionError>;

    /// Finds out whether a name stands for a machine.
    fn resolver(&self) -> &Resolver;

    /// Name of this process in leases.
    fn owner(&self) -> &str;

    /// Does what follows from a save of GitHub Settings in the desk.
    fn settings_saved<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), ActionError>>;

    /// With what the bench's workers sign that something was saved; several where they differ.
    fn doc_event_secrets<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Vec<SecretString>, ActionError>>;

    /// Works on what waits in the site's inbox, and reads what it told of.
    fn work_on_deliveries<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, ()>;

    /// Does `work` whatever becomes of the call; the process ends after it.
    fn go_on(&self, work: BoxFuture<'static, ()>);

    /// The work of this kind that is under way.
    fn long_works(&self) -> &LongWorks;

    /// How long a call waits for such work before it is answered without its end.
    fn patience(&self) -> Duration {
        long_work::PATIENCE
    }

    /// Waits for all such work; none is taken any more.
    fn ended(&self) -> BoxFuture<'_, ()>;
}
