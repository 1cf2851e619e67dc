//! DDL on tables that others use: each attempt waits a few seconds for its lock, because everybody else queues behind it; then
//! there is a pause in which they go on; in the end we give up and say who was in the way.

mod in_the_way;

use super::error::SetupError;
use super::options::Patience;
use super::schema::quoted;
use crate::frappe::db::{Db, DbError};

/// `ER_LOCK_WAIT_TIMEOUT`.
const LOCK_TIMEOUT: u16 = 1205;
/// `ER_ALTER_OPERATION_NOT_SUPPORTED`, the same with a reason, and `ER_TOO_BIG_ROWSIZE`: a column that is dropped at once stays in
/// the rows, hidden, and after very many of them none can be added or dropped until the table is rebuilt.
const NEXT_WAY: [u16; 3] = [1845, 1846, 1118];
/// In place, with reads and writes going on.
const ONLINE: &str = ", ALGORITHM=INPLACE, LOCK=NONE";
/// The same, with all rows written anew.
const REBUILD: &str = ", FORCE, ALGORITHM=INPLACE, LOCK=NONE";

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
            Self::Instant => &[", ALGORITHM=INSTANT", ONLINE, REBUILD],
            Self::Online => &[ONLINE, REBUILD],
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
                Err(SetupError::Db(DbError::Server { code, message, .. })) if NEXT_WAY.contains(&code) => reason = message,
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
