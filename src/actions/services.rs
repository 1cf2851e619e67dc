//! What desk methods need of the running process.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::config::Resolver;
use crate::domain::{GithubApp, Installation, OfIntegration, Service};
use crate::frappe::auth::UserId;
use crate::frappe::site::Site;
use crate::github::Client;
use crate::github::app::{AppIdentity, Narrowing, NewApp};
use crate::sync::{Personal, SyncContext};
use crate::telemetry::Reporter;

use super::grants::Grants;
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

    /// The site's GitHub App; none where it is not set up.
    fn github_app<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Option<Arc<AppIdentity>>, ActionError>>;

    /// GitHub in the name of that App itself, for somebody who waits; none where it is not set up.
    fn as_app<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Option<Client>, ActionError>>;

    /// GitHub in the name of an installation of that App, for somebody who waits; none where the App is not set up.
    fn as_installation<'a>(
        &'a self,
        site: &'a Site,
        installation: &'a Installation,
        narrowing: Narrowing,
    ) -> BoxFuture<'a, Result<Option<Client>, ActionError>>;

    /// GitHub in nobody's name, for somebody who waits: for what proves itself.
    fn nobody<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Client, ActionError>>;

    /// Keeps what GitHub gave for an App that `user` made for the site.
    fn store_app<'a>(&'a self, site: &'a Site, new: &'a NewApp, user: &'a str) -> BoxFuture<'a, Result<(), ActionError>>;

    /// GitHub in the name of the App whose id is stored, by a key that somebody enters, who waits; none where no id is stored.
    fn with_app_key<'a>(&'a self, site: &'a Site, pem: &'a SecretString) -> BoxFuture<'a, Result<Option<Client>, ActionError>>;

    /// Keeps that key in the name of `user`, and what GitHub told of its App where the settings do not say it yet. Gives its fingerprint.
    fn store_app_key<'a>(
        &'a self,
        site: &'a Site,
        pem: &'a SecretString,
        app: Option<&'a GithubApp>,
        user: &'a str,
    ) -> BoxFuture<'a, Result<String, ActionError>>;

    /// Forgets the key, in the name of `user`; false where there was none.
    fn remove_app_key<'a>(&'a self, site: &'a Site, user: &'a str) -> BoxFuture<'a, Result<bool, ActionError>>;

    /// Connections of the site's people; none where they cannot connect, because no client id and secret are stored.
    fn grants<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Option<Grants>, ActionError>>;

    /// GitHub for the repository of that name, with its own credential, its integration's or the site's, for somebody who waits.
    fn github_for<'a>(&'a self, site: &'a Site, repository: &'a str) -> BoxFuture<'a, Result<Client, ActionError>>;

    /// Whether the service is on in the integration of the repository of that name; one without an integration has them all.
    ///
    /// Fails with [`ActionError::NotReady`] where somebody switched it off.
    fn require_service<'a>(
        &'a self,
        site: &'a Site,
        repository: &'a str,
        service: Service,
    ) -> BoxFuture<'a, Result<(), ActionError>>;

    /// The same to change something there in nobody's own name.
    ///
    /// Fails with [`ActionError::ConnectGithub`] where the repository is read by the connection of a person: that is his name.
    fn github_to_write<'a>(&'a self, site: &'a Site, repository: &'a str) -> BoxFuture<'a, Result<Client, ActionError>>;

    /// GitHub in the name of an integration, for somebody who waits.
    fn github_of<'a>(&'a self, site: &'a Site, integration: &'a OfIntegration) -> BoxFuture<'a, Result<Client, ActionError>>;

    /// GitHub by a token that somebody enters, who waits.
    fn github_with<'a>(&'a self, site: &'a Site, token: &'a SecretString) -> BoxFuture<'a, Result<Client, ActionError>>;

    /// GitHub in the name of `user`; none where he has not connected his account. A connection that is there and cannot be used just now
    /// is an error: nobody else's takes its place.
    fn github_as<'a>(&'a self, site: &'a Site, user: &'a UserId) -> BoxFuture<'a, Result<Option<Personal>, ActionError>>;

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
