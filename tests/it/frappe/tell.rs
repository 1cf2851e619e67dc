//! What the desk's socket server gets to hear.

use std::collections::BTreeMap;

use erpnext_github::frappe::realtime::{Event, Realtime};
use erpnext_github::frappe::site_config::SiteConfig;
use futures_util::StreamExt;
use redis::Client;

use super::redis_server::RedisServer;

fn config(keys: &serde_json::Value) -> SiteConfig {
    let sites = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(sites.path().join("acme.localhost")).expect("made");
    std::fs::write(sites.path().join("acme.localhost/site_config.json"), keys.to_string()).expect("written");
    SiteConfig::read(sites.path(), "acme.localhost", &BTreeMap::new()).expect("readable")
}

/// Publishes with this configuration and version, and gives what a listener on this Redis hears.
async fn heard(redis: &RedisServer, realtime: &Realtime, major: u16, events: &[Event]) -> Vec<serde_json::Value> {
    let client = Client::open(redis.url()).expect("an address");
    let mut listener = client.get_async_pubsub().await.expect("it answers");
    listener.subscribe("events").await.expect("subscribed");
    assert!(realtime.publish(major, events).await, "told");
    let messages = listener.on_message().take(events.len());
    messages
        .map(|message| serde_json::from_slice(message.get_payload_bytes()).expect("JSON"))
        .collect()
        .await
}

#[tokio::test]
async fn each_version_is_told_where_it_listens() {
    let (queue, socketio) = (RedisServer::start().await, RedisServer::start().await);
    let config = config(&serde_json::json!({"redis_queue": queue.url(), "redis_socketio": socketio.url()}));
    let realtime = Realtime::connect(&config);
    let events = [
        Event::doc_update("Project", "PROJ-0001", "2026-01-02 03:04:05.678901"),
        Event::list_update("Project", "PROJ-0001", "Administrator"),
    ];
    let told = heard(&queue, &realtime, 15, &events).await;
    assert_eq!(told[0]["namespace"], "acme.localhost");
    assert_eq!(told[0]["room"], "doc:Project/PROJ-0001");
    assert_eq!(told[1]["event"], "list_update");
    let told = heard(&socketio, &realtime, 14, &events).await;
    assert_eq!(told[0]["namespace"], serde_json::Value::Null);
    assert_eq!(told[0]["room"], "acme.localhost:doc:Project/PROJ-0001");
}

#[tokio::test]
async fn a_bench_that_switched_it_off_hears_nothing() {
    let redis = RedisServer::start().await;
    let config = config(&serde_json::json!({"redis_queue": redis.url(), "disable_async": 1}));
    let realtime = Realtime::connect(&config);
    assert!(!realtime.publish(15, &[Event::alert("u", "x", "green")]).await);
}
