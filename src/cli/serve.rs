//! `serve`: the long-running process beside the bench.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::api::{self, ApiState, Deliveries, Desk, MetricsHandle, Proxy, Server};
use crate::app::Served;
use crate::config::{self, ReconciliationPeriod, TrustedProxies, key};
use crate::frappe::bench::Bench;
use crate::frappe::site_hosts::SiteHosts;
use crate::jobs::{Enqueuer, Runner, SiteSource};

use super::Exit;
use super::args::{GithubArgs, Selection, SiteArgs, WithoutSite, or_env};
use super::invocation::Invocation;
use super::signal;

/// Looks that may wait to be begun, which takes a moment each.
const WORK_THAT_WAITS: usize = 16;

/// Where bench has node listen, unless its configuration says otherwise (frappe-bench writes it in every new bench).
const DEFAULT_SOCKETIO_PORT: u16 = 9000;

/// What goes on after its call was answered notices the end at once; this is for what hangs all the same.
const GRACE: Duration = Duration::from_secs(5);

/// Serves every installed site of the bench: keeps them in step with GitHub
///
/// Ends on SIGTERM or ctrl-C within 30 seconds: what is being written is written, GitHub is not waited for. Asked twice, it ends at once.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    sites: SiteArgs,
    #[command(flatten)]
    github: GithubArgs,
    #[arg(long, value_name = "URL", help = or_env("Address of the bench's web server [default: --proxy, else this machine, webserver_port]", key::BENCH_URL))]
    bench_url: Option<String>,
    #[arg(long, value_name = "IP:PORT", help = or_env("Address to listen on [default: 127.0.0.1:9100]", key::LISTEN))]
    listen: Option<String>,
    #[arg(long, value_name = "ADDRESS", help = or_env("Proxies whose word about site and caller counts: addresses and networks, with commas [default: this machine]", key::TRUSTED_PROXY))]
    trusted_proxy: Option<String>,
    #[arg(long, value_name = "TIME", help = or_env("How often to look for what no webhook told about, such as 10m, or off [default: as GitHub Settings of each site say]", key::RECONCILIATION_PERIOD))]
    reconciliation_period: Option<String>,
    /// Address of a bench without nginx: what is not ours is passed on to it, for example `http://127.0.0.1:8000`
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// Address of the bench's socket.io server [default: the bench's `socketio_port` beside --proxy]
    #[arg(long, value_name = "URL", requires = "proxy")]
    socketio: Option<String>,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let listen = config::listen(args.listen.as_deref(), invocation.environment())?;
    let proxies = config::trusted_proxies(args.trusted_proxy.as_deref(), invocation.environment())?;
    let bench_url = config::bench_url(args.bench_url.as_deref(), invocation.environment())?;
    let period = config::reconciliation_period(args.reconciliation_period.as_deref(), invocation.environment())?;
    if period == ReconciliationPeriod::Off {
        tracing::warn!("what no webhook tells about is found by the schedule alone: --reconciliation-period is off");
    }
    let app = args
        .sites
        .open(invocation, Some(&args.github))?
        .with_bench_url(bench_url)
        .in_front_of(args.proxy.as_deref());
    let selection = args.sites.selection(app.bench(), WithoutSite::All)?;
    let asked = signal::asked().context("preparing for shutdown")?;
    let shutdown = asked.to_end;
    let bench = args.bench_behind(app.bench(), &selection, &proxies, &shutdown)?;
    let server = Server::bind(listen).await?.in_front_of(bench);
    let metrics = MetricsHandle::start(app.databases().clone()).context("preparing /metrics")?;
    let bench = app.bench().clone();
    let crowd = app.crowd().clone();
    let sites = Served::new(app, move || selection.of_bench(&bench), shutdown.clone()).reconciling(period);
    let state = ApiState {
        metrics,
        readiness: sites.readiness(),
        desk: Desk::new(Arc::new(sites.clone()), proxies),
        deliveries: Deliveries::counting(crowd),
    };
    tokio::select! {
        ended = until(shutdown, server, state, sites) => ended?,
        () = asked.at_once.cancelled() => {
            tracing::warn!("ended at once: asked twice; what was under way is taken up again, here or by another replica");
        }
    }
    Ok(Exit::Done)
}

impl Args {
    /// The bench that is to be stood in front of, if one is named.
    fn bench_behind(
        &self,
        bench: &Bench,
        selection: &Selection,
        trusted: &TrustedProxies,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<Option<Proxy>> {
        let Some(proxy) = &self.proxy else { return Ok(None) };
        // The bench's common file is part of every site's configuration.
        let configured = bench
            .site_names()
            .iter()
            .find_map(|name| bench.site(name).ok()?.text("socketio_port"));
        let port = configured.and_then(|port| port.parse().ok()).unwrap_or(DEFAULT_SOCKETIO_PORT);
        let servers = config::bench_servers(proxy, self.socketio.as_deref(), port)?;
        let (among, selection) = (bench.clone(), selection.clone());
        let sites = SiteHosts::new(bench.clone(), move || selection.of_bench(&among));
        let site_of = move |host: &str| sites.site_of(host);
        Ok(Some(Proxy::new(servers, trusted.clone(), site_of, shutdown.clone())))
    }
}

/// Answers on `server` and works on the sites of `source` until `shutdown`, and ends both in good order.
pub(super) async fn until(
    shutdown: CancellationToken,
    server: Server,
    state: ApiState,
    source: impl SiteSource,
) -> anyhow::Result<()> {
    tracing::info!(listen = %server.address(), version = env!("CARGO_PKG_VERSION"), "serving");
    let (queue, work) = mpsc::channel(WORK_THAT_WAITS);
    let enqueuer = Enqueuer::start(&queue).await?;
    let runner = Runner::new(Arc::new(source));
    let jobs = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { runner.run(work, shutdown).await }
    });
    let serving = async {
        let desk = state.desk.clone();
        let ended = server.run(api::router(state), shutdown.clone()).await;
        // Where listening broke, the work ends too.
        shutdown.cancel();
        if tokio::time::timeout(GRACE, desk.ended()).await.is_err() {
            tracing::warn!("syncs that were asked for in the desk were broken off");
        }
        ended
    };
    // Side by side, so that the time that each of them has to end is the same one.
    let (ended, jobs) = tokio::join!(serving, jobs);
    enqueuer.stop().await?;
    jobs.context("the jobs ended badly")?;
    ended?;
    tracing::info!("ended");
    Ok(())
}
