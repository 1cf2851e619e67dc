//! The tokens of installations, kept in this process while they are good.
//!
//! Asked for once however many want one at the same time, made anew five minutes before their end, and forgotten as soon as GitHub
//! refuses them. A token is found by the site, the App and its key, the GitHub, the installation and what it is for: never one
//! site's by another.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::ending::Held;
use super::narrowing::Narrowing;
use super::refusal::{is_of_installation, is_of_permissions};
use crate::domain::{Grants, Installation};
use crate::github::client::{Client, Fetched, Request};
use crate::github::error::GithubError;
use crate::github::renewable::Pass;

/// So long before its end a token is made anew.
const EARLY: TimeDelta = TimeDelta::minutes(5);
/// Tokens that are kept at a time before those are looked for that nobody uses.
const MANY: usize = 256;

/// All of a process. Clones are the same.
#[derive(Clone, Default)]
pub struct InstallationTokens(pub(super) Arc<Mutex<HashMap<Key, Arc<Entry>>>>);

/// What a token is found by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) site: String,
    /// Of the App and its key.
    pub(super) app: String,
    pub(super) origins: String,
    pub(super) installation: u64,
    pub(super) narrowing: Narrowing,
}

impl Key {
    /// True of tokens of one installation, whatever they are for.
    fn is_beside(&self, other: &Self) -> bool {
        let is_same = |of: fn(&Self) -> &str| of(self) == of(other);
        self.installation == other.installation
            && is_same(|key| &key.site)
            && is_same(|key| &key.app)
            && is_same(|key| &key.origins)
    }
}

/// The place of one token.
#[derive(Default)]
pub(super) struct Entry {
    /// GitHub refuses the installation itself. All tokens of it share this: the next one, whatever it is for, ends it.
    is_refused: Arc<AtomicBool>,
    /// Held by who asks GitHub.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// How often GitHub was asked.
    asked: u64,
    /// What it said the last time, where that was no token: those who waited for it are told, too.
    failed: Option<GithubError>,
}

struct Token {
    secret: SecretString,
    number: u64,
    /// By our clock.
    ends_at: DateTime<Utc>,
    /// Who asked for it.
    app: Client,
}

/// GitHub's answer.
#[derive(Deserialize)]
struct Granted {
    #[serde(deserialize_with = "secret")]
    token: SecretString,
    expires_at: DateTime<Utc>,
}

/// A text that nobody shows.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

impl InstallationTokens {
    /// The place of the token that `key` stands for: the same for the same key.
    pub(super) fn entry(&self, key: Key) -> Arc<Entry> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MANY {
            entries.retain(|_, entry| Arc::strong_count(entry) > 1);
        }
        if let Some(entry) = entries.get(&key) {
            return Arc::clone(entry);
        }
        let beside = entries.iter().find(|(other, _)| other.is_beside(&key));
        let entry = Arc::new(Entry {
            is_refused: beside.map(|(_, entry)| Arc::clone(&entry.is_refused)).unwrap_or_default(),
            ..Entry::default()
        });
        entries.insert(key, Arc::clone(&entry));
        entry
    }

    /// Forgets the tokens of an installation for `site`, which may do nothing any more.
    pub fn forget(&self, site: &str, installation: u64) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|key, entry| {
            let is_it = key.site == site && key.installation == installation;
            if is_it {
                // Who holds it still asks GitHub anew, and is told.
                entry.state().token = None;
            }
            !is_it
        });
    }

    /// True where GitHub shows that what is known of `installation` is old: it gave `site` no token of it the last time, or refused one for what it is
    /// still said to be granted. That a repository was not picked tells nothing of the installation.
    #[must_use]
    pub fn is_refused(&self, site: &str, installation: &Installation) -> bool {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut its = entries
            .iter()
            .filter(|(key, _)| key.site == site && key.installation == installation.id);
        let is_granted = |wanted: &Grants| wanted.beyond(&installation.permissions).is_empty();
        its.any(|(key, entry)| {
            let not_granted = || entry.state().failed.as_ref().is_some_and(is_of_permissions);
            entry.is_refused.load(Ordering::Relaxed) || key.narrowing.permissions().is_some_and(is_granted) && not_granted()
        })
    }
}

impl fmt::Debug for InstallationTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstallationTokens(..)")
    }
}

impl Token {
    fn pass(&self) -> Pass {
        Pass {
            secret: self.secret.clone(),
            number: self.number,
        }
    }
}

impl Entry {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token that is good at `now` and for a while to come; `app` asks for it where there is none.
    pub(super) async fn pass(&self, app: &Client, wanted: (u64, &Narrowing), now: DateTime<Utc>) -> Result<Pass, GithubError> {
        let fresh = |state: &State| {
            let token = state.token.as_ref();
            token.filter(|token| now + EARLY < token.ends_at).map(Token::pass)
        };
        let asked = {
            let state = self.state();
            if let Some(pass) = fresh(&state) {
                return Ok(pass);
            }
            state.asked
        };
        let _turn = self.turn.lock().await;
        {
            let state = self.state();
            if let Some(pass) = fresh(&state) {
                return Ok(pass);
            }
            if let (true, Some(error)) = (state.asked != asked, &state.failed) {
                return Err(error.clone());
            }
        }
        let answer = app.token_of(wanted.0, wanted.1).await;
        let mut state = self.state();
        state.asked += 1;
        match answer {
            Ok(Fetched { value: granted, date }) => {
                let token = Token {
                    secret: granted.token,
                    number: state.asked,
                    // How long it lasts is said by GitHub's clock; ours only measures it.
                    ends_at: now + (granted.expires_at - date),
                    app: app.clone(),
                };
                let pass = token.pass();
                (state.token, state.failed) = (Some(token), None);
                self.is_refused.store(false, Ordering::Relaxed);
                Ok(pass)
            }
            Err(error) => {
                // What will pass is no reason to do without a token that is good for some minutes more.
                let held = state.token.as_ref().filter(|token| now < token.ends_at && error.may_pass());
                if let Some(pass) = held.map(Token::pass) {
                    tracing::warn!(error = %error, "a token is used to its end, because there is no other yet");
                    return Ok(pass);
                }
                if is_of_installation(&error) {
                    self.is_refused.store(true, Ordering::Relaxed);
                }
                (state.token, state.failed) = (None, Some(error.clone()));
                Err(error)
            }
        }
    }

    /// The token, which nobody finds here any more.
    pub(super) fn give_up(&self) -> Option<Held> {
        self.state().token.take().map(|token| Held {
            app: token.app,
            secret: token.secret,
        })
    }

    /// GitHub refused the token of that number.
    pub(super) fn refused(&self, number: u64) {
        let mut state = self.state();
        state.token.take_if(|token| token.number == number);
    }
}

impl Client {
    /// A token of an installation; this client is the App's. That a lost answer makes a second one does no harm.
    async fn token_of(&self, installation: u64, narrowing: &Narrowing) -> Result<Fetched<Granted>, GithubError> {
        let id = installation.to_string();
        let url = self.rest_url(&["app", "installations", &id, "access_tokens"], &[]);
        let request = Request::post(url, narrowing.body().to_string().into_bytes()).secret();
        self.read(&request, |answer| {
            Ok(Fetched {
                value: answer.json()?,
                date: answer.date(),
            })
        })
        .await
    }
}
