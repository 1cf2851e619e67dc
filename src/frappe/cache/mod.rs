//! Frappe's caches, as far as we must speak to them: entries are dropped, never written, and always after the commit.
//!
//! A drop before the commit could be undone by a request that still reads the old row. Values are Python pickles and none of
//! our business.

mod keys;

use std::sync::Arc;

use redis::Pipeline;
use serde_json::json;

pub use super::redis_link::RedisDown;

use super::redis_link::Link;
use super::site_config::SiteConfig;

/// Names of one DELETE; keeps a command under a few hundred kilobytes.
const CHUNK: usize = 500;
/// Keys that Redis looks at in one step of a SCAN.
const SCAN_STEP: usize = 1000;

/// A site's entries in the bench's cache. Cheap to clone; clones share one connection.
#[derive(Clone)]
pub struct Caches {
    /// `<db_name>|`, which begins every key of this site.
    prefix: Arc<str>,
    site: Arc<str>,
    link: Arc<Link>,
}

impl std::fmt::Debug for Caches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caches").field("site", &self.site).finish_non_exhaustive()
    }
}

impl Caches {
    /// The cache that the site's configuration names; it is connected to when first needed.
    #[must_use]
    pub fn connect(config: &SiteConfig) -> Self {
        Self {
            prefix: format!("{}|", config.text("db_name").unwrap_or_default()).into(),
            site: config.site.as_str().into(),
            link: Arc::new(Link::new(config, "redis_cache", config.redis_cache())),
        }
    }

