//! Arguments that several commands share, and what they mean together with the environment.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::App;
use crate::clock::SystemClock;
use crate::config::{self, HostLayer, key};
use crate::domain::budget::Rules;
use crate::frappe::bench::Bench;
use crate::frappe::db::Databases;
use crate::setup::{self, State};

use super::exit::UsageError;
use super::invocation::Invocation;

/// Word that means every site.
const ALL: &str = "all";

/// Which bench and which of its sites.
#[derive(Debug, clap::Args)]
pub(super) struct SiteArgs {
    #[arg(long, value_name = "PATH", help = or_env("Folder of the bench [default: the one that the working directory lies in]", key::BENCH))]
    bench: Option<PathBuf>,
    /// Name of the site, or `all` [default: the only one]
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    #[arg(long, value_name = "N", help = or_env("Connections to MariaDB at most, to all sites together [default: 20]", key::DB_CONNECTIONS))]
    db_connections: Option<String>,
}

/// Where GitHub is. A stronger source's API address settles all three.
#[derive(Debug, Default, clap::Args)]
pub(super) struct GithubArgs {
    #[arg(long = "github-api-url", value_name = "URL", help = or_env("Address of GitHub's REST API [default: `github_api_url` of the site, else https://api.github.com]", key::API_URL))]
    api: Option<String>,
    #[arg(long = "github-graphql-url", value_name = "URL", help = or_env("Address of GitHub's GraphQL API [default: the one beside the REST API]", key::GRAPHQL_URL))]
    graphql: Option<String>,
    #[arg(long = "github-web-url", value_name = "URL", help = or_env("Address of GitHub's pages [default: the ones beside the REST API]", key::WEB_URL))]
    web: Option<String>,
    #[arg(long = "github-ca", value_name = "FILE", help = or_env("Certificate authorities (PEM) that are believed beside the system's [default: `github_ca` of the site]", key::CA))]
    authorities: Option<PathBuf>,
    #[arg(long = "github-concurrency", value_name = "N", help = or_env("Requests to GitHub at a time, of all processes that use the same token; people at a form may have one more [default: 8]", key::CONCURRENCY))]
    concurrency: Option<String>,
}

/// A flag's help, with the variable that stands in for it.
pub(super) fn or_env(help: &str, variable: &str) -> String {
    format!("{help} [env: {variable}]")
}

/// What a command without `--site` works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WithoutSite {
    /// The bench's only site; with several, one must be named.
    TheOnlyOne,
    /// As if `all` had been written.
    All,
}

/// The sites that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Selection {
    /// This one, whatever its state.
    One(String),
    /// Every one that the command applies to.
    All,
}

impl SiteArgs {
    /// Opens the bench; nothing is connected yet.
    pub(super) fn open(&self, invocation: &Invocation, github: Option<&GithubArgs>) -> anyhow::Result<App> {
        let environment = invocation.environment();
        let bench = Bench::locate(
            self.bench.as_deref(),
            &Invocation::working_directory(),
            environment.variables().clone(),
        )?;
        let connections = config::db_connections(self.db_connections.as_deref(), environment)?;
        let flags = github.map(GithubArgs::layer).unwrap_or_default();
        let hosts = [HostLayer::of_environment(environment), flags];
        let at_a_time = config::github_concurrency(github.and_then(|args| args.concurrency.as_deref()), environment)?;
        let rules = at_a_time.map_or_else(Rules::default, |number| Rules::default().at_a_time(number));
        let app = App::new(bench, Databases::new(connections), Arc::new(SystemClock), hosts)
            .with_github_rules(rules)
            .with_environment(environment);
        invocation.opened(&app);
        Ok(app)
    }

    /// Opens the bench for a command that works on the site that is named, on the only one, or on every installed one.
    pub(super) async fn open_installed(
        &self,
        invocation: &Invocation,
        github: Option<&GithubArgs>,
    ) -> anyhow::Result<(App, Vec<String>)> {
        let app = self.open(invocation, github)?;
        let names = self.selection(app.bench(), WithoutSite::TheOnlyOne)?.installed(&app).await;
        Ok((app, names))
    }

    /// The one site that is named, where the command can do without its bench.
    pub(super) fn named(&self) -> Option<&str> {
        self.site.as_deref().filter(|name| *name != ALL)
    }

    /// The sites that were asked for. A name that is none is refused here, before anything is touched.
    pub(super) fn selection(&self, bench: &Bench, without: WithoutSite) -> anyhow::Result<Selection> {
        match (self.site.as_deref(), without) {
            (Some(ALL), _) | (None, WithoutSite::All) => Ok(Selection::All),
            (Some(name), _) => {
                bench.site(name)?;
                Ok(Selection::One(name.to_owned()))
            }
            (None, WithoutSite::TheOnlyOne) => match bench.site_names().as_slice() {
                [only] => Ok(Selection::One(only.clone())),
                [] => Err(UsageError(format!(
                    "{} has no site yet: make one with `bench new-site NAME`",
                    bench.root().display()
                ))
                .into()),
                several => Err(UsageError(format!(
                    "this bench has several sites: add --site NAME or --site all ({})",
                    several.join(", ")
                ))
                .into()),
            },
        }
    }
}

impl Selection {
    /// Every site of the bench, or the one.
    pub(super) fn of_bench(&self, bench: &Bench) -> Vec<String> {
        match self {
            Self::One(name) => vec![name.clone()],
            Self::All => bench.site_names(),
        }
    }

    /// Every site of the bench on which we are installed in whatever version, or the one.
    pub(super) async fn installed(&self, app: &App) -> Vec<String> {
        self.but_for(app, &[State::NotInstalled, State::Remains]).await
    }

    /// Every site of the bench on which something of us is there, or the one.
    pub(super) async fn removable(&self, app: &App) -> Vec<String> {
        self.but_for(app, &[State::NotInstalled]).await
    }

    /// A site that cannot be asked is among them, so that its failure is told.
    async fn but_for(&self, app: &App, states: &[State]) -> Vec<String> {
        let Self::All = self else { return self.of_bench(app.bench()) };
        let mut names = Vec::new();
        for name in app.bench().site_names() {
            let state = match app.site(&name) {
                Ok(site) => setup::state(&site).await.ok(),
                Err(_told_later) => None,
            };
            if !state.is_some_and(|state| states.contains(&state)) {
                names.push(name);
            }
        }
        names
    }
}

impl GithubArgs {
    fn layer(&self) -> HostLayer {
        HostLayer::of_flags(self.api.clone(), self.graphql.clone(), self.web.clone()).with_authorities(self.authorities.clone())
    }
}
