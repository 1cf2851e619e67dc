//! The credentials of a site's repositories, as a run asks for them: each is looked up once, and what cannot be had says why.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::domain::{Reachable, SiteWay, Source};
use crate::frappe::auth::UserId;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::github::{Acting, Client, Credential, GithubError, Pass, Renewable};
use crate::store::integrations;
use crate::store::settings::Settings;
use crate::sync::{Grouped, Personal, Reach, Reached};

use super::{App, ConnectError};

/// The credentials of one site, for one run.
pub(super) struct Credentials {
    app: App,
    site: Site,
    made: Mutex<HashMap<String, Client>>,
}

/// No credential: each call fails with a sentence, and none leaves.
#[derive(Debug)]
struct Refusing(String);

impl Renewable for Refusing {
    fn pass(&self, _now: DateTime<Utc>) -> BoxFuture<'_, Result<Pass, GithubError>> {
        std::future::ready(Err(GithubError::no_grant(self.0.clone()))).boxed()
    }

    fn refused(&self, _number: u64, _github: DateTime<Utc>, _now: DateTime<Utc>) {}

    fn acting(&self) -> Acting<'_> {
        Acting::Person
    }
}

impl App {
    /// A client of which each call fails with that sentence.
    pub(super) fn refusing(&self, site: &Site, sentence: String) -> Result<Client, ConnectError> {
        let credential = Credential::Renewable(Arc::new(Refusing(sentence)));
        Ok(self.client_of(self.hosts(site.config())?, &credential)?)
    }

    /// GitHub for the repository of that name, for somebody who is told why there is none.
    ///
    /// # Errors
    /// When the integration is switched off, the repository's too, or its credential cannot be had.
    pub(super) async fn client_for(&self, site: &Site, repository: &str) -> Result<Client, ConnectError> {
        if !Settings::read(site.db()).await?.enabled {
            // As one is told who asks for the site's.
            return self.client(site).await;
        }
        let reachable = integrations::of_repository(site.db(), repository).await?;
        match reachable.source(&self.site_way(site).await?) {
            Ok(source) => self.client_of_source(site, &source).await,
            Err(refused) => Err(ConnectError::NotServed(refused.sentence)),
        }
    }

    /// Whose connection the repository of that name is read by, if it is somebody's.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn lender_of(&self, site: &Site, repository: &str) -> Result<Option<String>, DbError> {
        let reachable = integrations::of_repository(site.db(), repository).await?;
        // What the site itself has is nobody's connection.
        Ok(match reachable.source(&SiteWay::Token) {
            Ok(Source::Person { user }) => Some(user),
            _ => None,
        })
    }

    /// The credentials of the repositories of `site`.
    pub(super) fn reach(&self, site: &Site) -> Credentials {
        Credentials {
            app: self.clone(),
            site: site.clone(),
            made: Mutex::default(),
        }
    }
}

impl Credentials {
    /// The source and the client of a repository; a refused one where it has none.
    pub(super) async fn find(&self, repository: &str) -> Result<(Reached, Option<Source>), ConnectError> {
        let reachable = integrations::of_repository(self.site.db(), repository).await?;
        self.reached(&reachable).await
    }