    /// Asks whether the cache can be reached: while it cannot, rows that Frappe caches should not be written.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn ping(&self) -> Result<(), RedisDown> {
        let mut ping = redis::pipe();
        ping.cmd("PING");
        self.link.send(ping).await.map(drop)
    }

    /// Drops documents of an ordinary DocType.
    ///
    /// # Errors
    /// When the cache cannot be reached; nothing may be taken for dropped then.
    pub async fn document(&self, doctype: &str, names: &[impl AsRef<str> + Sync]) -> Result<(), RedisDown> {
        for names in names.chunks(CHUNK) {
            let fields = names.iter().map(|name| format!("{doctype}::{}", name.as_ref()));
            let fields: Vec<String> = fields.collect();
            let mut drops = redis::pipe();
            drops.del(self.keys(fields.iter().map(|field| format!("document_cache::{field}"))));
            drops.hdel(self.key("document_cache"), &fields);
            drops.hdel(self.key("last_modified"), doctype);
            self.link.send(drops).await?;
        }
        Ok(())
    }

    /// Drops a Single.
    ///
    /// # Errors
    /// When the cache cannot be reached.
    pub async fn single(&self, doctype: &str) -> Result<(), RedisDown> {
        self.document(doctype, &[doctype]).await?;
        if doctype == "System Settings" {
            let mut drops = redis::pipe();
            drops.del(self.keys(keys::SYSTEM_SETTINGS_KEYS));
            self.link.send(drops).await?;
        }
        Ok(())
    }

    /// Drops what follows from DocTypes whose fields, permissions, links, scripts or table changed, or that came or went:
    /// their metadata, every cached document of theirs, and everybody's boot information and permission digests.
    /// A child table's parents must be named too: their metadata holds the child's.
    ///
    /// # Errors
    /// When the cache cannot be reached.
    pub async fn doctype_changed(&self, doctypes: &[&str]) -> Result<(), RedisDown> {
        if doctypes.is_empty() {
            return Ok(());
        }
        let mut drops = redis::pipe();
        for hash in keys::DOCTYPE_HASHES {
            drops.hdel(self.key(hash), doctypes);
            drops.del(self.keys(doctypes.iter().map(|doctype| format!("{hash}::{doctype}"))));
        }
        for doctype in doctypes {
            drops.hdel(self.key("table_columns"), format!("tab{doctype}"));
            drops.del(self.key(&format!("table_columns::tab{doctype}")));
        }
        drops.del(self.keys(keys::SITE_KEYS));
        self.link.send(drops).await?;
        for doctype in doctypes {
            self.drop_matching(&format!("document_cache::{}::*", keys::escape(doctype)), |_| true)
                .await?;
            self.drop_fields("document_cache", &format!("{}::*", keys::escape(doctype)))
                .await?;
        }
        self.drop_matching("user:*", |key| {
            keys::USER_DIGESTS.iter().any(|digest| key.ends_with(&format!(":{digest}")))
        })
        .await?;
        Ok(())
    }

    /// Drops what follows from users' roles, User Permissions, defaults and own rows.
    ///
    /// # Errors
    /// When the cache cannot be reached.
    pub async fn users_changed(&self, users: &[impl AsRef<str> + Sync]) -> Result<(), RedisDown> {
        for users in users.chunks(CHUNK) {
            let users: Vec<&str> = users.iter().map(AsRef::as_ref).collect();
            let mut drops = redis::pipe();
            for hash in keys::USER_HASHES {
                drops.hdel(self.key(hash), &users);
            }
            drops.del(self.keys(users.iter().map(|user| format!("defaults::{user}"))));
            drops.del(self.key("users_for_mentions"));
            self.link.send(drops).await?;
            self.document("User", &users).await?;
            self.drop_matching("user:*", |key| {
                users.iter().any(|user| {
                    key.strip_prefix("user:")
                        .and_then(|rest| rest.strip_prefix(user))
                        .is_some_and(|rest| rest.starts_with(':'))
                })
            })
            .await?;
        }
        Ok(())
    }

    /// Like [`Self::users_changed`] for one.
    ///
    /// # Errors
    /// When the cache cannot be reached.
    pub async fn user_changed(&self, user: &str) -> Result<(), RedisDown> {
        self.users_changed(&[user]).await
    }

    /// Drops all of the site's entries but those that hold what the database does not have yet, and tells the workers of
    /// version 16 to forget what they keep in memory. Gives the number of keys dropped.
    ///
    /// # Errors
    /// When the cache cannot be reached.
    pub async fn drop_everything(&self) -> Result<u64, RedisDown> {
        let dropped = self.drop_matching("*", |key| !keys::is_kept(key)).await?;
        let mut tell = redis::pipe();
        tell.publish(
            "clear_persistent_cache",
            json!({"doctype": null, "site": &*self.site}).to_string(),
        );
        self.link.send(tell).await?;
        Ok(dropped)
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn keys<K: AsRef<str>>(&self, keys: impl IntoIterator<Item = K>) -> Vec<String> {
        keys.into_iter().map(|key| self.key(key.as_ref())).collect()
    }

    /// Drops the keys of this site that match the pattern (which follows the prefix) and are wanted.
    async fn drop_matching(&self, pattern: &str, wanted: impl Fn(&str) -> bool) -> Result<u64, RedisDown> {
        let pattern = format!("{}{pattern}", keys::escape(&self.prefix));
        let mut dropped = 0;
        let mut cursor = 0;
        loop {
            let mut scan = redis::pipe();
            scan.cmd("SCAN")
                .arg(cursor)
                .arg("MATCH")
                .arg(&pattern)
                .arg("COUNT")
                .arg(SCAN_STEP);
            let (next, found) = self.step(scan).await?;
            let doomed = found.iter().filter(|key| {
                // A key that is no text is not one of Frappe's.
                std::str::from_utf8(key)
                    .ok()
                    .and_then(|key| key.strip_prefix(&*self.prefix))
                    .is_some_and(&wanted)
            });
            let doomed: Vec<&Vec<u8>> = doomed.collect();
            if !doomed.is_empty() {
                let mut drops = redis::pipe();
                drops.del(&doomed);
                self.link.send(drops).await?;
                dropped += doomed.len() as u64;
            }
            if next == 0 {
                return Ok(dropped);
            }
            cursor = next;
        }
    }

    /// Drops the fields of a hash of this site that match the pattern.
    async fn drop_fields(&self, hash: &str, pattern: &str) -> Result<(), RedisDown> {
        let hash = self.key(hash);
        let mut cursor = 0;
        loop {
            let mut scan = redis::pipe();
            scan.cmd("HSCAN")
                .arg(&hash)
                .arg(cursor)
                .arg("MATCH")
                .arg(pattern)
                .arg("COUNT")
                .arg(SCAN_STEP);
            let (next, found) = self.step(scan).await?;
            // Fields and values take turns.
            let fields: Vec<&Vec<u8>> = found.iter().step_by(2).collect();
            if !fields.is_empty() {
                let mut drops = redis::pipe();
                drops.hdel(&hash, fields);
                self.link.send(drops).await?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }

    /// One step of a SCAN or HSCAN: the next cursor, which is 0 at the end, and what was found.
    async fn step(&self, scan: Pipeline) -> Result<(u64, Vec<Vec<u8>>), RedisDown> {
        let answer = self.link.send(scan).await?.pop();
        // A hash that is no hash in this version has no fields.
        Ok(answer
            .and_then(Result::ok)
            .and_then(|answer| redis::from_redis_value(answer).ok())
            .unwrap_or_default())
    }
}
