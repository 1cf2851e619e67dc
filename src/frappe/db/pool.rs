//! One bounded set of connections, shared by all sites.
//!
//! Every site has its own database and user, so that a pool a site would multiply the connections by the sites. Here one
//! number bounds them all: a site that needs a connection when all are open takes the place of the one that has idled longest.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{ClientIdentity, Conn, Opts, OptsBuilder, SslOpts};
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::conn::{DbConn, Tx};
use super::fence::Fence;
use super::places::{OpenConn, Places};
use super::spec::{DbSpec, DbTls, Endpoint};
use super::{DbError, Params, Row};

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// An idle connection younger than this is handed out without asking whether it still lives.
const TRUST_LIMIT: Duration = Duration::from_millis(500);
/// Prepared statements kept per connection; full pages reuse a handful of shapes.
const STATEMENT_CACHE: usize = 128;

/// All connections of this process.
#[derive(Debug, Clone)]
pub struct Databases(Arc<Shared>);

/// One site's database.
#[derive(Debug, Clone)]
pub struct Db {
    shared: Arc<Shared>,
    spec: Arc<DbSpec>,
    key: Arc<str>,
    /// Which of the spec's users was let in last: the first to try.
    user: Arc<AtomicUsize>,
    /// What every write must find to be still so.
    fence: Option<Arc<Fence>>,
}

/// What the handles share.
#[derive(Debug)]
struct Shared {
    max: usize,
    /// A permit a connection in use: who waits for one is served in turn.
    in_use: Arc<Semaphore>,
    places: Arc<Places>,
}

impl Databases {
    /// At most `max` connections at any time, to all sites together.
    #[must_use]
    pub fn new(max: usize) -> Self {
        let max = max.max(1);
        Self(Arc::new(Shared {
            max,
            in_use: Arc::new(Semaphore::new(max)),
            places: Places::new(max),
        }))
    }

    /// A handle for one site; nothing is connected yet.
    #[must_use]
    pub fn site(&self, spec: DbSpec) -> Db {
        let key = format!("{}|{}|{}", spec.endpoint, spec.database, spec.users.join(",")).into();
        Db {
            shared: Arc::clone(&self.0),
            spec: Arc::new(spec),
            key,
            user: Arc::default(),
            fence: None,
        }
    }

    /// Number of idle connections, for `/metrics` and tests.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.0.places.idle()
    }

    /// Number of statements that were sent since the beginning, for `/metrics` and tests.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.0.places.statements()
    }

    /// Number of connections in use.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.0.max - self.0.in_use.available_permits()
    }
}

impl Db {
    /// Where this database is.
    #[must_use]
    pub fn spec(&self) -> &DbSpec {
        &self.spec
    }

    /// Borrows a connection, waiting for one when all are in use.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses us.
    pub async fn conn(&self) -> Result<DbConn, DbError> {
        let permit = Arc::clone(&self.shared.in_use)
            .acquire_owned()
            .await
            .map_err(|closed| DbError::Lost {
                what: "waiting for a connection",
                reason: closed.to_string(),
            })?;
        let conn = loop {
            match self.shared.places.take_idle(&self.key) {
                Some(idle) if !idle.is_suspect && idle.since.elapsed() < TRUST_LIMIT => break idle.open,
                Some(mut idle) => {
                    if timeout(CONNECT_TIMEOUT, idle.open.conn.ping())
                        .await
                        .is_ok_and(|pong| pong.is_ok())
                    {
                        break idle.open;
                    }
                    idle.open.close().await;
                }
                None => {
                    let place = self.shared.places.take().await;
                    let conn = self.connect().await?;
                    break OpenConn {
                        conn,
                        place,
                        packet: None,
                    };
                }
            }
        };
        Ok(DbConn::new(
            conn,
            Arc::clone(&self.key),
            Arc::clone(&self.shared.places),
            permit,
        ))
    }

    /// The same database for what must be noted whoever has taken the work over meanwhile.
    #[must_use]
    pub fn unfenced(&self) -> Self {
        Self {
            fence: None,
            ..self.clone()
        }
    }

