//! Telling open desks what changed: messages that Frappe's socket server passes on. They may get lost, and nobody waits for them.
//!
//! Publish after the commit, as Frappe does: a form that reloads earlier would read the old row.

mod event;

use serde_json::json;

pub use event::{Event, Room};

use super::redis_link::Link;
use super::site_config::SiteConfig;

/// The channel that the socket server listens to, for all sites of a bench.
const CHANNEL: &str = "events";
/// From this version on, messages go through the queue's Redis and name their site beside the room, not in it.
const NAMESPACES_SINCE: u16 = 15;

/// The way to a site's open desks.
pub struct Realtime {
    site: String,
    off: bool,
    queue: Link,
    socketio: Link,
}

impl std::fmt::Debug for Realtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Realtime").field("site", &self.site).finish_non_exhaustive()
    }
}

impl Realtime {
    /// The servers that the site's configuration names; they are connected to when first needed.
    #[must_use]
    pub fn connect(config: &SiteConfig) -> Self {
        Self {
            site: config.site.clone(),
            off: config.realtime_is_off(),
            queue: Link::new(config, "redis_queue", config.redis_queue()),
            socketio: Link::new(config, "redis_socketio", config.redis_socketio()),
        }
    }

    /// Publishes the events for a site on this major version of Frappe. True when the server took them, which says nothing
    /// about who listens; what went wrong is logged at debug level and not told, for the work is done without it.
    pub async fn publish(&self, major: u16, events: &[Event]) -> bool {
        if self.off || events.is_empty() {
            return false;
        }
        let mut messages = redis::pipe();
        for event in events {
            messages.publish(CHANNEL, payload(&self.site, major, event));
        }
        let link = if major >= NAMESPACES_SINCE {
            &self.queue
        } else {
            &self.socketio
        };
        match link.send(messages).await {
            Ok(_) => true,
            Err(error) => {
                tracing::debug!(site = self.site, %error, "the desk was not told");
                false
            }
        }
    }
}

/// The text that the socket server of that version understands.
fn payload(site: &str, major: u16, event: &Event) -> String {
    let room = event.room.name();
    let value = if major >= NAMESPACES_SINCE {
        json!({"event": event.name, "message": event.message, "room": room, "namespace": site})
    } else {
        json!({"event": event.name, "message": event.message, "room": format!("{site}:{room}")})
    };
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_14_names_the_site_in_the_room() {
        let event = Event::doc_update("Project", "PROJ-0001", "2026-01-02 03:04:05.678901");
        assert_eq!(
            payload("acme.localhost", 14, &event),
            r#"{"event":"doc_update","message":{"modified":"2026-01-02 03:04:05.678901","doctype":"Project","name":"PROJ-0001"},"room":"acme.localhost:doc:Project/PROJ-0001"}"#
        );
    }

    #[test]
    fn later_versions_name_it_beside_the_room() {
        let event = Event::progress("jane@x.com", 40, "Syncing", "12 of 30");
        assert_eq!(
            payload("acme.localhost", 16, &event),
            r#"{"event":"progress","message":{"percent":40,"title":"Syncing","description":"12 of 30"},"room":"user:jane@x.com","namespace":"acme.localhost"}"#
        );
    }

    #[test]
    fn rooms_are_frappes() {
        let document = Room::Document {
            doctype: "Repository Issue".to_owned(),
            name: "a/b-#1".to_owned(),
        };
        assert_eq!(document.name(), "doc:Repository Issue/a/b-#1");
        assert_eq!(Event::list_update("Task", "T-1", "a@b.c").room.name(), "doctype:Task");
        assert_eq!(Room::Everybody.name(), "all");
        assert_eq!(Room::Task("7".to_owned()).name(), "task_progress:7");
        assert_eq!(Event::progress("u", 0, "", "").message["percent"], 1, "0 would not be shown");
    }

    #[tokio::test]
    async fn nobody_there_is_no_error() {
        let config = SiteConfig::for_tests(r#"{"redis_queue": "redis://127.0.0.1:1"}"#);
        assert!(
            !Realtime::connect(&config)
                .publish(15, &[Event::alert("u", "x", "green")])
                .await
        );
    }
}
