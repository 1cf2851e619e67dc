//! `uninstall`: takes away what `install` made, and nothing else.

use std::io::{BufRead, IsTerminal};

use crate::frappe::site::Site;
use crate::setup::{self, UninstallOptions, UninstallReport};
use crate::store::hooks;

use super::Exit;
use super::args::{SiteArgs, WithoutSite};
use super::exit::UsageError;
use super::invocation::Invocation;
use super::outcome::{Report, on_each_site, tell};
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
    if !args.yes && !std::io::stdin().is_terminal() {
        return Err(UsageError("uninstall removes data and nobody is there to confirm it: add --yes".to_owned()).into());
    }
    let names = args
        .sites
        .selection(app.bench(), WithoutSite::TheOnlyOne)?
        .removable(&app)
        .await;
    let options = UninstallOptions {
        keep_data: args.keep_data,
        ..UninstallOptions::default()
    };
    let reporter = invocation.terminal().reporter();
    let outcomes = on_each_site(&app, names, async |site| {
        let losses = setup::losses(&site).await?;
        let losses = if args.keep_data { losses.without_data() } else { losses };
        for line in losses.to_string().lines() {
            output::line(line);
        }
        if let Some(left) = left_on_github(&site).await {
            output::line(&left);
        }
        let connected = if args.keep_data {
            0
        } else {
            app.people_connected(&site).await
        };
        if connected > 0 {
            let name = site.name();
            output::line(&format!(
                "{name}: {connected} people are connected with GitHub: what they authorised is taken back there"
            ));
        }
        if !args.yes {
            confirm(site.name())?;
        }
        if connected > 0 {
            for line in app.end_connections(&site).await {
                output::line(&line);
            }
        }
        let told = |line: &str| reporter.message(line);
        Ok(setup::uninstall(&site, &options, &told).await?)
    })
    .await;
    Ok(tell(&outcomes, false))
}

impl Report for UninstallReport {
    fn lines(&self) -> Vec<String> {
        self.to_string().lines().map(str::to_owned).collect()
    }

    fn has_failures(&self) -> bool {
        false
    }
}

/// The webhooks on GitHub that nobody removes, as a sentence. A site without the table has none.
async fn left_on_github(site: &Site) -> Option<String> {
    let rows = hooks::list(site.db()).await.ok()?;
    let names: Vec<&str> = rows
        .iter()
        .filter(|row| row.hook_id.is_some())
        .map(|row| row.name.as_str())
        .collect();
    if names.is_empty() {
        return None;
    }
    let shown = names.iter().take(10).copied().collect::<Vec<_>>().join(", ");
    Some(format!(
        "{}: {} webhooks on GitHub would go on delivering ({shown}): run `erpnext-github hooks remove --all --site {}` first, or delete them on GitHub",
        site.name(),
        names.len(),
        site.name()
    ))
}

/// Has the site's name typed.
fn confirm(site: &str) -> anyhow::Result<()> {
    output::line(&format!("Type the site's name ({site}) to go on:"));
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    if typed.trim() == site {
        Ok(())
    } else {
        Err(UsageError(format!("that was not {site}: nothing was removed")).into())
    }
}
