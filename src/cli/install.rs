//! `install`: makes a site ready, and upgrades it.

use url::Url;

use crate::setup::{self, InstallReport, Plan, SetupOptions};

use super::Exit;
use super::args::{SiteArgs, WithoutSite};
use super::invocation::Invocation;
use super::outcome::{Report, on_each_site, tell};

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
    /// Address at which the bench's workers reach `serve`, where saves in the desk are told at once (serve's own is `http://127.0.0.1:9100`)
    #[arg(long, value_name = "URL")]
    callback_url: Option<Url>,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let app = args.sites.open(invocation, None)?;
    let names = args
        .sites
        .selection(app.bench(), WithoutSite::TheOnlyOne)?
        .of_bench(app.bench());
    let options = SetupOptions {
        callback_url: args.callback_url,
        ..SetupOptions::default()
    };
    if args.plan {
        let outcomes = on_each_site(&app, names, async |site| Ok(setup::plan(&site, &options).await?)).await;
        return Ok(tell(&outcomes, args.json));
    }
    let reporter = invocation.terminal().reporter();
    let outcomes = on_each_site(&app, names, async |site| {
        let told = |line: &str| reporter.message(line);
        Ok(setup::install(&site, &options, &told).await?)
    })
    .await;
    Ok(tell(&outcomes, args.json))
}

impl Report for Plan {
    fn lines(&self) -> Vec<String> {
        self.to_string().lines().map(str::to_owned).collect()
    }

    fn has_failures(&self) -> bool {
        !self.refusals().is_empty()
    }
}

impl Report for InstallReport {
    fn lines(&self) -> Vec<String> {
        self.to_string().lines().map(str::to_owned).collect()
    }

    fn has_failures(&self) -> bool {
        false
    }
}
