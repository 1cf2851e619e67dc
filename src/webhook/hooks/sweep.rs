//! What GitHub could not deliver in the last three days, asked for again.
//!
//! Hooks of organisations and that of the site's GitHub App are looked through every hour, those of repositories when something failed or
//! did not come, and else in rotation.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::github::{Client, GithubError, HookDelivery, HookHome, HookRef, Write, WriteFailure};
use crate::store::hooks::{self, Home, HookRow, ROTATION, Swept};
use crate::store::lease::{self, Taken};
use crate::store::repositories;
use crate::telemetry::metric;

use super::HookError;

/// GitHub keeps deliveries, and delivers again, for so long.
const KEPT: TimeDelta = TimeDelta::days(3);
/// A delivery may show up late in the list, and one that was asked for again fails anew.
const OVERLAP: TimeDelta = TimeDelta::hours(3);
/// How often a hook is looked through of which something is missing.
const HOURLY: TimeDelta = TimeDelta::hours(1);
/// How soon it is looked through where there was more than could be asked for in one go.
const SOON: TimeDelta = TimeDelta::minutes(5);
/// Deliveries of one hook that are asked for in one go.
const AT_ONCE: usize = 100;
/// GitHub allows 80 writes a minute: so many may come at once, and the others a second apart.
const UNHURRIED: usize = 20;
const APART: Duration = Duration::from_secs(1);
/// Pages of one hook's deliveries that are read in one go: ten thousand deliveries.
const PAGES: usize = 100;

/// What a sweep came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Hooks that were looked through.
    pub hooks: u64,
    /// Deliveries that were asked for again.
    pub asked: u64,
}

/// Finds with whose credential a hook is asked for.
pub trait Clients: Send + Sync {
    /// GitHub for the hook of that row.
    fn of<'a>(&'a self, row: &'a HookRow) -> BoxFuture<'a, Result<Client, DbError>>;
}

/// Looks through the hooks whose turn it is, each with its own credential, and asks for what they could not deliver. One process does it at a time.
///
/// # Errors
/// When the database cannot be used. GitHub's failures leave a hook for later.
pub async fn sweep(site: &Site, clients: &dyn Clients, owner: &str, stop: &CancellationToken) -> Result<Sweep, DbError> {
    let db = site.db();
    let mut total = Sweep::default();
    let due = hooks::sweeps_due(db, site.clock().now()).await?;
    if due.is_empty() {
        return Ok(total);
    }
    let Taken::Ours(lease) = lease::take(db, "job:redeliver", owner).await? else {
        return Ok(total);
    };
    let beating = lease.keep_alive(db);
    let mut ended = Ok(());
    for row in due {
        if stop.is_cancelled() {
            break;
        }
        let client = match clients.of(&row).await {
            Ok(client) => client,
            Err(error) => {
                ended = Err(error);
                break;
            }
        };
        match through(site, &client, &row, stop).await {
            Ok(asked) => {
                total.hooks += 1;
                total.asked += asked;
            }
            Err(HookError::Db(error)) => {
                ended = Err(error);
                break;
            }
            Err(error) => {
                tracing::warn!(site = site.name(), repository = row.name, error = %error, "what a webhook delivered could not be looked through");
                let is_of_app = matches!(row.home, Home::App(_));
                if is_of_app {
                    hooks::tell(db, &row.home, Some(&error.to_string()), site.clock().now()).await?;
                }
                let error = match error {
                    HookError::Github(error) => Some(error),
                    _ => None,
                };
                put_off(site, &row, error.as_ref().and_then(GithubError::until)).await?;
                if error.as_ref().is_some_and(GithubError::is_gone) && row.problem.is_none() && !is_of_app {
                    // Somebody deleted it: it is made again. Where that was tried, it is tried again at its own time.
                    hooks::settle_drift(db, &row.home.key(), site.clock().now()).await?;
                }
                // What GitHub says to the App it says to nobody else.
                if error
                    .is_some_and(|error| error.is_unreachable() || !is_of_app && (error.until().is_some() || error.is_outage()))
                {
                    break;
                }
            }
        }
    }
    drop(beating);
    hooks::prune(db, site.clock().now()).await?;
    lease.release(db).await?;
    ended.map(|()| total)
}

