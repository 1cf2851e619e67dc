//! `install`: makes a site ready, and upgrades it.

use super::Exit;
use super::args::{SiteArgs, WithoutSite};
use super::invocation::{Invocation, unwired};

/// Installs into a site, or upgrades it; a second time changes nothing
///
/// With `--site all`: every site of the bench. What an administrator changed or set is kept.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    sites: SiteArgs,
    /// Prints what would change and whether it can be done, and changes nothing
    #[arg(long)]
    plan: bool,
    /// Prints one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let app = args.sites.open(invocation, None)?;
    let selection = args.sites.selection(app.bench(), WithoutSite::TheOnlyOne)?;
    unwired((selection, args.plan)).await
}
