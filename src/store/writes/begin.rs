//! Writing down what is about to be sent.

use crate::domain::Person;
use crate::frappe::db::{Db, DbError, Params, Refusal, Value, retry_conflicts};
use crate::frappe::naming::random_name;
use crate::store::cell::time_value;
use crate::store::stamp::Stamp;
use crate::store::upsert::{marks, texts};

use super::row::{ActingAs, COLUMNS, WriteRow, WriteStatus, row};

/// What is known of a write before it is sent.
#[derive(Debug, Clone, Copy)]
pub struct NewWrite<'a> {
    /// GitHub's side of it, by name.
    pub kind: &'a str,
    /// Name of the Repository document.
    pub repository: &'a str,
    /// Which repository that is on GitHub, whatever it will be called.
    pub repository_id: u64,
    /// Number of what is changed; none for what is made.
    pub number: Option<u64>,
    /// Task that it is made from.
    pub task: Option<&'a str>,
    /// Account on GitHub behind the token.
    pub acting: Option<&'a Person>,
    /// In whose name.
    pub acting_as: ActingAs,
    /// What is asked for, as JSON.
    pub request: &'a str,
    /// What no two writes under way may share.
    pub claim: &'a str,
}

/// What came of it.
#[derive(Debug)]
pub enum Begun {
    /// The row of that name is ours, and committed: send it.
    Ours(String),
    /// The same is under way, or was lost.
    Theirs(Box<WriteRow>),
}

pub(super) const INSERTED: [&str; 21] = [
    "name",
    "owner",
    "modified_by",
    "creation",
    "modified",
    "docstatus",
    "idx",
    "kind",
    "repository",
    "number",
    "task",
    "asked_by",
    "acting_login",
    "acting_as",
    "status",
    "request",
    "sent_at",
    "_sent_at",
    "_repository_id",
    "_acting_id",
    "_claim",
];

/// Values of [`INSERTED`].
pub(super) fn values(name: &str, stamp: &Stamp, new: &NewWrite<'_>, status: WriteStatus) -> Vec<Value> {
    let (local, user) = (time_value(stamp.local_now()), stamp.user.as_str());
    let or_null = |text: Option<&str>| text.map_or(Value::NULL, Value::from);
    let sent = status == WriteStatus::Sending;
    let mut row = texts([name, user, user]);
    row.extend([local.clone(), local.clone(), Value::Int(0), Value::Int(0)]);
    row.extend(texts([new.kind, new.repository]));
    row.push(Value::UInt(new.number.unwrap_or_default()));
    row.extend([
        or_null(new.task),
        Value::from(user),
        or_null(new.acting.map(|acting| acting.login.as_str())),
    ]);
    row.extend(texts([new.acting_as.as_str(), status.as_str(), new.request]));
    row.push(if sent { local } else { Value::NULL });
    row.extend([time_value(stamp.now.naive_utc()), Value::UInt(new.repository_id)]);
    row.push(new.acting.and_then(|acting| acting.id).map_or(Value::NULL, Value::UInt));
    row.push(if sent { Value::from(new.claim) } else { Value::NULL });
    row
}

/// Writes down that something is sent now, unless the same is under way or lost.
///
/// # Errors
/// When the database cannot be written; nothing must be sent then.
pub async fn begin(db: &Db, stamp: &Stamp, new: &NewWrite<'_>) -> Result<Begun, DbError> {
    const WHAT: &str = "noting a write to GitHub";
    let name = random_name();
    let sql = format!(
        "INSERT INTO `tabGitHub Write` (`{}`) VALUES ({})",
        INSERTED.join("`, `"),
        marks(INSERTED.len())
    );
    let held = format!("SELECT {COLUMNS} FROM `tabGitHub Write` WHERE _claim = ?");
    retry_conflicts(|| async {
        // The holder may be settled between the two statements; then the claim is free again.
        for _ in 0..3 {
            let row_values = Params::Positional(values(&name, stamp, new, WriteStatus::Sending));
            match db.exec(WHAT, &sql, row_values).await {
                Ok(_) => return Ok(Begun::Ours(name.clone())),
                Err(error) if error.refusal() == Some(Refusal::Duplicate) => {}
                Err(error) => return Err(error),
            }
            match db.row(WHAT, &held, (new.claim,)).await?.map(row) {
                // Our own row, whose commit was answered to a connection that broke.
                Some(held) if held.name == name => return Ok(Begun::Ours(name.clone())),
                Some(held) => return Ok(Begun::Theirs(Box::new(held))),
                None => {}
            }
        }
        Err(DbError::Shape {
            what: WHAT,
            reason: "others begin and end the same write all the time".to_owned(),
        })
    })
    .await
}
