//! The demo from its first line to its last.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiState, MetricsHandle, Server};
use crate::app::Served;
use crate::cli::exit::Exit;
use crate::cli::invocation::Invocation;
use crate::cli::outcome::Report as _;
use crate::cli::{output, serve, signal};
use crate::config;
use crate::health::Readiness;
use crate::setup::InstallReport;
use crate::sim::site::{EXAMPLES, OVERVIEW_HEADS};
use crate::sync::SiteReport;

use super::follow::{Looker, follow};
use super::origin::{self, Origin};
use super::stage::Stage;
use super::{Args, table};

/// Runs the command.
pub(super) async fn run(args: &Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let listen = config::listen(Some(&args.listen), invocation.environment())?;
    // Before ctrl-C is ours: at the prompt it simply ends the program.
    let token = args.repo.as_ref().map(|_| origin::token(invocation.environment())).transpose()?;
    let stop = signal::shutdown().context("preparing for shutdown")?;
    let server = Server::bind(listen).await?;
    let prepared = async {
        let origin = match args.repo.as_ref().zip(token) {
            Some((repo, token)) => Origin::real(repo, token, invocation.environment()).await?,
            None => Origin::own().await?,
        };
        prepare(origin, invocation, &stop).await
    };
    let prepared = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        prepared = prepared => Some(prepared),
    };
    let Some(stage) = prepared.filter(|_| !stop.is_cancelled()).transpose()? else {
        output::line("Ended before it was ready; nothing is left behind.");
        return Ok(Exit::Done);
    };
    let served = play(&stage, server, Duration::from_secs(args.every), &stop).await;
    let folder = stage.put_away();
    served?;
    output::line(&format!("Ended: MariaDB is stopped, {} is gone.", folder.display()));
    Ok(Exit::Done)
}

/// Starts, installs, syncs, and tells how to look at it.
async fn prepare(origin: Origin, invocation: &Invocation, stop: &CancellationToken) -> anyhow::Result<Stage> {
    output::line("Starting a scratch MariaDB and a small ERPNext 15 site in it ...");
    let stage = Stage::set(origin).await?;
    output::line(&format!("  site      {}", stage.site.name()));
    output::line(&format!("  database  {}", version(stage.database.version())));
    output::line(&format!("  files     {}", stage.database.folder().display()));
    output::line(&format!("  GitHub    {}", stage.origin.told));
    output::line("");
    let began = Instant::now();
    let report = stage.install().await?;
    tell_installed(&report, began.elapsed());
    stage.settle().await?;
    output::line("The token is stored, encrypted with the site's key, and the integration is switched on.");
    output::line("");
    output::line("First sync:");
    let began = Instant::now();
    let report = stage.sync(invocation.terminal().reporter(), stop).await?;
    tell_synced(&stage, &report, began.elapsed()).await?;
    tell_how_to_look(&stage)?;
    Ok(stage)
}

/// Serves, and shows what follows from what happens on GitHub, until `stop`.
async fn play(stage: &Stage, server: Server, pause: Duration, stop: &CancellationToken) -> anyhow::Result<()> {
    let metrics = MetricsHandle::start(stage.app.databases().clone()).context("preparing /metrics")?;
    let name = stage.site.name().to_owned();
    let served = Served::new(stage.app.clone(), move || vec![name.clone()], stop.clone());
    let all = served.clone();
    let state = ApiState {
        metrics,
        readiness: Readiness::new(move || all.all()),
    };
    let address = server.address();
    output::line(&format!("Serving at http://{address} (/healthz, /readyz, /metrics)."));
    output::line(if stage.origin.fake.is_some() {
        "GitHub keeps changing now, and the tables follow. Ctrl-C ends everything and leaves nothing behind."
    } else {
        "GitHub is looked at every minute; what changes there is told here. Ctrl-C ends everything and leaves nothing behind."
    });
    output::line("");
    let (looker, reports) = mpsc::unbounded_channel();
    let looker = Looker::new(served, looker);
    let serving = serve::until(stop.clone(), server, state, looker);
    let (ended, ()) = tokio::join!(serving, follow(stage, pause, reports, stop));
    ended
}

fn tell_installed(report: &InstallReport, took: Duration) {
    output::line(&format!(
        "Installed in {:.1} s: {} tables, {} rows (forms, fields, roles, permissions), {} settings.",
        took.as_secs_f64(),
        report.tables.len() + report.patches.len(),
        report.rows_inserted,
        report.settings
    ));
    let added: Vec<&str> = report.columns.iter().map(|column| column.trim_start_matches("tab")).collect();
    output::line(&format!("ERPNext's own tables got {}.", added.join(", ")));
}

async fn tell_synced(stage: &Stage, report: &SiteReport, took: Duration) -> anyhow::Result<()> {
    let overview = stage.erp.overview().await?;
    output::line("");
    for line in table::lines(&OVERVIEW_HEADS, &overview) {
        output::line(&format!("  {line}"));
    }
    output::line("");
    let requests: u64 = report.repositories.iter().map(|one| one.cost.requests).sum();
    let (count, seconds) = (report.repositories.len(), took.as_secs_f64());
    output::line(&format!(
        "Synced {count} repositories in {seconds:.1} s with {requests} requests; {} rows linked to users of ERPNext.",
        report.linked
    ));
    if report.has_failures() {
        report.lines().iter().for_each(|line| output::line(&format!("  {line}")));
    }
    Ok(())
}

fn tell_how_to_look(stage: &Stage) -> anyhow::Result<()> {
    output::line("");
    output::line("Look at the tables from another terminal (times are UTC):");
    output::line("");
    output::line(&format!("  {}", stage.shell_command()?));
    for (what, sql) in EXAMPLES {
        output::line("");
        output::line(&format!("  -- {what}"));
        output::line(&format!("  {sql}"));
    }
    output::line("");
    Ok(())
}

/// "MariaDB 10.11.6" of what the server says of itself.
fn version(said: &str) -> String {
    let number = said.split_whitespace().find_map(|word| word.split_once("-MariaDB"));
    number.map_or_else(|| said.to_owned(), |(number, _)| format!("MariaDB {number}"))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_is_told_without_its_packaging() {
        assert_eq!(version("mariadbd  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu"), "MariaDB 10.11.6");
        assert_eq!(version("something else"), "something else");
    }
}
