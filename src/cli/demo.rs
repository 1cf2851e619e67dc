//! `demo`: the whole program on a scratch database and a GitHub of its own.

use crate::config::key;
use crate::domain::RepoName;

use super::Exit;
use super::args::or_env;
use super::invocation::Invocation;

/// Shows everything at work: a scratch MariaDB, a small site, a GitHub of its own; ctrl-C leaves nothing behind
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(long, value_name = "OWNER/NAME", help = or_env("Shows this repository of the real GitHub instead; its token is asked for without echo", key::GITHUB_TOKEN))]
    repo: Option<RepoName>,
}

/// Runs the command.
#[cfg(feature = "sim")]
pub(super) async fn run(args: Args, _invocation: &Invocation) -> anyhow::Result<Exit> {
    super::invocation::unwired(args.repo).await
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
