//! GitHub told of an installation: whose it is, and what is known of it by now.

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::{Installation, Person, Processing};
use crate::frappe::db::{Db, DbConn, DbError, Value, retry_conflicts};
use crate::frappe::naming::random_name;
use crate::store::Stamp;
use crate::store::cell::{time_of, time_value};

use super::reading::write_details;
use super::{GIVEN_UP, REACHES_SOME, is_older, made, moment, params, reach, users_of};

const WHAT: &str = "noting what GitHub told of an installation";

/// So long a delivery finds the row with which somebody set out. One that is older is found by proof alone, or used again by who sets out anew.
const COUNTS: TimeDelta = TimeDelta::days(1);
/// Clocks differ by this much.
const SLACK: TimeDelta = TimeDelta::minutes(5);

/// What was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It was made just now: whoever set out for one is who this is for.
    Created,
    /// It is there, and as the delivery says, or was.
    Changed,
    /// It was uninstalled, which is the last word: another installation has another number.
    Deleted,
}

/// A delivery about an installation.
#[derive(Debug)]
pub struct Told<'a> {
    /// What it was like.
    pub installation: &'a Installation,
    /// What happened.
    pub word: Word,
    /// Who did it.
    pub sender: Option<&'a Person>,
    /// Who had asked an owner to install it, where somebody had.
    pub requester: Option<&'a Person>,
    /// The User who proved by his own connection that it is his, where GitHub itself told nothing.
    pub proven: Option<&'a str>,
}

/// Notes what was told, in the row of that installation: the one that is there; or the one of whoever installed it, who set out for it; or a new
/// one, which is his, or nobody's where nobody here is that account. Gives its name; none where something was deleted that is not known here.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn told(db: &Db, stamp: &Stamp, told: &Told<'_>) -> Result<Option<String>, DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let found = find(&mut tx, told).await?;
        let becomes_somebodys = match &found {
            Some(known) => known.becomes_somebodys(&mut tx, told).await?,
            None => false,
        };
        let name = match (found, told.word) {
            (None, Word::Deleted) => {
                // Somebody deleted its row: nothing of it is followed any more all the same. What it connected is swept up.
                stop(&mut tx, stamp, told.installation.id).await?;
                None
            }
            // Nobody's so far: it is matched as one that was not known.
            (Some(known), Word::Created | Word::Changed) if becomes_somebodys => {
                let sql = "DELETE FROM `tabGitHub App Installation` WHERE name = ?";
                tx.exec(WHAT, sql, (known.name.as_str(),)).await?;
                Some(matched(&mut tx, stamp, told).await?)
            }
            (Some(known), _) => {
                note(&mut tx, stamp, told, &known).await?;
                Some(known.name)
            }
            (None, Word::Created | Word::Changed) => Some(matched(&mut tx, stamp, told).await?),
        };
        tx.commit().await?;
        Ok(name)
    })
    .await
}

/// A row that is known by its number.
struct Known {
    name: String,
    is_deleted: bool,
    is_given_up: bool,
    version: Value,
    processing: Processing,
    is_requested: bool,
}

impl Known {
    /// Whether it is nobody's, and what was told says whose it is: of one that was given up, that somebody here did something with it; of one that waits for who
    /// installed it, that somebody proved that it is his. What a stranger does leaves it as it is.
    async fn becomes_somebodys(&self, tx: &mut DbConn, told: &Told<'_>) -> Result<bool, DbError> {
        if self.is_deleted || self.processing != Processing::UnmatchedUser {
            return Ok(false);
        }
        Ok(told.proven.is_some() || (self.is_given_up && whose(tx, told).await?.0.is_some()))
    }
}

async fn find(tx: &mut DbConn, told: &Told<'_>) -> Result<Option<Known>, DbError> {
    let sql = format!(
        "SELECT name, deleted_on_github, {GIVEN_UP}, _version, IFNULL(processing, ''), _requested FROM `tabGitHub App Installation` \
         WHERE installation_id = ? FOR UPDATE"
    );
    let row = tx.row(WHAT, &sql, (told.installation.id.to_string(),)).await?;
    Ok(row.map(<(String, i64, i64, Value, String, i64)>::from_row).map(|row| Known {
        name: row.0,
        is_deleted: row.1 != 0,
        is_given_up: row.2 != 0,
        version: row.3,
        processing: Processing::of(&row.4),
        is_requested: row.5 != 0,
    }))
}

/// What was told of a row that is known. What it was like is written where nothing newer is stored; that it is to be read, in any case.
async fn note(tx: &mut DbConn, stamp: &Stamp, told: &Told<'_>, known: &Known) -> Result<(), DbError> {
    if known.is_deleted {
        return Ok(());
    }
    if told.word == Word::Deleted {
        return deleted(tx, stamp, told.installation.id).await;
    }
    if !is_older(told.installation.updated_at, &known.version) {
        write_details(tx, stamp, told.installation).await?;
    }
    if told.word == Word::Created {
        if known.is_requested {
            give_to_who_made(tx, told, &known.name).await?;
        }
        catch_up(tx, stamp, told, &known.name).await?;
    }
    // Whoever is nobody here has nothing read for him, but what it does not reach any more.
    let goes_on = known.processing != Processing::UnmatchedUser;
    let sql = format!(
        "UPDATE `tabGitHub App Installation` SET _told = _told + 1, _failures = 0, processing = IF(?, 'processing', processing), \
         _not_before = IF(? OR {REACHES_SOME}, ?, _not_before) WHERE name = ?"
    );
    let values = (goes_on, goes_on, moment(Some(stamp.now)), known.name.as_str());
    tx.exec(WHAT, &sql, values).await.map(drop)
}

