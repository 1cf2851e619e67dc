//! What the desks of a site are told while a test listens.

use std::pin::Pin;

use erpnext_github::sim::site::{RedisUrls, SiteOptions};
use futures_util::{Stream, StreamExt as _};
use serde_json::Value;

use super::TestSite;
use crate::frappe::redis_server::RedisServer;

/// A listener on the channel of a bench's socket server.
pub(crate) struct Told {
    redis: RedisServer,
    messages: Pin<Box<dyn Stream<Item = Value> + Send>>,
}

impl Told {
    /// Listens from now on.
    pub(crate) async fn listen() -> Self {
        let redis = RedisServer::start().await;
        let client = redis::Client::open(redis.url()).expect("an address");
        let mut listener = client.get_async_pubsub().await.expect("it answers");
        listener.subscribe("events").await.expect("subscribed");
        let messages = listener.into_on_message();
        let messages = messages.map(|message| serde_json::from_slice(message.get_payload_bytes()).expect("JSON"));
        Self {
            redis,
            messages: Box::pin(messages),
        }
    }

    /// The Redis that carries it.
    pub(crate) fn redis(&self) -> &RedisServer {
        &self.redis
    }

    /// The same, to stop it.
    pub(crate) fn redis_mut(&mut self) -> &mut RedisServer {
        &mut self.redis
    }

    /// A small site whose desks are told here.
    pub(crate) async fn site(&self) -> TestSite {
        let options = SiteOptions {
            redis: RedisUrls {
                cache: self.redis.url(),
                queue: self.redis.url(),
            },
            ..SiteOptions::default()
        };
        TestSite::with(erpnext_github::sim::site::FrappeMajor::V15, options).await
    }

    /// The site of the dump whose desks are told here; none where there is no dump.
    pub(crate) async fn real_site(&self, test: &str) -> Option<TestSite> {
        TestSite::from_dump_cached(test, &self.redis.url()).await
    }

    /// What was told up to the first message that `is_last`, that one included.
    pub(crate) async fn until(&mut self, is_last: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut told = Vec::new();
        while let Some(message) = self.messages.next().await {
            told.push(message);
            if told.last().is_some_and(&is_last) {
                break;
            }
        }
        told
    }

    /// What was told up to the end of the next long work, whose message this is: it has the answer or the error.
    pub(crate) async fn until_the_end(&mut self) -> (Vec<Value>, Value) {
        let told = self
            .until(|told| told["event"] == "github_progress" && told["message"]["ended"] == true)
            .await;
        let last = told.last().map(|told| told["message"].clone()).unwrap_or_default();
        (told, last)
    }
}