    async fn reached(&self, reachable: &Reachable) -> Result<(Reached, Option<Source>), ConnectError> {
        let services = reachable.services();
        let source = match reachable.source(&self.app.site_way(&self.site).await?) {
            Ok(source) => source,
            Err(refused) => {
                let reached = Reached {
                    client: self.app.refusing(&self.site, refused.sentence.clone())?,
                    credential: refused.sentence.clone(),
                    group: refused.sentence,
                    is_off: refused.is_choice,
                    is_lent: false,
                    services,
                };
                return Ok((reached, None));
            }
        };
        let group = source.to_string();
        let reached = |client| Reached {
            client,
            group: group.clone(),
            credential: source.whatever_it_is_called(),
            is_off: false,
            is_lent: matches!(source, Source::Person { .. }),
            services,
        };
        let known = self.made.lock().unwrap_or_else(PoisonError::into_inner).get(&group).cloned();
        let client = match known {
            Some(known) => known,
            None => match self.app.client_of_source(&self.site, &source).await {
                Ok(client) => client,
                Err(error) if error.database().is_some() => return Err(error),
                Err(ConnectError::Github(error)) if error.may_pass() => {
                    // Not remembered: it lies in the moment.
                    return Ok((reached(self.app.refusing(&self.site, error.to_string())?), Some(source)));
                }
                Err(error) => self.app.refusing(&self.site, error.to_string())?,
            },
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(group.clone(), client.clone());
        Ok((reached(client), Some(source)))
    }

    async fn grouped(&self) -> Result<BTreeMap<String, Grouped>, ConnectError> {
        let way = self.app.site_way(&self.site).await?;
        let all = integrations::of_all(self.site.db()).await?.into_iter();
        Ok(all
            .map(|reachable| {
                let (group, is_off) = match reachable.source(&way) {
                    Ok(source) => (source.to_string(), false),
                    Err(refused) => (refused.sentence, refused.is_choice),
                };
                let services = reachable.services();
                (reachable.name, Grouped { group, is_off, services })
            })
            .collect())
    }

    /// As [`App::github`] chooses.
    async fn own(&self) -> Result<Option<Source>, ConnectError> {
        Ok(match self.app.site_way(&self.site).await? {
            SiteWay::Token => Some(Source::Site),
            SiteWay::Environment(name) => Some(Source::Environment(name)),
            SiteWay::App => {
                let account = self.app.main_account(&self.site).await?;
                account.map(|account| Source::Installation { account })
            }
        })
    }

    async fn personal(&self, user: &str) -> Result<Personal, ConnectError> {
        let acting = self.app.github_as_user(&self.site, &UserId::of_record(user)).await?;
        let acting = acting.ok_or_else(|| ConnectError::NobodyConnects(self.site.name().to_owned()))?;
        Ok(Personal {
            client: acting.client,
            account: acting.account,
        })
    }
}

impl Reach for Credentials {
    fn of_repository<'a>(&'a self, repository: &'a str) -> BoxFuture<'a, Result<Reached, DbError>> {
        async move {
            match self.find(repository).await {
                Ok((reached, _)) => Ok(reached),
                Err(error) => Err(unreadable(error)),
            }
        }
        .boxed()
    }

    fn of_repository_let_go<'a>(&'a self, repository: &'a str, integration: &'a str) -> BoxFuture<'a, Result<Reached, DbError>> {
        async move {
            let reachable = integrations::of_repository_let_go(self.site.db(), repository, integration).await?;
            let reached = self.reached(&reachable).await.map_err(unreadable);
            reached.map(|(reached, _)| reached)
        }
        .boxed()
    }

    fn groups(&self) -> BoxFuture<'_, Result<BTreeMap<String, Grouped>, DbError>> {
        async move { self.grouped().await.map_err(unreadable) }.boxed()
    }

    fn of_site(&self) -> BoxFuture<'_, Result<Option<String>, DbError>> {
        let group = |own: Option<Source>| own.map(|own| own.to_string());
        async move { self.own().await.map(group).map_err(unreadable) }.boxed()
    }

    fn as_person<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Personal, GithubError>> {
        async move {
            let personal = self.personal(user).await;
            personal.map_err(|error| match error {
                ConnectError::Github(error) => error,
                ConnectError::Grant(error) => error.of_call(),
                other => GithubError::no_grant(other.to_string()),
            })
        }
        .boxed()
    }

    fn as_app(&self) -> BoxFuture<'_, Result<Client, DbError>> {
        async move {
            let refused = match self.app.as_app(&self.site).await {
                Ok(Some(client)) => return Ok(client),
                Ok(None) => ConnectError::NoApp(self.site.name().to_owned()),
                Err(error) if error.database().is_some() => return Err(unreadable(error)),
                Err(error) => error,
            };
            self.app.refusing(&self.site, refused.to_string()).map_err(unreadable)
        }
        .boxed()
    }
}

/// What is left of errors here is the database's, and what is wrong with the machine, which ends a run like it.
fn unreadable(error: ConnectError) -> DbError {
    match error.into_database() {
        Ok(error) => error,
        Err(other) => DbError::Shape {
            what: "finding a credential",
            reason: other.to_string(),
        },
    }
}
