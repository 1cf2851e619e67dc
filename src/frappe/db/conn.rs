//! A borrowed connection, and a transaction on one.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use mysql_async::prelude::{FromRow, Queryable};
use mysql_async::{Conn, Params, Row, Statement, Value};
use tokio::sync::OwnedSemaphorePermit;

use super::DbError;
use super::places::{OpenConn, Places};

/// A connection that is ours until it is dropped. It goes back to the others unless a call on it was cut short.
#[derive(Debug)]
pub struct DbConn {
    inner: Option<OpenConn>,
    key: Arc<str>,
    places: Arc<Places>,
    /// A call is under way: a connection dropped in this state is closed, not given to the next one.
    busy: bool,
    _permit: OwnedSemaphorePermit,
}

impl DbConn {
    pub(super) fn new(conn: OpenConn, key: Arc<str>, places: Arc<Places>, permit: OwnedSemaphorePermit) -> Self {
        Self {
            inner: Some(conn),
            key,
            places,
            busy: false,
            _permit: permit,
        }
    }

    /// Runs a statement and gives all rows of its answer. `what` is for messages: a verb phrase such as "reading issues".
    ///
    /// # Errors
    /// As [`DbError`] says.
    pub async fn rows(&mut self, what: &'static str, sql: &str, params: impl Into<Params> + Send) -> Result<Vec<Row>, DbError> {
        let params = params.into();
        self.call(what, async |conn| {
            if params == Params::Empty {
                return conn.query(sql).await;
            }
            let statement: Statement = conn.prep(sql).await?;
            conn.exec(&statement, params).await
        })
        .await
    }

    /// Like [`Self::rows`] for the first row alone.
    ///
    /// # Errors
    /// As [`DbError`] says.
    pub async fn row(&mut self, what: &'static str, sql: &str, params: impl Into<Params> + Send) -> Result<Option<Row>, DbError> {
        Ok(self.rows(what, sql, params).await?.into_iter().next())
    }

    /// Runs a statement and gives the number of rows that it changed.
    ///
    /// # Errors
    /// As [`DbError`] says.
    pub async fn exec(&mut self, what: &'static str, sql: &str, params: impl Into<Params> + Send) -> Result<u64, DbError> {
        let params = params.into();
        self.call(what, async |conn| {
            if params == Params::Empty {
                conn.query_drop(sql).await?;
            } else {
                conn.exec_drop(sql, params).await?;
            }
            Ok(conn.affected_rows())
        })
        .await
    }

    /// The largest packet in bytes that the server takes on this connection: it is asked once, and a statement with its values must be smaller.
    ///
    /// # Errors
    /// As [`DbError`] says.
    pub async fn packet(&mut self) -> Result<usize, DbError> {
        if let Some(known) = self.inner.as_ref().and_then(|open| open.packet) {
            return Ok(known);
        }
        let row = self
            .row(
                "reading max_allowed_packet",
                "SELECT CAST(@@max_allowed_packet AS UNSIGNED)",
                (),
            )
            .await?;
        let bytes = row.map_or(0, |row| <(u64,)>::from_row(row).0);
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        if let Some(open) = self.inner.as_mut() {
            open.packet = Some(bytes);
        }
        Ok(bytes)
    }

    /// The server's id of this connection, as `SHOW PROCESSLIST` prints it.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.inner.as_ref().map_or(0, |open| open.conn.id())
    }

    async fn call<T>(
        &mut self,
        what: &'static str,
        work: impl AsyncFnOnce(&mut Conn) -> Result<T, mysql_async::Error>,
    ) -> Result<T, DbError> {
        let Some(OpenConn { conn, .. }) = self.inner.as_mut() else {
            return Err(DbError::Lost {
                what,
                reason: "already closed".to_owned(),
            });
        };
        self.busy = true;
        self.places.count_statement();
        match work(conn).await {
            Ok(value) => {
                self.busy = false;
                Ok(value)
            }
            Err(error) => {
                let error = DbError::of(what, error);
                // A refusal leaves the connection usable; after anything else nobody knows what state it is in.
                self.busy = error.refusal().is_none();
                Err(error)
            }
        }
    }

    /// Marks the connection as one that must not be used again.
    fn spoil(&mut self) {
        self.busy = true;
    }
}

impl Drop for DbConn {
    fn drop(&mut self) {
        if let Some(conn) = self.inner.take() {
            if self.busy {
                self.places.suspect(&self.key);
                conn.discard();
            } else {
                self.places.put_back(&self.key, conn);
            }
        }
    }
}

/// The values of a row, in the order of its columns; a value that was taken out before is NULL.
#[must_use]
pub fn values(row: Row) -> Vec<Value> {
    row.unwrap_raw()
        .into_iter()
        .map(|value| value.unwrap_or(Value::NULL))
        .collect()
}

/// An open transaction. Dropped without [`Tx::commit`], it is rolled back by closing its connection.
#[derive(Debug)]
pub struct Tx {
    conn: DbConn,
    open: bool,
}

impl Tx {
    pub(super) async fn begin(mut conn: DbConn) -> Result<Self, DbError> {
        conn.exec("beginning a transaction", "START TRANSACTION", ()).await?;
        Ok(Self { conn, open: true })
    }

    /// Makes the changes permanent.
    ///
    /// # Errors
    /// As [`DbError`] says; a conflict at commit is transient.
    pub async fn commit(mut self) -> Result<(), DbError> {
        self.conn.exec("committing", "COMMIT", ()).await?;
        self.open = false;
        Ok(())
    }

    /// Undoes the changes and keeps the connection.
    ///
    /// # Errors
    /// As [`DbError`] says.
    pub async fn rollback(mut self) -> Result<(), DbError> {
        self.conn.exec("rolling back", "ROLLBACK", ()).await?;
        self.open = false;
        Ok(())
    }
}

impl Deref for Tx {
    type Target = DbConn;

    fn deref(&self) -> &DbConn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut DbConn {
        &mut self.conn
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.open {
            self.conn.spoil();
        }
    }
}