/// Whoever was only known to have done something with it is not whose it is where somebody else installed it.
async fn give_to_who_made(tx: &mut DbConn, told: &Told<'_>, name: &str) -> Result<(), DbError> {
    let (Some(user), is_requested) = whose(tx, told).await? else {
        return Ok(());
    };
    let sql = "UPDATE `tabGitHub App Installation` SET owner = ?, user = ?, _requested = ? WHERE name = ?";
    tx.exec(WHAT, sql, (&user, &user, is_requested, name)).await.map(drop)
}

/// Another word of it came before that it was made: what its user set out for before is it all the same, where no Project was chosen since.
async fn catch_up(tx: &mut DbConn, stamp: &Stamp, told: &Told<'_>, name: &str) -> Result<(), DbError> {
    let sql = "SELECT owner FROM `tabGitHub App Installation` WHERE name = ? AND IFNULL(originating_project, '') = '' \
               AND IFNULL(processing, '') <> 'unmatched_user'";
    let Some(row) = tx.row(WHAT, sql, (name,)).await? else {
        return Ok(());
    };
    let (owner,) = <(String,)>::from_row(row);
    for pending in pending_of(tx, stamp, told, &owner).await?.iter().take(1) {
        let sql = "UPDATE `tabGitHub App Installation` i JOIN `tabGitHub App Installation` p ON p.name = ? \
                   SET i.originating_project = p.originating_project, i.origin = p.origin WHERE i.name = ?";
        if tx.exec(WHAT, sql, (pending, name)).await? > 0 {
            let sql = "DELETE FROM `tabGitHub App Installation` WHERE name = ?";
            tx.exec(WHAT, sql, (pending,)).await?;
        }
    }
    Ok(())
}