    /// The same database for work that stands on `fence`: each transaction, and each statement that commits by itself, holds it until its
    /// end. A connection that is borrowed with [`Self::conn`] knows nothing of it.
    #[must_use]
    pub fn fenced(&self, fence: Fence) -> Self {
        Self {
            fence: Some(Arc::new(fence)),
            ..self.clone()
        }
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// As [`DbError`] says; [`DbError::Fenced`] where the work belongs to another process by now.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        let mut tx = Tx::begin(self.conn().await?).await?;
        if let Some(fence) = &self.fence {
            fence.hold(&mut tx).await?;
        }
        Ok(tx)
    }

    /// Rows of one statement on a connection of its own.
    ///
    /// # Errors
    /// As [`DbError`] says.
    pub async fn rows(&self, what: &'static str, sql: &str, params: impl Into<Params> + Send) -> Result<Vec<Row>, DbError> {
        self.conn().await?.rows(what, sql, params).await
    }

    /// First row of one statement on a connection of its own.
    ///
    /// # Errors
    /// As [`DbError`] says.
    pub async fn row(&self, what: &'static str, sql: &str, params: impl Into<Params> + Send) -> Result<Option<Row>, DbError> {
        self.conn().await?.row(what, sql, params).await
    }

    /// One statement, on a connection of its own, that commits by itself; gives the number of rows changed.
    ///
    /// # Errors
    /// As [`DbError`] says.
    pub async fn exec(&self, what: &'static str, sql: &str, params: impl Into<Params> + Send) -> Result<u64, DbError> {
        if self.fence.is_none() {
            return self.conn().await?.exec(what, sql, params).await;
        }
        let mut tx = self.begin().await?;
        let changed = tx.exec(what, sql, params).await?;
        tx.commit().await?;
        Ok(changed)
    }

    async fn connect(&self) -> Result<Conn, DbError> {
        let mut refusal = None;
        let users = &self.spec.users;
        let first = self.user.load(Ordering::Relaxed);
        for (at, user) in users.iter().enumerate().cycle().skip(first).take(users.len()) {
            match timeout(CONNECT_TIMEOUT, Conn::new(options(&self.spec, user))).await {
                Ok(Ok(conn)) => {
                    self.user.store(at, Ordering::Relaxed);
                    return Ok(conn);
                }
                Ok(Err(error)) => {
                    let error = DbError::of_connect(&self.spec, user, error);
                    if !matches!(error, DbError::Refused { .. }) {
                        return Err(error);
                    }
                    refusal.get_or_insert(error);
                }
                Err(_elapsed) => {
                    return Err(DbError::Unreachable {
                        site: self.spec.site.clone(),
                        endpoint: self.spec.endpoint.to_string(),
                        reason: format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()),
                    });
                }
            }
        }
        Err(refusal.unwrap_or_else(|| DbError::Unreachable {
            site: self.spec.site.clone(),
            endpoint: self.spec.endpoint.to_string(),
            reason: "no database user is configured".to_owned(),
        }))
    }
}

fn options(spec: &DbSpec, user: &str) -> Opts {
    let builder = OptsBuilder::default()
        .user(Some(user))
        .pass(Some(spec.password.expose_secret()))
        .db_name(Some(&spec.database))
        .prefer_socket(Some(false))
        .stmt_cache_size(Some(STATEMENT_CACHE))
        // The session speaks as Frappe's does, in UTC; strict, so that a value that does not fit is refused and never cut.
        .setup(vec!["SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci, time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'"]);
    let builder = match &spec.endpoint {
        Endpoint::Tcp(host, port) => builder.ip_or_hostname(host.clone()).tcp_port(*port),
        Endpoint::Socket(path) => builder.socket(Some(path.display().to_string())),
    };
    match &spec.tls {
        Some(tls) => builder.ssl_opts(Some(tls_options(tls))).into(),
        None => builder.into(),
    }
}

fn tls_options(tls: &DbTls) -> SslOpts {
    SslOpts::default()
        .with_root_certs(vec![tls.ca.clone().into()])
        .with_client_identity(Some(ClientIdentity::new(tls.cert.clone().into(), tls.key.clone().into())))
        .with_danger_skip_domain_validation(!tls.check_hostname)
}
