//! With which account on GitHub a user is connected, and the tokens that act for it, sealed: whoever reads the table reads none.
//!
//! Each pair of tokens has a random number. What is written about tokens names the pair that it is about, so that somebody who was slow
//! changes nothing of what came after, and an answer of GitHub that comes late is kept as long as nobody has a newer one.

mod ending;
mod make;
mod rotation;

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Row, Value};

use super::cell::{bytes, number, text, time_of, time_value};

pub use ending::{Gone, disconnect, of_people_who_left, revoke};
pub use make::{Made, make};
pub use rotation::{begin_rotation, end_rotation, lose, renew, revoke_pair};

/// How a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be used.
    Active,
    /// It was taken back on GitHub.
    Revoked,
    /// Its tokens are spent, and those that came for them got lost; or they were not used until they ended.
    Lost,
}

impl Standing {
    /// The word in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Lost => "lost",
        }
    }

    /// What is no word of ours is nothing to be used.
    fn of(word: &str) -> Self {
        match word {
            "active" => Self::Active,
            "revoked" => Self::Revoked,
            _ => Self::Lost,
        }
    }
}

/// A user's connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    /// Name of the User.
    pub user: String,
    /// GitHub's number of the account.
    pub github_id: u64,
    /// Its login when it was seen last.
    pub login: String,
    /// Address of its picture.
    pub avatar_url: String,
    /// The App that it was given to.
    pub client_id: String,
    /// The GitHub that it is good for.
    pub host: String,
    /// How it stands.
    pub standing: Standing,
    /// Since when it stands so; of one whose tokens are spent, since when it was connected.
    pub since: DateTime<Utc>,
    /// Scopes of an OAuth App's token, divided by commas.
    pub scopes: String,
    /// The user is there and enabled.
    pub is_enabled: bool,
    /// His User says that he is this account. Who was made anew under the name of somebody who left is not.
    pub is_himself: bool,
    /// What acts for it.
    pub tokens: SealedPair,
    /// Since when somebody asks GitHub for new tokens, or asked and was never heard of again.
    pub rotating_since: Option<DateTime<Utc>>,
}

/// Tokens as they lie in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPair {
    /// Their number.
    pub number: u64,
    /// Acts for the account; none where there is nothing to act with any more.
    pub access: Option<Vec<u8>>,
    /// When that ends; none for one that does not.
    pub access_ends_at: Option<DateTime<Utc>>,
    /// Gives the next pair.
    pub refresh: Option<Vec<u8>>,
    /// When that ends.
    pub refresh_ends_at: Option<DateTime<Utc>>,
}

impl SealedPair {
    /// A number for a new pair.
    #[must_use]
    pub fn new_number() -> u64 {
        rand::random()
    }

    /// The four columns, in the order of the table.
    fn values(&self) -> [Value; 4] {
        let bytes = |sealed: &Option<Vec<u8>>| sealed.clone().map_or(Value::NULL, Value::Bytes);
        let time = |at: Option<DateTime<Utc>>| at.map_or(Value::NULL, |at| time_value(at.naive_utc()));
        [
            bytes(&self.access),
            time(self.access_ends_at),
            bytes(&self.refresh),
            time(self.refresh_ends_at),
        ]
    }
}

/// The connection of `user`; none where he has none.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_user(db: &Db, user: &str) -> Result<Option<GrantRow>, DbError> {
    let row = db
        .row(
            "reading a connection with GitHub",
            &format!("{SELECT} WHERE g.user = ?"),
            (user,),
        )
        .await?;
    Ok(row.map(grant))
}

/// Who is connected, and what he authorised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Name of the User.
    pub user: String,
    /// Login of the account when it was seen last.
    pub login: String,
    /// The App that he authorised.
    pub client_id: String,
}

/// Everybody who is connected, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn holders(db: &Db) -> Result<Vec<Holder>, DbError> {
    let sql = "SELECT user, login, client_id FROM `erpnext_github_grant` ORDER BY user";
    let rows = db.rows("reading connections with GitHub", sql, ()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (user, login, client_id) = FromRow::from_row(row);
            Holder { user, login, client_id }
        })
        .collect())
}

/// The connection with the account of that number; none where nobody has it.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_account(db: &Db, github_id: u64) -> Result<Option<GrantRow>, DbError> {
    let row = db
        .row(
            "reading a connection with GitHub",
            &format!("{SELECT} WHERE g.github_id = ?"),
            (github_id,),
        )
        .await?;
    Ok(row.map(grant))
}

/// Everything of connections, whether their users are enabled, and whether they are those accounts.
const SELECT: &str = "SELECT g.user, g.github_id, g.login, g.avatar_url, g.client_id, g.host, g.status, g.since, g.scopes, \
                      EXISTS (SELECT 1 FROM `tabUser` u WHERE u.name = g.user AND u.enabled = 1), \
                      EXISTS (SELECT 1 FROM `tabUser` u WHERE u.name = g.user AND CAST(u.github_user_id AS UNSIGNED) = g.github_id), \
                      g.pair, g.access_token, g.access_ends_at, g.refresh_token, g.refresh_ends_at, g.rotating_since \
                      FROM `erpnext_github_grant` g";

fn grant(mut row: Row) -> GrantRow {
    let mut next = 0;
    let mut value = || {
        next += 1;
        row.take::<Value, _>(next - 1).unwrap_or(Value::NULL)
    };
    GrantRow {
        user: text(value()),
        github_id: number(&value()),
        login: text(value()),
        avatar_url: text(value()),
        client_id: text(value()),
        host: text(value()),
        standing: Standing::of(&text(value())),
        since: moment(&value()).unwrap_or_default(),
        scopes: text(value()),
        is_enabled: number(&value()) == 1,
        is_himself: number(&value()) == 1,
        tokens: SealedPair {
            number: number(&value()),
            access: bytes(value()),
            access_ends_at: moment(&value()),
            refresh: bytes(value()),
            refresh_ends_at: moment(&value()),
        },
        rotating_since: moment(&value()),
    }
}

fn moment(value: &Value) -> Option<DateTime<Utc>> {
    time_of(value).map(|time| time.and_utc())
}

/// The first column of each row.
fn names(rows: Vec<Row>) -> Vec<String> {
    rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect()
}
