//! Deliveries come in: those that arrive together share one transaction.

use std::collections::HashMap;

use mysql_async::prelude::FromRow;

use crate::domain::text::{cut_bytes, cut_chars};
use crate::frappe::db::{Db, DbConn, DbError, Params, Refusal, Value, retry_conflicts};
use crate::store::cell::{DATA, time_value};
use crate::store::stamp::Stamp;
use crate::store::upsert::{NAMES, Upsert, marks, texts};

use super::{EventStatus, payload};

/// Characters of `repository`.
const FULL_NAME: usize = 255;
/// Bytes of `reason`.
const REASON: usize = 60_000;

/// One delivery, as it is to be stored. Texts that are too long for their columns are cut; what GitHub sends is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `X-GitHub-Delivery`: the same for every attempt, and for all hooks that subscribe to the event.
    pub id: String,
    /// GitHub's name of the event.
    pub event: String,
    /// What happened, where the event has actions.
    pub action: Option<String>,
    /// By whose hook it came: `application`, `application oauth`, `user oauth` or `repository`.
    pub source: &'static str,
    /// Number of the hook.
    pub hook_id: Option<String>,
    /// Number of the App's installation.
    pub installation_id: Option<u64>,
    /// Full name of the repository, as the payload gives it.
    pub repository: Option<String>,
    /// Its id.
    pub repository_id: Option<u64>,
    /// Login of the account that caused it.
    pub sender: Option<String>,
    /// What is to be done with it.
    pub reception: Reception,
    /// Size of what GitHub sent, in bytes.
    pub size: usize,
}

/// What is to be done with a delivery that comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reception {
    /// It is worked on; the payload, compressed.
    Work(Vec<u8>),
    /// It is ended at once, and its payload is not kept.
    Ended(EventStatus, String),
    /// As [`Self::Ended`], with the payload, for people to look at.
    Kept(EventStatus, String, Vec<u8>),
}

impl Reception {
    fn status(&self) -> EventStatus {
        match self {
            Self::Work(_) => EventStatus::Unprocessed,
            Self::Ended(status, _) | Self::Kept(status, ..) => *status,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Work(_) => None,
            Self::Ended(_, reason) | Self::Kept(_, reason, _) => Some(reason),
        }
    }

    fn payload(&self) -> &[u8] {
        match self {
            Self::Work(payload) | Self::Kept(_, _, payload) => payload,
            Self::Ended(..) => &[],
        }
    }
}

/// What a delivery met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It came for the first time.
    New,
    /// It came before and was not processed: it begins anew.
    Again,
    /// It came before, and waits or was processed.
    Known,
}

/// Stores `deliveries` in one transaction, and gives for each what it met. Of two with one id the second meets the first.
///
/// # Errors
/// When the database cannot be written; then none of them is stored.
pub async fn accept(db: &Db, stamp: &Stamp, deliveries: &[&Delivery]) -> Result<Vec<Arrival>, DbError> {
    let accepted = retry_conflicts(|| accept_once(db, stamp, deliveries)).await;
    match accepted {
        // Another replica stored one of them since we looked: now it is seen.
        Err(error) if error.refusal() == Some(Refusal::Duplicate) => retry_conflicts(|| accept_once(db, stamp, deliveries)).await,
        accepted => accepted,
    }
}

async fn accept_once(db: &Db, stamp: &Stamp, deliveries: &[&Delivery]) -> Result<Vec<Arrival>, DbError> {
    let mut tx = db.begin().await?;
    let mut known = stored(&mut tx, deliveries).await?;
    let (mut arrivals, mut new, mut again) = (Vec::with_capacity(deliveries.len()), Vec::new(), Vec::new());
    for delivery in deliveries {
        let arrival = match known.insert(delivery.id.as_str(), delivery.reception.status()) {
            None => {
                new.push(*delivery);
                Arrival::New
            }
            Some(EventStatus::Ignored | EventStatus::Unhandled | EventStatus::Errored) => {
                again.push(*delivery);
                Arrival::Again
            }
            Some(status) => {
                known.insert(delivery.id.as_str(), status);
                Arrival::Known
            }
        };
        arrivals.push(arrival);
    }
    insert(&mut tx, stamp, &new).await?;
    for delivery in &again {
        begin_anew(&mut tx, stamp, delivery).await?;
    }
    let with_payload: Vec<(&str, &[u8])> = (new.iter().chain(&again))
        .map(|delivery| (delivery.id.as_str(), delivery.reception.payload()))
        .filter(|(_, bytes)| !bytes.is_empty())
        .collect();
    payload::write(&mut tx, &with_payload).await?;
    tx.commit().await?;
    Ok(arrivals)
}

