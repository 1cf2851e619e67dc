//! Webhooks of a repository or an organisation, and what was delivered by them.

use chrono::{DateTime, Utc};

use super::{Account, Repository};

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
    /// What was delivered, the oldest first.
    pub deliveries: Vec<HookAttempt>,
    /// How what is delivered again is answered. The fake sends nothing itself: a test that wants it to arrive sends it.
    pub redelivered: u16,
}

/// One attempt to deliver something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookAttempt {
    /// Database id.
    pub id: u64,
    /// Of what was delivered, whichever attempt it was.
    pub guid: String,
    /// When.
    pub delivered_at: DateTime<Utc>,
    /// Somebody asked for it again.
    pub redelivery: bool,
    /// How it was answered; 0 for not at all.
    pub status_code: u16,
    /// Name of the event.
    pub event: String,
    /// What happened.
    pub action: Option<String>,
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
            deliveries: Vec::new(),
            redelivered: 200,
        }
    }

    /// Notes a delivery of `event` that was answered with `status_code`; gives GitHub's number of it.
    pub fn delivered(&mut self, guid: &str, event: &str, at: DateTime<Utc>, status_code: u16) -> u64 {
        let id = self.next_delivery_id();
        self.last_response = Some(status_code);
        self.deliveries.push(HookAttempt {
            id,
            guid: guid.to_owned(),
            delivered_at: at,
            redelivery: false,
            status_code,
            event: event.to_owned(),
            action: None,
        });
        id
    }

    /// Delivers an attempt once more.
    pub(crate) fn redeliver(&mut self, id: u64, at: DateTime<Utc>) {
        let Some(before) = self.deliveries.iter().find(|one| one.id == id).cloned() else {
            return;
        };
        self.last_response = Some(self.redelivered);
        let again = HookAttempt {
            id: self.next_delivery_id(),
            delivered_at: at,
            redelivery: true,
            status_code: self.redelivered,
            ..before
        };
        self.deliveries.push(again);
    }

    fn next_delivery_id(&self) -> u64 {
        let last = self.deliveries.iter().map(|one| one.id).max();
        last.map_or_else(|| self.id * 100_000, |id| id + 1)
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

impl Account {
    /// Adds a hook of an organisation that delivers JSON to `url`.
    pub fn add_hook(&mut self, url: &str) -> &mut Hook {
        let mut hook = Hook::new(self.next_hook_id(), url, self.updated_at);
        "json".clone_into(&mut hook.content_type);
        self.hooks.push(hook);
        let place = self.hooks.len() - 1;
        &mut self.hooks[place]
    }

    /// The id that the next hook gets.
    #[must_use]
    pub(crate) fn next_hook_id(&self) -> u64 {
        let last = self.hooks.iter().map(|hook| hook.id).max();
        last.map_or_else(|| super::ids::organization_hook(self.id, 1), |id| id + 1)
    }
}
