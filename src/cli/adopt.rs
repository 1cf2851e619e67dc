//! `adopt`: makes a copied, restored or moved site active.

use crate::setup::{self, Adopted};

use super::Exit;
use super::args::SiteArgs;
use super::invocation::Invocation;
use super::outcome::{Report, on_each_site, tell};

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
    let (app, names) = args.sites.open_installed(invocation, None).await?;
    let outcomes = on_each_site(&app, names, async |site| Ok(setup::adopt(&site).await?)).await;
    Ok(tell(&outcomes, false))
}

impl Report for Adopted {
    fn lines(&self) -> Vec<String> {
        vec![
            match self {
                Self::Now => "adopted: the site is active",
                Self::WasOurs => "the site was active already",
            }
            .to_owned(),
        ]
    }

    fn has_failures(&self) -> bool {
        false
    }
}