/// Nothing can be found out just now: the longer it is left, the more often the hook could not be mended either.
async fn put_off(site: &Site, row: &HookRow, until: Option<DateTime<Utc>>) -> Result<(), DbError> {
    let now = site.clock().now();
    let pause = (HOURLY * (1 << row.attempts.min(5))).min(ROTATION);
    let next = until.unwrap_or(now + pause).max(now + pause);
    let swept = Swept {
        until: None,
        last_status: None,
        next,
        urgent: true,
    };
    hooks::swept(site.db(), &row.home, &swept, now).await
}

/// What a hook delivered since a moment.
struct Delivered {
    /// GitHub's clock at the first page.
    date: DateTime<Utc>,
    /// Everything since the moment was seen.
    is_whole: bool,
    /// How the latest one was answered.
    last_status: Option<u16>,
    /// What nobody took, the oldest first.
    failed: Vec<Failed>,
}

/// A delivery that nobody took.
struct Failed {
    /// GitHub's number of its first attempt.
    attempt: u64,
    /// GitHub's id of what was delivered.
    guid: String,
    /// When GitHub tried first, by its clock.
    delivered_at: DateTime<Utc>,
}

/// Looks one hook through; gives how many deliveries were asked for.
async fn through(site: &Site, client: &Client, row: &HookRow, stop: &CancellationToken) -> Result<u64, HookError> {
    let (db, now) = (site.db(), site.clock().now());
    let Some(hook) = hook_of(site, row).await? else {
        put_off(site, row, None).await?;
        return Ok(0);
    };
    let oldest = now - KEPT;
    let since = row.swept_until.map_or(oldest, |until| (until - OVERLAP).max(oldest));
    let delivered = read(client, &hook, since).await?;
    let guids: Vec<&str> = delivered.failed.iter().map(|one| one.guid.as_str()).collect();
    let (ask, is_asked_before) = hooks::to_ask(db, &guids, now).await?;
    let wanted: Vec<&Failed> = delivered.failed.iter().filter(|one| ask.contains(&one.guid)).collect();
    let (mut asked, mut is_refused) = (0, None);
    for (at, one) in wanted.iter().take(AT_ONCE).enumerate() {
        if at >= UNHURRIED && stop.run_until_cancelled(tokio::time::sleep(APART)).await.is_none() {
            break;
        }
        if !hooks::is_managed(db, &row.home).await? {
            // Switched off while the others were asked for.
            break;
        }
        if !hooks::begin_attempt(db, (&one.guid, one.delivered_at), &row.home, now).await? {
            continue;
        }
        match again(client, &hook, one.attempt).await {
            Ok(()) => asked += 1,
            Err(error) => {
                tracing::warn!(site = site.name(), repository = row.name, delivery = one.guid.as_str(), error = %error, "GitHub does not deliver it again");
                if error.until().is_some() || error.is_outage() || error.is_stopped() {
                    is_refused = Some(error.until());
                    break;
                }
            }
        }
    }
    if let Some(until) = is_refused {
        put_off(site, row, until).await?;
        return Ok(asked);
    }
    let is_all = delivered.is_whole && wanted.len() <= AT_ONCE;
    let missing = !wanted.is_empty() || is_asked_before;
    let (pause, urgent) = match (&row.home, is_all) {
        (_, false) => (SOON, true),
        (Home::Organization(_) | Home::App(_), true) => (HOURLY, true),
        (Home::Repository(_), true) if missing => (HOURLY, true),
        (Home::Repository(_), true) => (ROTATION, false),
    };
    let swept = Swept {
        until: is_all.then_some(delivered.date),
        last_status: delivered.last_status,
        next: now + pause,
        urgent,
    };
    hooks::swept(db, &row.home, &swept, now).await?;
    if matches!(row.home, Home::App(_)) && row.problem.is_some() {
        hooks::tell(db, &row.home, None, now).await?;
    }
    Ok(asked)
}

