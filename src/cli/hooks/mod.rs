//! `hooks`: webhooks on GitHub that deliver to a site.

mod report;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::actions::hooks::{self, Chosen};
use crate::app::{App, ConnectError};
use crate::domain::{Login, RepoName};
use crate::frappe::site::Site;
use crate::github::{HookRef, Write};
use crate::store::hooks as rows;
use crate::sync::SyncContext;
use crate::telemetry::Silent;
use crate::webhook::hooks::{Given, Home};

use super::Exit;
use super::args::{GithubArgs, SiteArgs};
use super::exit::UsageError;
use super::invocation::Invocation;
use super::outcome::{Report, on_each_site, tell};
use report::{Delivered, Done, Listed, ensured};

/// Manages the webhooks by which GitHub tells a site of changes
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Lists the webhooks that are kept right, and that of the site's GitHub App
    List(Shared),
    /// Makes a webhook, or mends it, and keeps it right from now on
    Ensure(EnsureArgs),
    /// Has GitHub deliver a ping
    Ping(OneArgs),
    /// Lists what GitHub delivered last, and how that was answered
    Deliveries(DeliveriesArgs),
    /// Has GitHub deliver something again
    Redeliver(RedeliverArgs),
    /// Removes webhooks on GitHub, which are then not made again
    Remove(RemoveArgs),
}

#[derive(Debug, clap::Args)]
struct Shared {
    #[command(flatten)]
    sites: SiteArgs,
    #[command(flatten)]
    github: GithubArgs,
    /// Answers as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct OneArgs {
    #[command(flatten)]
    shared: Shared,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, clap::Args)]
struct DeliveriesArgs {
    #[command(flatten)]
    shared: Shared,
    #[command(flatten)]
    which: Delivering,
}

/// Whose webhook delivered.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Delivering {
    /// That of a repository
    #[arg(long, value_name = "OWNER/NAME")]
    repo: Option<RepoName>,
    /// That of an organisation, which tells of all its repositories
    #[arg(long, value_name = "ORG")]
    organization: Option<Login>,
    /// That of the site's GitHub App, which tells of its installations too
    #[arg(long)]
    app: bool,
}

/// Whose webhook.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// That of a repository
    #[arg(long, value_name = "OWNER/NAME")]
    repo: Option<RepoName>,
    /// That of an organisation, which tells of all its repositories
    #[arg(long, value_name = "ORG")]
    organization: Option<Login>,
}

#[derive(Debug, clap::Args)]
struct EnsureArgs {
    #[command(flatten)]
    one: OneArgs,
    /// Where GitHub delivers to [default: below `public_url` of GitHub Settings]
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// Events, separated by commas [default: as the Repository or GitHub Settings say]
    #[arg(long, value_name = "EVENTS")]
    events: Option<String>,
}

#[derive(Debug, clap::Args)]
struct RedeliverArgs {
    #[command(flatten)]
    one: OneArgs,
    /// Number of a delivery, as `hooks deliveries` lists it
    #[arg(value_name = "DELIVERY")]
    delivery: u64,
}

#[derive(Debug, clap::Args)]
struct RemoveArgs {
    #[command(flatten)]
    shared: Shared,
    /// That of a repository
    #[arg(long, value_name = "OWNER/NAME", required_unless_present_any = ["organization", "all"])]
    repo: Option<RepoName>,
    /// That of an organisation
    #[arg(long, value_name = "ORG", conflicts_with = "repo")]
    organization: Option<Login>,
    /// All of the site
    #[arg(long, conflicts_with_all = ["repo", "organization"])]
    all: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    match args.command {
        Command::List(args) => {
            let (app, names) = args.sites.open_installed(invocation, Some(&args.github)).await?;
            let listed = async |site: Site| Ok(Listed::of(&rows::list(site.db()).await?));
            Ok(tell(&on_each_site(&app, names, listed).await, args.json))
        }
        Command::Ensure(args) => {
            let given = Given {
                address: args.webhook_url,
                events: args.events,
            };
            each(invocation, &args.one.shared, async |app, site| {
                let answer = hooks::ensure(&context(app, &site).await?, &args.one.which.chosen()?, &given).await?;
                Ok(Done::new(ensured(&answer)))
            })
            .await
        }
        Command::Ping(args) => {
            each(invocation, &args.shared, async |app, site| {
                let (chosen, hook) = (args.which.chosen()?, hook(&site, &args.which).await?);
                hooks::send(&context(app, &site).await?, &chosen, Write::PingWebhook(hook)).await?;
                Ok(Done::new("GitHub delivers a ping".to_owned()))
            })
            .await
        }
        Command::Deliveries(args) => {
            each(invocation, &args.shared, async |app, site| {
                delivered(app, &site, &args.which).await
            })
            .await
        }
        Command::Redeliver(args) => {
            each(invocation, &args.one.shared, async |app, site| {
                let (chosen, hook) = (args.one.which.chosen()?, hook(&site, &args.one.which).await?);
                let delivery = args.delivery;
                let write = Write::RedeliverWebhook { hook, delivery };
                hooks::send(&context(app, &site).await?, &chosen, write).await?;
                Ok(Done::new(format!("GitHub delivers {delivery} again")))
            })
            .await
        }
        Command::Remove(args) => each(invocation, &args.shared, async |app, site| remove(app, &site, &args).await).await,
    }
}

