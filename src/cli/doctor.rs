//! `doctor`: is everything as it must be?

use url::Url;

use crate::config::{self, key};
use crate::frappe::site::Site;
use crate::health::way::Way;
use crate::health::{self, CheckResult, SiteHealth};

use super::Exit;
use super::args::{GithubArgs, SiteArgs, or_env};
use super::invocation::Invocation;
use super::nginx::reachable;
use super::outcome::{Outcome, Report, tell};

/// Checks a site from its configuration to GitHub, and says what to do about what is wrong
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    sites: SiteArgs,
    #[command(flatten)]
    github: GithubArgs,
    #[arg(long, value_name = "IP:PORT", help = or_env("Address that `serve` listens on [default: 127.0.0.1:9100]", key::LISTEN))]
    listen: Option<String>,
    /// Address at which people open the site [default: `host_name` of the site, else its name]
    #[arg(long, value_name = "URL")]
    address: Option<Url>,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    let way = Way {
        sidecar: reachable(config::listen(args.listen.as_deref(), invocation.environment())?),
        address: args.address,
    };
    let (app, names) = args.sites.open_installed(invocation, Some(&args.github)).await?;
    let mut outcomes = Vec::with_capacity(names.len());
    for name in names {
        let connect = async |site: &Site| app.github(site).await;
        let health = health::examine(app.bench(), app.databases(), app.clock(), &name, &way, connect).await;
        outcomes.push(Outcome::of(name, Ok(health)));
    }
    Ok(tell(&outcomes, args.json))
}

impl Report for SiteHealth {
    fn lines(&self) -> Vec<String> {
        self.checks.iter().map(line).collect()
    }

    fn has_failures(&self) -> bool {
        Self::has_failures(self)
    }

    fn is_unreachable(&self) -> bool {
        Self::is_unreachable(self)
    }
}

fn line(result: &CheckResult) -> String {
    format!("{:<8} {:<19} {}", result.status, result.check, result.message)
}
