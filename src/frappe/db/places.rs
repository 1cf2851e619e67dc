//! The places of connections: each open one has its place, from before it is opened until it is closed.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mysql_async::Conn;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// An idle connection is closed after this long.
const IDLE_LIMIT: Duration = Duration::from_secs(30);
/// How long the goodbye to the server may take before the connection is closed without it.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// So many places, and who has them.
#[derive(Debug)]
pub(super) struct Places {
    max: usize,
    taken: Mutex<Taken>,
    /// Told when a place becomes free, or the connection in one idle.
    moved: Notify,
    /// Statements that were sent over all connections.
    statements: AtomicU64,
}

#[derive(Debug, Default)]
struct Taken {
    /// By connections in use, idle, being opened or being closed.
    count: usize,
    /// The longest idle first.
    idle: VecDeque<IdleConn>,
    reaper_runs: bool,
}

/// A place, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place(Weak<Places>);

/// A connection in its place.
#[derive(Debug)]
pub(super) struct OpenConn {
    pub(super) conn: Conn,
    pub(super) place: Place,
    /// The largest packet that the server takes, once it was asked.
    pub(super) packet: Option<usize>,
}

/// A connection that nobody uses.
#[derive(Debug)]
pub(super) struct IdleConn {
    key: Arc<str>,
    pub(super) open: OpenConn,
    pub(super) since: Instant,
    /// Another one to the same database broke meanwhile: whether this one lives is asked before it is used.
    pub(super) is_suspect: bool,
}

impl Places {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            taken: Mutex::default(),
            moved: Notify::new(),
            statements: AtomicU64::new(0),
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a statement.
    pub(super) fn count_statement(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// Number of statements that were sent.
    pub(super) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Number of idle connections.
    pub(super) fn idle(&self) -> usize {
        self.taken().idle.len()
    }

    /// The idle connection to `key` that was used last.
    pub(super) fn take_idle(&self, key: &str) -> Option<IdleConn> {
        let mut taken = self.taken();
        let at = taken.idle.iter().rposition(|one| &*one.key == key)?;
        taken.idle.remove(at)
    }

    /// A place for one more connection. Where all are taken, the longest idle connection is closed for it. Where none idles,
    /// one is being closed: at most `max` may ask at a time, the users of connections among them.
    pub(super) async fn take(self: &Arc<Self>) -> Place {
        loop {
            // Before the look, so that nothing that happens after it is missed.
            let moved = self.moved.notified();
            let oldest = {
                let mut taken = self.taken();
                if taken.count < self.max {
                    taken.count += 1;
                    return Place(Arc::downgrade(self));
                }
                taken.idle.pop_front()
            };
            match oldest {
                Some(oldest) => oldest.open.close().await,
                None => moved.await,
            }
        }
    }

    /// Keeps a connection to `key` for the next one who wants it.
    pub(super) fn put_back(self: &Arc<Self>, key: &Arc<str>, open: OpenConn) {
        let mut taken = self.taken();
        taken.idle.push_back(IdleConn {
            key: Arc::clone(key),
            open,
            since: Instant::now(),
            is_suspect: false,
        });
        self.moved.notify_waiters();
        if !taken.reaper_runs
            && let Ok(runtime) = Handle::try_current()
        {
            taken.reaper_runs = true;
            runtime.spawn(reap(Arc::downgrade(self)));
        }
    }

    /// A connection to `key` broke: the idle ones may be gone as well.
    pub(super) fn suspect(&self, key: &str) {
        for idle in self.taken().idle.iter_mut().filter(|one| &*one.key == key) {
            idle.is_suspect = true;
        }
    }

    /// Takes out what has idled too long, and tells when the next one will have; none when nothing idles any more.
    fn expired(&self) -> (Vec<IdleConn>, Option<Instant>) {
        let mut taken = self.taken();
        let old = taken.idle.iter().take_while(|one| one.since.elapsed() >= IDLE_LIMIT).count();
        let expired = taken.idle.drain(..old).collect();
        let next = taken.idle.front().map(|oldest| oldest.since + IDLE_LIMIT);
        taken.reaper_runs = next.is_some();
        (expired, next)
    }
}

/// Closes idle connections as their time comes, and ends when there are none or all of this is gone.
async fn reap(places: Weak<Places>) {
    loop {
        let Some((expired, next)) = places.upgrade().map(|places| places.expired()) else {
            return;
        };
        for one in expired {
            one.open.discard();
        }
        let Some(next) = next else { return };
        tokio::time::sleep_until(next).await;
    }
}

impl OpenConn {
    /// Says goodbye; the place is free when that is done.
    pub(super) async fn close(self) {
        let Self { conn, place, .. } = self;
        // Without an answer the connection is dropped, which the server notices as well.
        let _farewell = timeout(CLOSE_TIMEOUT, conn.disconnect()).await;
        drop(place);
    }

    /// Closes it, with nobody waiting for that.
    pub(super) fn discard(self) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(self.close());
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(places) = self.0.upgrade() {
            places.taken().count -= 1;
            places.moved.notify_waiters();
        }
    }
}
