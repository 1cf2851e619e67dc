//! `uninstall`: takes away what `install` made, and nothing else.

use std::io::{BufRead, IsTerminal};

use super::Exit;
use super::args::{Selection, SiteArgs, WithoutSite};
use super::exit::UsageError;
use super::invocation::{Invocation, unwired};
use super::output;

/// Removes what `install` made, and nothing else
///
/// Lists with counts what will be lost, and asks for the site's name to be typed, unless --yes is given.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    sites: SiteArgs,
    /// Leaves our tables with their rows in the database
    #[arg(long)]
    keep_data: bool,
    /// Does not ask
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let app = args.sites.open(invocation, None)?;
    let selection = args.sites.selection(app.bench(), WithoutSite::TheOnlyOne)?;
    if let Selection::One(site) = &selection
        && !args.yes
    {
        confirm(site)?;
    }
    unwired((selection, args.keep_data)).await
}

/// Has the site's name typed.
fn confirm(site: &str) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        return Err(UsageError(format!(
            "uninstall removes data of {site} and nobody is there to confirm it: add --yes"
        ))
        .into());
    }
    output::line(&format!("Type the site's name ({site}) to go on:"));
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    if typed.trim() == site {
        Ok(())
    } else {
        Err(UsageError(format!("that was not {site}: nothing was removed")).into())
    }
}
