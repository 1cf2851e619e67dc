//! `sync`: pulls repositories from GitHub once.

use crate::domain::RepoName;

use super::Exit;
use super::args::{GithubArgs, SiteArgs, WithoutSite};
use super::invocation::{Invocation, unwired};

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
    pub(super) json: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let app = args.sites.open(invocation, Some(&args.github))?;
    let selection = args.sites.selection(app.bench(), WithoutSite::TheOnlyOne)?;
    let reporter = invocation.terminal().reporter();
    unwired((selection, args.repo, args.all_from, args.full, reporter)).await
}

/// A login follows the rules of a repository's owner.
fn login(text: &str) -> Result<String, String> {
    match format!("{text}/x").parse::<RepoName>() {
        Ok(name) if name.owner() == text => Ok(text.to_owned()),
        _ => Err("is not the login of an organisation or a user".to_owned()),
    }
}
