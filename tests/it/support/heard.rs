//! What long work says while a test listens.

use erpnext_github::telemetry::Reporter;
use tokio::sync::watch;

/// Keeps every message.
pub(crate) struct Heard(watch::Sender<Vec<String>>);

impl Heard {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }

    /// Waits for a message that holds `part`, said now or before.
    pub(crate) async fn until(&self, part: &str) {
        let mut messages = self.0.subscribe();
        let said = messages.wait_for(|messages| messages.iter().any(|message| message.contains(part)));
        // The sender lives as long as `self`.
        let _said = said.await;
    }
}

impl Reporter for Heard {
    fn started(&self, _total: Option<u64>, _what: &str) {}
    fn expects(&self, _total: u64) {}
    fn advanced(&self, _count: u64) {}
    fn message(&self, text: &str) {
        self.0.send_modify(|messages| messages.push(text.to_owned()));
    }
    fn finished(&self) {}
}
