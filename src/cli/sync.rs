//! `sync`: pulls repositories from GitHub once.

use std::sync::Arc;

use anyhow::Context as _;

use crate::domain::{Login, RepoName};
use crate::store::runs::Trigger;
use crate::sync::{
    EntityLine, Pace, RepositoryReport, RunOptions, Selection, SiteReport, SyncError, maintenance_over, sync_site,
};

use super::Exit;
use super::args::{GithubArgs, SiteArgs};
use super::invocation::Invocation;
use super::outcome::{Report, on_each_site, tell};
use super::signal;

/// Brings a site's tables in step with GitHub, once
///
/// Without --repo and --all-from: every repository of the site that is switched on.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    sites: SiteArgs,
    #[command(flatten)]
    github: GithubArgs,
    /// One repository; may be given several times
    #[arg(long, value_name = "OWNER/NAME")]
    repo: Vec<RepoName>,
    /// All repositories of an organisation or a user
    #[arg(long, value_name = "ORG|USER", value_parser = login)]
    all_from: Option<String>,
    /// Reads everything again, not only what changed, and removes what GitHub no longer has
    #[arg(long)]
    full: bool,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let (app, names) = args.sites.open_installed(invocation, Some(&args.github)).await?;
    let reporter = invocation.terminal().reporter();
    let stop = signal::shutdown().context("preparing for shutdown")?;
    let selection = Selection {
        repositories: args.repo,
        owners: args.all_from.into_iter().collect(),
    };
    let options = RunOptions {
        full: args.full,
        trigger: Trigger::Command,
    };
    let outcomes = on_each_site(&app, names, async |site| {
        // The first use of a credential is written down, so that this comes before.
        let over = maintenance_over(app.bench(), site.name(), &*reporter, Pace::default());
        stop.run_until_cancelled(over).await.ok_or(SyncError::Stopped)?;
        let context = app.sync_context(&site, Arc::clone(&reporter), stop.clone()).await?;
        Ok(sync_site(&context, &selection, options).await?)
    })
    .await;
    Ok(tell(&outcomes, args.json))
}

impl Report for SiteReport {
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.repositories.iter().flat_map(of_repository).collect();
        if self.linked > 0 {
            lines.push(format!("{} rows linked to users", self.linked));
        }
        lines.extend(self.errors.iter().map(|error| format!("failed: {error}")));
        if lines.is_empty() {
            lines.push("no repository is followed yet: add --repo OWNER/NAME or --all-from ORG|USER".to_owned());
        }
        lines
    }

    fn has_failures(&self) -> bool {
        Self::has_failures(self)
    }

    fn is_unreachable(&self) -> bool {
        Self::is_unreachable(self)
    }
}

/// A head line, a line an entity, and what failed.
fn of_repository(report: &RepositoryReport) -> Vec<String> {
    let mut lines = vec![format!(
        "{}: {} in {:.1} s, {} requests, {} points",
        report.repository,
        report.status.as_str().to_lowercase(),
        report.seconds,
        report.cost.requests,
        report.cost.points
    )];
    for (entity, run) in &report.entities {
        let line = EntityLine::from(run);
        lines.push(format!(
            "  {:<13} {:>7} read {:>7} new {:>7} changed {:>7} unchanged {:>5} gone {:>5} failed",
            entity.as_str(),
            line.fetched,
            line.created,
            line.updated,
            line.unchanged,
            line.deleted,
            line.failed
        ));
        lines.extend(line.reasons.iter().map(|reason| format!("    {reason}")));
    }
    lines.extend(report.error.iter().map(|error| format!("  {error}")));
    lines
}

/// A login follows the rules of a repository's owner.
fn login(text: &str) -> Result<String, String> {
    let login = text.parse::<Login>();
    login
        .map(|login| login.to_string())
        .map_err(|_| "is not the login of an organisation or a user".to_owned())
}
