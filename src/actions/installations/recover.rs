//! Installations of which GitHub's word did not come: found by asking, and gone on with as if it had come.
//!
//! That somebody names a number proves nothing. His own connection must show the installation, and he must be who may install the App there: the
//! account itself, an owner of the organisation, or somebody who manages every repository that was picked. The delivery that comes later finds the row.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::domain::{Installation, Person, RepositorySelection, Stage};
use crate::frappe::auth::UserId;
use crate::frappe::site::Site;
use crate::github::{Client, GithubError, Pages};
use crate::store::installations::{self, InstallationRow, Stored, Told, Word};
use crate::store::settings::keep_app_slug;
use crate::store::{Stamp, cursors, integration_accounts as accounts};

use super::super::rights::Rights;
use super::super::{ActionError, Call, Services};
use super::orphans::sweep_orphans;
use super::settle::{lost, settle_installations};
use super::whose::{Asking, confirm};
use super::{shown, tell};

/// What was installed a moment before somebody set out, by another clock, is what he set out for.
const SLACK: TimeDelta = TimeDelta::minutes(5);
/// So long the schedule looks for what somebody set out for.
const WAITS: TimeDelta = TimeDelta::days(7);
/// How often the schedule looks.
const EVERY: TimeDelta = TimeDelta::hours(1);
/// Where it notes that it did.
const JOB: &str = "job:installations";
const NO_REPOSITORY: u64 = 0;

/// `desk.check_installation`: asks GitHub how far the caller's installation is: that of GitHub's number `installation_id`, or the one that he waits
/// for, or his last one.
pub(in crate::actions) async fn check(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    let db = call.site.db();
    let id = match call.arguments.text("installation_id") {
        Some(_) => Some(call.arguments.number(&["installation_id"])?),
        None => None,
    };
    let waits = id.is_none() && installations::waiting_since(db, &call.caller.user).await?.is_some();
    let row = match id {
        Some(id) => installations::with_id(db, id).await?,
        None if waits => None,
        None => installations::latest_of(db, &call.caller.user).await?,
    };
    let name = match row {
        // Its row says nothing of whose it is, to an admin as to anybody.
        Some(row) if row.is_given_up() => claim(call.services, call.site, &call.user_id()?, row.id).await?,
        // GitHub told of it, and that nobody here is who installed it: who may install it there has it, and to others the page says what they can do.
        Some(InstallationRow {
            id: Some(id), course, ..
        }) if course.stage() == Stage::WaitsForUser => match claim(call.services, call.site, &call.user_id()?, Some(id)).await {
            Ok(Some(name)) => Some(name),
            Ok(None) | Err(ActionError::ConnectGithub(_)) => {
                let mut answer = super::not_his(id);
                answer["found"] = true.into();
                return Ok(answer);
            }
            Err(error) => return Err(error),
        },
        Some(row) if rights.owns(&row) => {
            if let Some(user) = call.caller.user_id() {
                confirm(call.services, call.site, &user, &row).await?;
            }
            read_anew(call.services, call.site, &call.caller.user, &row).await?;
            Some(row.name)
        }
        Some(_) => {
            return Err(ActionError::forbidden(
                "this installation of the App is not yours: ask who installed it, or a GitHub Admin",
            ));
        }
        None => claim(call.services, call.site, &call.user_id()?, id).await?,
    };
    let Some(name) = name else {
        return Ok(json!({
            "found": false,
            "message": "GitHub shows no installation of this App to you that is new here: install it first, with the account that you connected, or have an owner of the organization install it",
        }));
    };
    let row = installations::named(db, &name).await?;
    let mut answer = row.map_or_else(|| json!({}), |row| shown(&row));
    answer["found"] = true.into();
    Ok(answer)
}

/// Has an installation be read from GitHub now, in the name of `user`. One that was taken for uninstalled is there again where GitHub shows it.
///
/// # Errors
/// When GitHub does not answer, or the database cannot be used.
pub(in crate::actions) async fn read_anew(
    services: &dyn Services,
    site: &Site,
    user: &str,
    row: &InstallationRow,
) -> Result<(), ActionError> {
    let stamp = Stamp::now(site, user).await?;
    if let (true, Some(id)) = (row.course.is_deleted, row.id) {
        // What follows from its end is done first.
        settle_installations(services, site, user).await?;
        if let Some(app) = services.as_app(site).await? {
            revive(&app, (site, &stamp), id).await?;
        }
    } else {
        installations::suspect(site.db(), &stamp, &row.name).await?;
    }
    settle_installations(services, site, user).await?;
    Ok(())
}

/// Takes back that an installation was uninstalled, if GitHub shows it to the App by its number.
async fn revive(app: &Client, (site, stamp): (&Site, &Stamp), id: u64) -> Result<(), ActionError> {
    if app.installation(id).await?.is_some() {
        installations::revive(site.db(), stamp, id).await?;
    }
    Ok(())
}

