//! A Redis of a test's own: on a socket in a temporary folder, gone with the value.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, Client};

/// A running Redis.
pub(crate) struct RedisServer {
    folder: tempfile::TempDir,
    child: Child,
}

impl RedisServer {
    /// Starts one and waits until it answers.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let child = Self::spawn(&folder);
        let server = Self { folder, child };
        server.wait().await;
        server
    }

    fn spawn(folder: &tempfile::TempDir) -> Child {
        Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(folder.path().join("redis.sock"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server can be started")
    }

    async fn wait(&self) {
        let limit = Instant::now() + Duration::from_secs(20);
        while Client::open(self.url())
            .expect("an address")
            .get_multiplexed_async_connection()
            .await
            .is_err()
        {
            assert!(Instant::now() < limit, "redis-server answers within 20 s");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Its address, as a site's configuration names it.
    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.folder.path().join("redis.sock").display())
    }

    /// Stops it; what it held is lost.
    pub(crate) fn stop(&mut self) {
        self.child.kill().expect("it can be stopped");
        self.child.wait().expect("it stops");
    }

    /// Starts it again.
    pub(crate) async fn start_again(&mut self) {
        self.child = Self::spawn(&self.folder);
        self.wait().await;
    }

    /// A connection of the test's own.
    pub(crate) async fn conn(&self) -> MultiplexedConnection {
        let client = Client::open(self.url()).expect("an address");
        client.get_multiplexed_async_connection().await.expect("it answers")
    }

    /// Puts values there as Frappe would: plain keys, and `hash/field` for fields of a hash.
    pub(crate) async fn fill(&self, keys: &[&str]) {
        let mut conn = self.conn().await;
        for key in keys {
            let () = match key.split_once("/@") {
                Some((hash, field)) => conn.hset(hash, field, "pickle").await.expect("set"),
                None => conn.set(key, "pickle").await.expect("set"),
            };
        }
    }

    /// What is left, in the form of [`Self::fill`], sorted.
    pub(crate) async fn left(&self) -> Vec<String> {
        let mut conn = self.conn().await;
        let mut left = Vec::new();
        for key in conn.keys::<_, Vec<String>>("*").await.expect("listed") {
            match conn.key_type(&key).await.expect("typed") {
                redis::ValueType::Hash => {
                    let fields: Vec<String> = conn.hkeys(&key).await.expect("listed");
                    left.extend(fields.into_iter().map(|field| format!("{key}/@{field}")));
                }
                _ => left.push(key),
            }
        }
        left.sort();
        left
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // It may have been stopped already.
        let _stopped = self.child.kill().and_then(|()| self.child.wait());
    }
}
