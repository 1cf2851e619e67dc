//! `demo`: the whole program on a scratch database and a GitHub of its own.

#[cfg(feature = "sim")]
mod follow;
#[cfg(feature = "sim")]
mod origin;
#[cfg(feature = "sim")]
mod report;
#[cfg(feature = "sim")]
mod show;
#[cfg(feature = "sim")]
mod stage;
#[cfg(feature = "sim")]
mod table;

use crate::config::key;
use crate::domain::RepoName;

use super::Exit;
use super::args::or_env;
use super::invocation::Invocation;

/// What is logged unless told otherwise. The small site has no Redis, and no desk that would show an old value until one
/// answers: the two modules that warn of that are left out.
pub(super) const LOG: &str = "warn,erpnext_github::app::settings=error,erpnext_github::sync::site=error";

/// Shows everything at work: a scratch MariaDB, a small site, a GitHub of its own; ctrl-C leaves nothing behind
///
/// Installs, syncs a whole organisation, says how to look at the tables, then serves while that GitHub keeps changing, and
/// prints each change and what followed in ERPNext.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(long, value_name = "OWNER/NAME", help = or_env("Shows this repository of the real GitHub instead, and only reads there; the token is asked for without echo", key::GITHUB_TOKEN))]
    repo: Option<RepoName>,
    /// Pause between two changes of the demo's own GitHub
    #[arg(long, value_name = "SECONDS", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=3600), conflicts_with = "repo")]
    every: u64,
    /// Address that the serving part listens on
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0")]
    listen: String,
}

/// Runs the command.
#[cfg(feature = "sim")]
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    Box::pin(show::run(&args, invocation)).await
}

/// Says how to get the command.
#[cfg(not(feature = "sim"))]
pub(super) async fn run(args: Args, _invocation: &Invocation) -> anyhow::Result<Exit> {
    let repo = args.repo.map(|name| format!(" REPO={name}")).unwrap_or_default();
    std::future::ready(Err(super::exit::UsageError(format!(
        "this build has no demonstration in it: type `make demo{repo}` in the folder of the source"
    ))
    .into()))
    .await
}