/// Marks an installation as uninstalled; nothing is followed for it any more. What its Projects say of it is settled by whoever reads next.
pub(super) async fn deleted(tx: &mut DbConn, stamp: &Stamp, id: u64) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub App Installation` SET deleted_on_github = 1, permissions_pending = 0, reason = NULL, _told = _told + 1, \
               _not_before = ?, processing = IF(processing = 'unmatched_user', processing, 'processed'), modified = ?, modified_by = ? \
               WHERE installation_id = ? AND deleted_on_github = 0";
    let values = (
        moment(Some(stamp.now)),
        time_value(stamp.local_now()),
        stamp.user.as_str(),
        id.to_string(),
    );
    tx.exec(WHAT, sql, values).await?;
    stop(tx, stamp, id).await
}

/// Nothing is followed for an installation any more, but what another one is there for.
async fn stop(tx: &mut DbConn, stamp: &Stamp, id: u64) -> Result<(), DbError> {
    made::hand_over_in(tx, id, None).await?;
    reach::stop_all(tx, stamp, id).await
}

/// The row of an installation that was not known: that of whoever set out for it, else a new one.
async fn matched(tx: &mut DbConn, stamp: &Stamp, told: &Told<'_>) -> Result<String, DbError> {
    let (user, is_requested) = whose(tx, told).await?;
    let pending = match &user {
        Some(user) => pending_of(tx, stamp, told, user).await?,
        None => Vec::new(),
    };
    let by = told.sender.or(told.requester);
    let name = match (pending.first(), &user) {
        (Some(name), _) => name.clone(),
        (None, user) => insert(tx, stamp, user.as_deref()).await?,
    };
    for other in pending.iter().skip(1) {
        let sql = "DELETE FROM `tabGitHub App Installation` WHERE name = ?";
        tx.exec(WHAT, sql, (other.as_str(),)).await?;
    }
    let is_known = user.is_some();
    let processing = if is_known {
        Processing::Processing
    } else {
        Processing::UnmatchedUser
    };
    let due: Option<DateTime<Utc>> = is_known.then_some(stamp.now);
    let sql = "UPDATE `tabGitHub App Installation` SET installation_id = ?, processing = ?, sender_id = ?, sender_login = ?, \
               _requested = ?, _told = _told + 1, _not_before = ? WHERE name = ?";
    let values = vec![
        Value::from(told.installation.id.to_string()),
        Value::from(processing.as_str()),
        by.and_then(|by| by.id).map_or(Value::NULL, |id| Value::from(id.to_string())),
        by.map_or(Value::NULL, |by| Value::from(by.login.as_str())),
        Value::from(is_requested),
        moment(due),
        Value::from(name.as_str()),
    ];
    tx.exec(WHAT, sql, params(values)).await?;
    write_details(tx, stamp, told.installation).await?;
    Ok(name)
}

/// Whose it is, if he is somebody here, and whether he is not known to have installed it. Of nobody here, the same of whoever did what was told.
async fn whose(tx: &mut DbConn, told: &Told<'_>) -> Result<(Option<String>, bool), DbError> {
    if let Some(user) = told.proven {
        return Ok((Some(user.to_owned()), false));
    }
    // Who asked for it set out in the desk; who agreed is an owner of the account, and may be nobody here.
    for id in [told.requester, told.sender]
        .into_iter()
        .flatten()
        .filter_map(|person| person.id)
    {
        if let Some(user) = users_of(tx, id).await? {
            return Ok((Some(user), is_a_mere_request(told, id)));
        }
    }
    let by = told.sender.or(told.requester).and_then(|by| by.id);
    Ok((None, by.is_some_and(|id| is_a_mere_request(told, id))))
}

/// Whether the account of that number is not known to have installed it, in an account that is not his: it only asked for it, or did something with it
/// that whoever manages a repository may do.
fn is_a_mere_request(told: &Told<'_>, id: u64) -> bool {
    let is_account = told.installation.account.as_ref().is_some_and(|account| account.id == id);
    let has_made = told.word == Word::Created && told.sender.is_some_and(|sender| sender.id == Some(id));
    !is_account && !has_made
}

/// The rows with which `user` set out and that this may be about, the latest first: what he proved is about any, a delivery that tells that one was
/// made about what he set out for within a day and before that, however late it comes, and any other delivery about none.
async fn pending_of(tx: &mut DbConn, stamp: &Stamp, told: &Told<'_>, user: &str) -> Result<Vec<String>, DbError> {
    let (since, made) = match (told.proven, told.word) {
        (Some(_), _) => (Value::NULL, None),
        (None, Word::Created) => {
            let since = time_value(stamp.zone.to_local(stamp.now - COUNTS));
            (since, Some(told.installation.created_at + SLACK))
        }
        (None, _) => return Ok(Vec::new()),
    };
    let sql = "SELECT name, creation FROM `tabGitHub App Installation` WHERE owner = ? AND IFNULL(installation_id, '') = '' \
               AND IFNULL(processing, '') = '' AND deleted_on_github = 0 AND (? IS NULL OR creation >= ?) \
               ORDER BY creation DESC, name FOR UPDATE";
    let rows = tx.rows(WHAT, sql, (user, &since, &since)).await?;
    // As moments: the clock of the site repeats an hour of autumn.
    let is_before = |began: &Value| made.is_none_or(|made| time_of(began).is_some_and(|began| stamp.zone.to_utc(began) <= made));
    let rows = rows.into_iter().map(<(String, Value)>::from_row);
    Ok(rows.filter(|(_, began)| is_before(began)).map(|(name, _)| name).collect())
}

/// A row of what began on GitHub's pages; of nobody in particular where `user` is none.
pub(super) async fn insert(tx: &mut DbConn, stamp: &Stamp, user: Option<&str>) -> Result<String, DbError> {
    let (name, now) = (random_name(), time_value(stamp.local_now()));
    let sql = "INSERT INTO `tabGitHub App Installation` (name, owner, modified_by, creation, modified, docstatus, idx, user, origin) \
               VALUES (?, ?, ?, ?, ?, 0, 0, ?, 'initiated_on_github')";
    let owner = user.unwrap_or(&stamp.user);
    let values = (&name, owner, stamp.user.as_str(), &now, &now, user);
    tx.exec(WHAT, sql, values).await?;
    Ok(name)
}

/// Gives installations whose user was unknown to whoever is that account by now. They are read then. Gives names and users.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn adopt(db: &Db, stamp: &Stamp) -> Result<Vec<(String, String)>, DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let sql = "SELECT i.name, u.name FROM `tabGitHub App Installation` i JOIN `tabUser` u ON u.github_user_id = i.sender_id \
                   AND u.enabled = 1 AND u.name <> 'Guest' WHERE i.processing = 'unmatched_user' AND i.sender_id > '' FOR UPDATE";
        let rows = tx.rows(WHAT, sql, ()).await?;
        let found: Vec<(String, String)> = rows.into_iter().map(FromRow::from_row).collect();
        for (name, user) in &found {
            let sql = "UPDATE `tabGitHub App Installation` SET owner = ?, user = ?, origin = 'initiated_on_github', \
                       processing = IF(deleted_on_github = 1, 'processed', 'processing'), _told = _told + 1, \
                       _not_before = IF(deleted_on_github = 1, NULL, ?), modified = ?, modified_by = ? \
                       WHERE name = ? AND processing = 'unmatched_user'";
            let values = (
                user,
                user,
                moment(Some(stamp.now)),
                time_value(stamp.local_now()),
                stamp.user.as_str(),
                name,
            );
            tx.exec(WHAT, sql, values).await?;
        }
        tx.commit().await?;
        Ok(found)
    })
    .await
}