/// Which of them are there already, and in which state.
async fn stored<'a>(conn: &mut DbConn, deliveries: &[&'a Delivery]) -> Result<HashMap<&'a str, EventStatus>, DbError> {
    let mut known = HashMap::new();
    for chunk in deliveries.chunks(NAMES) {
        let sql = format!(
            "SELECT name, IFNULL(status, '') FROM `tabGitHub Event` WHERE name IN ({})",
            marks(chunk.len())
        );
        let names = texts(chunk.iter().map(|delivery| delivery.id.as_str()));
        for row in conn.rows("looking for deliveries", &sql, Params::Positional(names)).await? {
            let (name, status) = <(String, String)>::from_row(row);
            if let Some(delivery) = chunk.iter().find(|delivery| delivery.id == name) {
                // What is no option was changed by hand; it is not worked on twice for that.
                known.insert(
                    delivery.id.as_str(),
                    EventStatus::of(&status).unwrap_or(EventStatus::Processed),
                );
            }
        }
    }
    Ok(known)
}

const COLUMNS: [&str; 22] = [
    "name",
    "owner",
    "modified_by",
    "creation",
    "modified",
    "docstatus",
    "idx",
    "delivery_id",
    "event",
    "action",
    "source",
    "hook_id",
    "installation_id",
    "repository",
    "repository_id",
    "sender",
    "received_at",
    "status",
    "attempts",
    "available_at",
    "reason",
    "size",
];

fn row(stamp: &Stamp, delivery: &Delivery) -> Vec<Value> {
    let (local, user) = (time_value(stamp.local_now()), stamp.user.as_str());
    let or_null = |text: Option<&str>, most: usize| text.map_or(Value::NULL, |text| Value::from(cut_chars(text, most)));
    let number = |id: Option<u64>| id.map_or(Value::NULL, |id| Value::from(id.to_string()));
    let mut row = texts([delivery.id.as_str(), user, user]);
    row.extend([local.clone(), local.clone(), Value::Int(0), Value::Int(0)]);
    row.extend(texts([delivery.id.as_str(), cut_chars(&delivery.event, DATA)]));
    row.push(or_null(delivery.action.as_deref(), DATA));
    row.push(Value::from(delivery.source));
    row.push(or_null(delivery.hook_id.as_deref(), DATA));
    row.push(number(delivery.installation_id));
    row.push(or_null(delivery.repository.as_deref(), FULL_NAME));
    row.push(number(delivery.repository_id));
    row.push(or_null(delivery.sender.as_deref(), DATA));
    row.extend([local, Value::from(delivery.reception.status().as_str()), Value::Int(0)]);
    row.push(time_value(stamp.now.naive_utc()));
    row.push(
        delivery
            .reception
            .reason()
            .map_or(Value::NULL, |text| Value::from(cut_bytes(text, REASON))),
    );
    row.push(Value::UInt(delivery.size as u64));
    row
}

async fn insert(conn: &mut DbConn, stamp: &Stamp, new: &[&Delivery]) -> Result<(), DbError> {
    let rows = new.iter().map(|delivery| row(stamp, delivery)).collect();
    Upsert {
        what: "storing deliveries",
        table: "tabGitHub Event",
        columns: &COLUMNS,
        updated: &[],
    }
    .write(conn, rows)
    .await
}

/// What a row keeps when its delivery comes again.
const KEPT: [&str; 6] = ["name", "owner", "creation", "docstatus", "idx", "delivery_id"];

/// A delivery that was not processed comes again: all that is told of it now counts. The first time a header may have been missing, which is
/// why it was not processed; and it is kept as long from now on, so that whoever heard it cannot send it once more.
async fn begin_anew(conn: &mut DbConn, stamp: &Stamp, delivery: &Delivery) -> Result<(), DbError> {
    const WHAT: &str = "beginning a delivery anew";
    payload::remove(conn, &[delivery.id.as_str()]).await?;
    let told = COLUMNS.iter().zip(row(stamp, delivery));
    let (set, mut params): (Vec<String>, Vec<Value>) = told
        .filter(|(column, _)| !KEPT.contains(column))
        .map(|(column, value)| (format!("`{column}` = ?"), value))
        .unzip();
    params.extend(texts([delivery.id.as_str()]));
    let sql = format!(
        "UPDATE `tabGitHub Event` SET {} WHERE name = ? AND status IN ('ignored', 'unhandled', 'errored')",
        set.join(", ")
    );
    conn.exec(WHAT, &sql, Params::Positional(params)).await.map(drop)
}
