//! The demo from its first line to its last.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiState, Deliveries, Desk, MetricsHandle, Server};
use crate::app::Served;
use crate::cli::exit::Exit;
use crate::cli::invocation::Invocation;
use crate::cli::{output, serve, signal};
use crate::config::{self, TrustedProxies};
use crate::setup::InstallReport;
use crate::sim::site::{EXAMPLES, OVERVIEW_HEADS};
use crate::sync::SiteReport;

use super::follow::{Follower, Looker};
use super::origin::{self, Origin};
use super::report::{failures, requests};
use super::stage::Stage;
use super::{Args, table};

/// Runs the command.
pub(super) async fn run(args: &Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let listen = config::listen(Some(&args.listen), invocation.environment())?;
    // Before ctrl-C is ours: at the prompt it simply ends the program.
    let token = args
        .repo
        .as_ref()
        .map(|_| origin::token(invocation.environment()))
        .transpose()?;
    let ending = signal::shutdown().context("preparing for shutdown")?;
    let server = Server::bind(listen).await?;
    let prepare = async {
        let origin = match args.repo.as_ref().zip(token) {
            Some((repo, token)) => Origin::real(repo, token, invocation.environment()).await?,
            None => Origin::own().await?,
        };
        prepare(origin, invocation, &ending).await
    };
    let prepared = tokio::select! {
        biased;
        () = ending.cancelled() => None,
        prepared = prepare => Some(prepared),
    };
    // What fails because it was cut short is no news.
    let Some(prepared) = prepared.filter(|_| !ending.is_cancelled()) else {
        output::line("Ended before it was ready; nothing is left behind.");
        return Ok(Exit::Done);
    };
    let (stage, failed) = prepared?;
    let played = Box::pin(play(&stage, server, Duration::from_secs(args.every), failed, &ending)).await;
    let folder = stage.put_away();
    played?;
    let folder = folder?;
    output::line(&format!("Ended: MariaDB is stopped, {} is gone.", folder.display()));
    Ok(Exit::Done)
}

/// Starts, installs, syncs, and tells how to look at it. Gives what could not be synced beside what runs.
async fn prepare(origin: Origin, invocation: &Invocation, ending: &CancellationToken) -> anyhow::Result<(Stage, Vec<String>)> {
    output::line("Starting a scratch MariaDB with a small ERPNext 15 site ...");
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
    output::line("The token is stored, encrypted with the site's key; the integration is on.");
    output::line("");
    let reporter = invocation.terminal().reporter();
    let began = Instant::now();
    let report = stage.sync(Arc::clone(&reporter), ending).await?;
    // By the same way as the lines before it, so that none of them swallows it.
    reporter.message("");
    drop(reporter);
    tell_synced(&stage, &report, began.elapsed()).await?;
    tell_how_to_look(&stage)?;
    Ok((stage, failures(&report)))
}

/// Serves, and shows what follows from what happens on GitHub, until `ending`.
async fn play(
    stage: &Stage,
    server: Server,
    pause: Duration,
    failed: Vec<String>,
    ending: &CancellationToken,
) -> anyhow::Result<()> {
    let metrics = MetricsHandle::start(stage.app.databases().clone()).context("preparing /metrics")?;
    let name = stage.site.name().to_owned();
    let sites = Served::new(stage.app.clone(), move || vec![name.clone()], ending.clone());
    let readiness = sites.readiness();
    let address = server.address();
    output::line(&format!("Serving at http://{address} (/healthz, /readyz, /metrics)."));
    output::line(if stage.origin.fake.is_some() {
        "GitHub keeps changing now, and the tables follow."
    } else {
        "GitHub is looked at every minute now; what changed there is told here."
    });
    output::line("Ctrl-C ends everything and leaves nothing behind.");
    output::line("");
    let (looker, reports) = mpsc::unbounded_channel();
    let serving = serve::until(
        ending.clone(),
        server,
        ApiState {
            deliveries: Deliveries::counting(stage.app.crowd().clone()),
            readiness,
            metrics,
            desk: Desk::new(Arc::new(sites.clone()), TrustedProxies::default()),
        },
        Looker::new(sites, looker),
    );
    let following = Follower::new(stage, failed).await.run(pause, reports, ending);
    let (ended, ()) = tokio::join!(serving, following);
    ended
}

fn tell_installed(report: &InstallReport, took: Duration) {
    let touched: BTreeSet<&str> = report.columns.iter().filter_map(|column| column.split('.').next()).collect();
    let touched: Vec<&str> = touched.iter().map(|table| table.trim_start_matches("tab")).collect();
    output::line(&format!("Installed in {:.1} s:", took.as_secs_f64()));
    output::line(&format!(
        "  {} tables for its DocTypes, {} columns in ERPNext's ({})",
        report.tables.len(),
        report.columns.len(),
        touched.join(", ")
    ));
    output::line(&format!(
        "  {} rows: forms, fields, roles, permissions; {} settings",
        report.rows_inserted, report.settings
    ));
}

async fn tell_synced(stage: &Stage, report: &SiteReport, took: Duration) -> anyhow::Result<()> {
    for line in table::lines(&OVERVIEW_HEADS, &stage.erp.overview().await?) {
        output::line(&format!("  {line}"));
    }
    output::line("");
    output::line(&format!(
        "Synced {} in {:.1} s with {} requests.",
        match report.repositories.len() {
            1 => "1 repository".to_owned(),
            count => format!("{count} repositories"),
        },
        took.as_secs_f64(),
        requests(report)
    ));
    if report.linked > 0 {
        let linked = report.linked;
        output::line(&format!(
            "{linked} rows linked to users of ERPNext, by the address that GitHub shows."
        ));
    }
    for line in failures(report) {
        output::line(&format!("Not all of it: {line}"));
    }
    output::line("");
    Ok(())
}

fn tell_how_to_look(stage: &Stage) -> anyhow::Result<()> {
    output::line("Look at the tables from another terminal; times are UTC:");
    output::line("");
    output::line(&format!("  {}", stage.shell_command()?));
    for (what, sql) in EXAMPLES {
        output::line("");
        output::line(&format!("  -- {what}"));
        sql.lines().for_each(|line| output::line(&format!("  {line}")));
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
        assert_eq!(
            version("mariadbd  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu"),
            "MariaDB 10.11.6"
        );
        assert_eq!(version("something else"), "something else");
    }
}