async fn each<R: Report>(
    invocation: &Invocation,
    shared: &Shared,
    mut work: impl AsyncFnMut(&App, Site) -> anyhow::Result<R>,
) -> anyhow::Result<Exit> {
    let (app, names) = shared.sites.open_installed(invocation, Some(&shared.github)).await?;
    let outcomes = on_each_site(&app, names, async |site: Site| work(&app, site).await).await;
    Ok(tell(&outcomes, shared.json))
}

async fn context(app: &App, site: &Site) -> anyhow::Result<SyncContext> {
    Ok(app.sync_context(site, Arc::new(Silent), CancellationToken::new()).await?)
}

impl Which {
    fn chosen(&self) -> anyhow::Result<Chosen> {
        chosen(self.repo.as_ref(), self.organization.as_ref())
    }
}

fn chosen(repo: Option<&RepoName>, organization: Option<&Login>) -> anyhow::Result<Chosen> {
    match (repo, organization) {
        (Some(name), _) => Ok(Chosen::Repository(name.clone())),
        (None, Some(login)) => Ok(Chosen::Organization(login.clone())),
        (None, None) => Err(UsageError("say whose webhook: --repo OWNER/NAME or --organization ORG".to_owned()).into()),
    }
}

/// The webhook that is kept right there.
async fn hook(site: &Site, which: &Which) -> anyhow::Result<HookRef> {
    let wanted = match (&which.repo, &which.organization) {
        (Some(name), _) => name.to_string(),
        (None, organization) => organization.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    let all = rows::list(site.db()).await?;
    let found = all.iter().find(|row| row.name.eq_ignore_ascii_case(&wanted));
    let id = found.and_then(|row| row.hook_id).ok_or_else(|| {
        UsageError(format!(
            "{wanted} has no webhook that is kept right: make one with `erpnext-github hooks ensure`"
        ))
    })?;
    let organization = which.organization.clone();
    Ok(HookRef { organization, id })
}

/// What was delivered last.
async fn delivered(app: &App, site: &Site, which: &Delivering) -> anyhow::Result<Delivered> {
    let mut pages = if which.app {
        let client = app.as_app(site).await?;
        client
            .ok_or_else(|| ConnectError::NoApp(site.name().to_owned()))?
            .app_deliveries()
    } else {
        let which = Which {
            repo: which.repo.clone(),
            organization: which.organization.clone(),
        };
        let (chosen, hook) = (which.chosen()?, hook(site, &which).await?);
        context(app, site).await?.client.deliveries(&chosen.at(), hook.id)
    };
    let page = pages.next().await?;
    Ok(Delivered {
        deliveries: page.map(|page| page.items).unwrap_or_default(),
    })
}

async fn remove(app: &App, site: &Site, args: &RemoveArgs) -> anyhow::Result<Done> {
    let context = context(app, site).await?;
    let mut wanted = Vec::new();
    if args.all {
        let all = rows::list(site.db()).await?;
        // An App's goes with the App, on GitHub.
        for row in all.iter().filter(|row| !matches!(row.home, Home::App(_))) {
            // A name without a slash is an organisation's.
            wanted.push(match row.name.parse::<RepoName>() {
                Ok(name) => Chosen::Repository(name),
                Err(_) => Chosen::Organization(row.name.parse()?),
            });
        }
    } else {
        wanted.push(chosen(args.repo.as_ref(), args.organization.as_ref())?);
    }
    let mut done = Done::default();
    for one in wanted {
        let name = one.at().to_string();
        match hooks::forget(&context, &one).await {
            Ok(()) => done.done.push(format!("{name}: no webhook of this site is there (any more)")),
            Err(error) => done.failed.push(format!("{name}: {error}")),
        }
    }
    Ok(done)
}
