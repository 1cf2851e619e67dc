//! DDL on tables that others use: each attempt waits a few seconds for its lock, because everybody else queues behind it; then
//! there is a pause in which they go on; in the end we give up and say who was in the way.

mod in_the_way;

use super::error::SetupError;
use super::options::Patience;
use super::schema::quoted;
use crate::frappe::db::{Db, DbError};

/// `ER_LOCK_WAIT_TIMEOUT`.
const LOCK_TIMEOUT: u16 = 1205;
/// `ER_ALTER_OPERATION_NOT_SUPPORTED` and the same with a reason.
const NOT_SUPPORTED: [u16; 2] = [1845, 1846];

/// Ways to change a table while it is used, the lightest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lightness {
    /// In the dictionary alone, or without a lock where MariaDB cannot do that.
    Instant,
    /// In place, with reads and writes going on.
    Online,
    /// However MariaDB does it: on tables of our own.
    Any,
}

impl Lightness {
    fn clauses(self) -> &'static [&'static str] {
        match self {
            Self::Instant => &[", ALGORITHM=INSTANT", ", ALGORITHM=INPLACE, LOCK=NONE"],
            Self::Online => &[", ALGORITHM=INPLACE, LOCK=NONE"],
            Self::Any => &[""],
        }
    }
}

/// Changes tables of one site.
#[derive(Debug, Clone)]
pub(crate) struct Polite<'a> {
    db: &'a Db,
    patience: Patience,
}

impl<'a> Polite<'a> {
    /// With that much patience.
    pub(crate) fn new(db: &'a Db, patience: Patience) -> Self {
        Self { db, patience }
    }

    /// `ALTER TABLE` with these changes.
    pub(crate) async fn alter(&self, table: &str, changes: &[String], lightness: Lightness) -> Result<(), SetupError> {
        let mut reason = String::new();
        for clause in lightness.clauses() {
            let sql = format!(
                "ALTER TABLE {} WAIT {} {}{clause}",
                quoted(table),
                self.patience.wait_seconds,
                changes.join(", ")
            );
            match self.run(table, &sql).await {
                Err(SetupError::Db(DbError::Server { code, message, .. })) if NOT_SUPPORTED.contains(&code) => reason = message,
                done => return done,
            }
        }
        Err(SetupError::NotOnline {
            site: self.db.spec().site.clone(),
            table: table.to_owned(),
            reason,
        })
    }

    /// `DROP TABLE`.
    pub(crate) async fn drop_table(&self, table: &str) -> Result<(), SetupError> {
        let sql = format!("DROP TABLE IF EXISTS {} WAIT {}", quoted(table), self.patience.wait_seconds);
        self.run(table, &sql).await
    }

    async fn run(&self, table: &str, sql: &str) -> Result<(), SetupError> {
        for attempt in 1..=self.patience.attempts.max(1) {
            if attempt > 1 {
                tokio::time::sleep(self.patience.pause).await;
            }
            match self.db.exec("changing a table", sql, ()).await {
                Err(DbError::Server { code: LOCK_TIMEOUT, .. }) => {}
                done => return done.map(drop).map_err(SetupError::from),
            }
        }
        Err(SetupError::InUse {
            site: self.db.spec().site.clone(),
            table: table.to_owned(),
            attempts: self.patience.attempts,
            in_the_way: in_the_way::describe(self.db, table).await?,
        })
    }
}
