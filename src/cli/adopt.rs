//! `adopt`: makes a copied, restored or moved site active.

use super::Exit;
use super::args::{SiteArgs, WithoutSite};
use super::invocation::{Invocation, unwired};

/// Makes a restored, copied or moved site active: it reads from and writes to GitHub again
///
/// A copy is passive until then, so that it cannot repoint the hooks of the site that it was copied from.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    sites: SiteArgs,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let app = args.sites.open(invocation, None)?;
    let selection = args.sites.selection(app.bench(), WithoutSite::TheOnlyOne)?;
    unwired(selection).await
}
