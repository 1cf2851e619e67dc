//! `events`: what GitHub delivered, and what became of it.

use serde::Serialize;

use crate::frappe::site::Site;
use crate::setup::integration_user;
use crate::store::Stamp;
use crate::store::inbox::{self, EventStatus, Shown};
use crate::webhook::{LARGEST, compression, lossy};

use super::Exit;
use super::args::SiteArgs;
use super::exit::UsageError;
use super::invocation::Invocation;
use super::outcome::{Report, on_each_site, tell};

/// Shows what GitHub delivered, and has what was given up tried again
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Lists the latest deliveries
    List(ListArgs),
    /// Shows one delivery with what GitHub sent
    Show(OneArgs),
    /// Has deliveries tried again that were given up, ignored or not understood
    Retry(RetryArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    sites: SiteArgs,
    /// Only those with this status
    #[arg(long, value_parser = EventStatus::ALL.map(EventStatus::as_str))]
    status: Option<String>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Answers as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct OneArgs {
    #[command(flatten)]
    sites: SiteArgs,
    /// Id of the delivery, as on GitHub
    #[arg(value_name = "DELIVERY")]
    delivery: String,
    /// Answers as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct RetryArgs {
    #[command(flatten)]
    sites: SiteArgs,
    /// Ids of deliveries, as on GitHub
    #[arg(value_name = "DELIVERY", required_unless_present = "all_errored")]
    deliveries: Vec<String>,
    /// All that were given up
    #[arg(long, conflicts_with = "deliveries")]
    all_errored: bool,
    /// Answers as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    match args.command {
        Command::List(args) => {
            let status = args.status.as_deref().and_then(EventStatus::of);
            let (app, names) = args.sites.open_installed(invocation, None).await?;
            let listed = async |site: Site| {
                let deliveries = inbox::list(site.db(), status, args.limit).await?;
                Ok(Listed { deliveries })
            };
            Ok(tell(&on_each_site(&app, names, listed).await, args.json))
        }
        Command::Show(args) => {
            let (app, names) = args.sites.open_installed(invocation, None).await?;
            let shown = async |site: Site| one(&site, &args.delivery).await;
            Ok(tell(&on_each_site(&app, names, shown).await, args.json))
        }
        Command::Retry(args) => {
            let (app, names) = args.sites.open_installed(invocation, None).await?;
            let retried = async |site: Site| retry(&site, &args).await;
            Ok(tell(&on_each_site(&app, names, retried).await, args.json))
        }
    }
}

/// Deliveries, the latest first.
#[derive(Debug, Serialize)]
struct Listed {
    deliveries: Vec<Shown>,
}

impl Report for Listed {
    fn lines(&self) -> Vec<String> {
        if self.deliveries.is_empty() {
            return vec!["no deliveries".to_owned()];
        }
        let line = |one: &Shown| {
            let what = format!("{} {}", one.event, one.action);
            let text = format!(
                "{}  {:<12} {:<28} {:<30} {}",
                one.received_at,
                one.status,
                what.trim(),
                one.repository,
                one.delivery
            );
            if one.reason.is_empty() {
                text
            } else {
                format!("{text}\n    {}", one.reason)
            }
        };
        self.deliveries.iter().map(line).collect()
    }

    fn has_failures(&self) -> bool {
        false
    }
}

/// One delivery, and what GitHub sent.
#[derive(Debug, Serialize)]
struct One {
    #[serde(flatten)]
    delivery: Shown,
    payload: Option<serde_json::Value>,
}

async fn one(site: &Site, id: &str) -> anyhow::Result<One> {
    let Some(delivery) = inbox::find(site.db(), id).await? else {
        return Err(UsageError(format!(
            "there is no delivery {id} here: `erpnext-github events list` shows the latest"
        ))
        .into());
    };
    let stored = inbox::read_payload(site.db(), id).await?;
    let payload = stored.map(|bytes| compression::decompress(&bytes, LARGEST)).transpose()?;
    Ok(One {
        delivery,
        payload: payload.map(|bytes| lossy::read(&bytes)).transpose()?,
    })
}

impl Report for One {
    fn lines(&self) -> Vec<String> {
        let deliveries = vec![self.delivery.clone()];
        let mut lines = Listed { deliveries }.lines();
        lines.push(match &self.payload {
            Some(payload) => serde_json::to_string_pretty(payload).unwrap_or_default(),
            None => "what GitHub sent is not kept".to_owned(),
        });
        lines
    }

    fn has_failures(&self) -> bool {
        false
    }
}

/// What was asked to be tried again.
#[derive(Debug, Default, Serialize)]
struct Retried {
    retried: Vec<String>,
    /// Not there, waiting already, or without what GitHub sent.
    not_retried: Vec<String>,
}

async fn retry(site: &Site, args: &RetryArgs) -> anyhow::Result<Retried> {
    /// Given up deliveries that are tried again in one go.
    const MOST: u32 = 10_000;
    let stamp = Stamp::now(site, integration_user(site.name())).await?;
    let mut ids = args.deliveries.clone();
    if args.all_errored {
        let errored = inbox::list(site.db(), Some(EventStatus::Errored), MOST).await?;
        ids.extend(errored.into_iter().map(|one| one.delivery));
    }
    let mut retried = Retried::default();
    for id in ids {
        if inbox::retry(site.db(), &stamp, &id).await? {
            retried.retried.push(id);
        } else {
            retried.not_retried.push(id);
        }
    }
    Ok(retried)
}

impl Report for Retried {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{} to be tried again by the running `serve`", self.retried.len())];
        lines.extend(
            self.not_retried.iter().map(|id| {
                format!("{id}: not there, waiting already, or without what GitHub sent (have GitHub deliver it again)")
            }),
        );
        lines
    }

    fn has_failures(&self) -> bool {
        !self.not_retried.is_empty()
    }
}
