//! Webhooks of a repository.

use chrono::{DateTime, Utc};

use super::Repository;

/// A webhook.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Database id.
    pub id: u64,
    /// Where deliveries go.
    pub url: String,
    /// `json` or `form`.
    pub content_type: String,
    /// What deliveries are signed with: kept so that a test can compare, never shown. These are made-up words, never real secrets.
    pub secret: Option<String>,
    /// `0`, or `1` where certificates are not checked.
    pub insecure_ssl: String,
    /// Names of events.
    pub events: Vec<String>,
    /// Deliveries are sent.
    pub active: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed.
    pub updated_at: DateTime<Utc>,
    /// How often it was pinged.
    pub pings: u64,
    /// How the last delivery was answered; none before the first.
    pub last_response: Option<u16>,
}

impl Hook {
    /// An active hook for pushes, without a secret.
    #[must_use]
    pub fn new(id: u64, url: &str, at: DateTime<Utc>) -> Self {
        Self {
            id,
            url: url.to_owned(),
            content_type: "form".to_owned(),
            secret: None,
            insecure_ssl: "0".to_owned(),
            events: vec!["push".to_owned()],
            active: true,
            created_at: at,
            updated_at: at,
            pings: 0,
            last_response: None,
        }
    }

    /// Sets what deliveries are signed with.
    pub fn with_secret(&mut self, secret: &str) -> &mut Self {
        self.secret = Some(secret.to_owned());
        self
    }

    /// Sets the events.
    pub fn for_events(&mut self, events: &[&str]) -> &mut Self {
        self.events = events.iter().map(|&event| event.to_owned()).collect();
        self
    }
}

impl Repository {
    /// Adds a hook that delivers JSON to `url`.
    pub fn add_hook(&mut self, url: &str) -> &mut Hook {
        let mut hook = Hook::new(self.next_hook_id(), url, self.now());
        "json".clone_into(&mut hook.content_type);
        self.hooks.push(hook);
        let place = self.hooks.len() - 1;
        &mut self.hooks[place]
    }

    /// The id that the next hook gets; ids are not used twice while a later hook lives.
    #[must_use]
    pub(crate) fn next_hook_id(&self) -> u64 {
        let last = self.hooks.iter().map(|hook| hook.id).max();
        last.map_or_else(|| super::ids::hook(self.id, 1), |id| id + 1)
    }
}