/// A hook on GitHub.
enum Hook {
    /// One of a repository or an organisation, with GitHub's number of it.
    Of(HookHome, u64),
    /// That of the App whose credential the client has.
    OfApp,
}

/// Where the hook is on GitHub, by the name that its repository has now; none where it is not there, or not mirrored any more.
async fn hook_of(site: &Site, row: &HookRow) -> Result<Option<Hook>, DbError> {
    let home = match &row.home {
        Home::App(_) => return Ok(Some(Hook::OfApp)),
        Home::Repository(id) => {
            let name = repositories::named(site.db(), *id).await?;
            name.and_then(|name| name.parse().ok()).map(HookHome::Repository)
        }
        Home::Organization(_) => row.name.parse().ok().map(HookHome::Organization),
    };
    Ok(home.zip(row.hook_id).map(|(home, id)| Hook::Of(home, id)))
}

/// Reads deliveries back to `since`, and finds what no attempt brought to us.
async fn read(client: &Client, hook: &Hook, since: DateTime<Utc>) -> Result<Delivered, GithubError> {
    let mut pages = match hook {
        Hook::Of(home, id) => client.deliveries(home, *id),
        Hook::OfApp => client.app_deliveries(),
    };
    let (mut all, mut date, mut is_whole): (Vec<HookDelivery>, _, _) = (Vec::new(), None, false);
    for _ in 0..PAGES {
        let Some(page) = pages.next().await? else {
            is_whole = true;
            break;
        };
        date.get_or_insert(page.date);
        let is_old = page.items.last().is_some_and(|one| one.delivered_at < since);
        all.extend(page.items.into_iter().filter(|one| one.delivered_at >= since));
        if is_old {
            is_whole = true;
            break;
        }
    }
    is_whole |= pages.is_ended();
    all.sort_by_key(|one| (one.delivered_at, one.id));
    let last_status = all.last().map(|one| one.status_code);
    let mut of_guid: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    for (at, one) in all.iter().enumerate() {
        let entry = of_guid.entry(&one.guid).or_insert((at, false));
        entry.1 |= one.is_taken();
    }
    let mut failed: Vec<usize> = of_guid.values().filter(|(_, taken)| !taken).map(|(at, _)| *at).collect();
    failed.sort_unstable();
    let failed = failed.into_iter().map(|at| Failed {
        attempt: all[at].id,
        guid: all[at].guid.clone(),
        delivered_at: all[at].delivered_at,
    });
    Ok(Delivered {
        date: date.unwrap_or(since),
        is_whole,
        last_status,
        failed: failed.collect(),
    })
}

/// Asks for one delivery again. An answer that is lost counts as asked: what does not come is seen in an hour.
async fn again(client: &Client, hook: &Hook, delivery: u64) -> Result<(), GithubError> {
    let sent = match hook {
        Hook::Of(home, id) => {
            let organization = match home {
                HookHome::Organization(login) => Some(login.clone()),
                HookHome::Repository(_) => None,
            };
            let hook = HookRef { organization, id: *id };
            let client = client.for_write(&Write::RedeliverWebhook { hook, delivery }, None);
            client.redeliver(home, *id, delivery).await
        }
        Hook::OfApp => client.redeliver_of_app(delivery).await,
    };
    let (result, outcome) = match sent {
        Ok(()) => (Ok(()), "accepted"),
        Err(WriteFailure::Unknown(_)) => (Ok(()), "unknown"),
        Err(WriteFailure::NotDone(error)) => (Err(error), "refused"),
    };
    metrics::counter!(metric::REDELIVERIES, "outcome" => outcome).increment(1);
    result
}