/// Finds what `user` installed and GitHub did not tell of: the one of that number, or the one that he waits for. It is read then. Gives the name of
/// its row; none where there is none that is his.
///
/// # Errors
/// When his connection cannot be used, GitHub does not answer, or the database cannot be used.
pub(in crate::actions) async fn claim(
    services: &dyn Services,
    site: &Site,
    user: &UserId,
    id: Option<u64>,
) -> Result<Option<String>, ActionError> {
    let stamp = Stamp::now(site, user.as_str()).await?;
    let began = installations::waiting_since(site.db(), user.as_str()).await?;
    if id.is_none() && began.is_none() {
        return Ok(None);
    }
    let Some(asking) = Asking::of(services, site, user).await? else {
        return Ok(None);
    };
    let since = began.map(|began| stamp.zone.to_utc(began) - SLACK);
    let mut found: Option<Installation> = None;
    for number in asking.unknown(id).await? {
        // GitHub tells it to the App itself: it is one of ours, and there.
        let Some(one) = asking.app.installation(number).await? else {
            continue;
        };
        let is_his_turn = id.is_some() || since.is_some_and(|since| one.updated_at >= since);
        let is_later = found.as_ref().is_none_or(|found| found.updated_at < one.updated_at);
        if is_his_turn && is_later && asking.is_his(&one).await? {
            found = Some(one);
        }
    }
    let Some(found) = found else { return Ok(None) };
    let sender = Person {
        id: Some(asking.token.github_id),
        login: asking.token.login.clone(),
    };
    let told = Told {
        installation: &found,
        word: Word::Changed,
        sender: Some(&sender),
        requester: None,
        proven: Some(user.as_str()),
    };
    let name = installations::told(site.db(), &stamp, &told).await?;
    settle_installations(services, site, user.as_str()).await?;
    if let Some(name) = &name {
        tell(site, name).await;
    }
    Ok(name)
}

/// Everything of a list.
pub(super) async fn all<T: Send + 'static>(mut pages: Pages<T>) -> Result<Vec<T>, GithubError> {
    let mut all = Vec::new();
    while let Some(page) = pages.next().await? {
        all.extend(page.items);
    }
    Ok(all)
}

/// Once an hour: has those installations read of which GitHub says something else than is stored, finds what people wait for, and ends what is left
/// of those whose row somebody deleted. True when GitHub was asked.
///
/// # Errors
/// When the database cannot be used.
pub async fn sweep_installations(services: &dyn Services, site: &Site, user: &str) -> Result<bool, ActionError> {
    let db = site.db();
    let stamp = Stamp::now(site, user).await?;
    let last = cursors::read(db, NO_REPOSITORY, JOB).await?.attempted_at;
    if last.is_some_and(|last| last <= stamp.now && stamp.now - last < EVERY) {
        return Ok(false);
    }
    cursors::attempt(db, NO_REPOSITORY, JOB, stamp.now).await?;
    sweep_orphans(services, site, &stamp).await?;
    let (stored, gone) = (installations::stored(db).await?, installations::uninstalled(db).await?);
    let waiting = installations::waiting(db, stamp.zone.to_local(stamp.now - WAITS)).await?;
    if stored.is_empty() && gone.is_empty() && waiting.is_empty() {
        return Ok(false);
    }
    let Some(app) = services.as_app(site).await? else {
        return Ok(false);
    };
    let there = all(app.installations()).await?;
    for one in there.iter().filter(|one| gone.contains(&one.id)) {
        revive(&app, (site, &stamp), one.id).await?;
    }
    compare(services, &app, (site, &stamp), (there, stored)).await?;
    for one in waiting {
        match claim(services, site, &UserId::of_record(&one.user), None).await {
            Ok(_) => {}
            Err(error) if error.database().is_some() => return Err(error),
            Err(error) => {
                tracing::debug!(site = site.name(), error = %error, "what somebody waits for cannot be looked for");
            }
        }
    }
    settle_installations(services, site, user).await?;
    Ok(true)
}

/// Holds what is stored against the App's list. Of another App's installations that list says nothing: they are read once, which tells what they are.
async fn compare(
    services: &dyn Services,
    app: &Client,
    (site, stamp): (&Site, &Stamp),
    (there, stored): (Vec<Installation>, Vec<Stored>),
) -> Result<(), ActionError> {
    let present = match there.first() {
        Some(one) => one.app_id,
        None if stored.is_empty() => return Ok(()),
        None => app.github_app().await?.value.id,
    };
    if let Some(one) = there.first() {
        keep_app_slug(site.db(), stamp, &one.app_slug).await?;
    }
    let there: BTreeMap<u64, Installation> = there.into_iter().map(|one| (one.id, one)).collect();
    for known in stored {
        if known.app_id.is_some_and(|own| own != present) {
            if !known.is_failing {
                installations::suspect(site.db(), stamp, &known.name).await?;
            }
            continue;
        }
        let account = there.get(&known.id).and_then(|one| one.account.as_ref());
        if let Some(account) = account.filter(|account| account.login != known.account_login && !known.account_login.is_empty()) {
            accounts::renamed(site.db(), stamp, account.id, (&known.account_login, &account.login)).await?;
        }
        match there.get(&known.id) {
            // The list is read page by page: one that it passed over is asked for by itself.
            None if known.is_unmatched => {
                if app.installation(known.id).await?.is_none() {
                    installations::mark_deleted(site.db(), stamp, known.id).await?;
                }
            }
            Some(one) if is_as_stored(one, &known) && !has_lost_some(services, site, one, &known).await? => {}
            _ => installations::suspect(site.db(), stamp, &known.name).await?,
        }
    }
    Ok(())
}

/// Whether an installation for all repositories reaches one no more that is followed because of it, of which GitHub tells nothing. What cannot be asked just
/// now is asked with the next look.
async fn has_lost_some(services: &dyn Services, site: &Site, one: &Installation, known: &Stored) -> Result<bool, ActionError> {
    let is_quiet = one.selection == RepositorySelection::Selected || one.suspended_at.is_some() || known.is_unmatched;
    if is_quiet || !known.reaches_some {
        return Ok(false);
    }
    match lost(services, site, one).await {
        Ok(lost) => Ok(!lost.is_empty()),
        Err(error) if error.database().is_some() => Err(error),
        Err(error) => {
            tracing::debug!(site = site.name(), error = %error, "the repositories of an installation cannot be listed");
            Ok(false)
        }
    }
}

fn is_as_stored(one: &Installation, known: &Stored) -> bool {
    one.suspended_at.is_some() == known.is_suspended && known.version.is_some_and(|version| one.updated_at <= version)
}
