//! `serve`: the long-running process beside the bench.

use anyhow::Context as _;

use crate::api::{self, ApiState, MetricsHandle, Server};
use crate::app::App;
use crate::config::{self, key};
use crate::frappe::site::Site;
use crate::health::Readiness;

use super::Exit;
use super::args::{GithubArgs, Selection, SiteArgs, WithoutSite, or_env};
use super::invocation::Invocation;
use super::signal;

/// Serves every installed site of the bench: keeps them in step with GitHub and answers the desk
///
/// Ends on SIGTERM or ctrl-C after what is under way, within 30 seconds.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    sites: SiteArgs,
    #[command(flatten)]
    github: GithubArgs,
    #[arg(long, value_name = "IP:PORT", help = or_env("Address to listen on [default: 127.0.0.1:9100]", key::LISTEN))]
    listen: Option<String>,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let listen = config::listen(args.listen.as_deref(), invocation.environment())?;
    let app = args.sites.open(invocation, Some(&args.github))?;
    let selection = args.sites.selection(app.bench(), WithoutSite::All)?;
    let shutdown = signal::shutdown().context("preparing for shutdown")?;
    let server = Server::bind(listen).await?;
    let state = ApiState {
        metrics: MetricsHandle::start(app.databases().clone()).context("preparing /metrics")?,
        readiness: Readiness::new(move || served(&app, &selection)),
    };
    tracing::info!(listen = %server.address(), version = env!("CARGO_PKG_VERSION"), "serving");
    server.run(api::router(state), shutdown).await?;
    tracing::info!("ended");
    Ok(Exit::Done)
}

/// The sites as they are now: one may be made, removed or restored at any time.
fn served(app: &App, selection: &Selection) -> Vec<Site> {
    let names = match selection {
        Selection::One(name) => vec![name.clone()],
        Selection::All => app.bench().site_names(),
    };
    names
        .into_iter()
        .filter_map(|name| match app.site(&name) {
            Ok(site) => Some(site),
            Err(error) => {
                tracing::warn!(site = name, error = %error, "site left out");
                None
            }
        })
        .collect()
}
