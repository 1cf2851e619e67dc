//! How far long work is, told to the one who asked for it: Frappe's progress dialog, and an event of our own for scripts.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::frappe::markup::escape;
use crate::frappe::naming::random_name;
use crate::frappe::realtime::{Event, Room};
use crate::frappe::site::Site;
use crate::telemetry::{OneOfMany, Reporter, Rows};

use super::tour::Tour;
use super::{ActionError, Call};

/// Between two messages: the desk draws two to four a second.
const PAUSE: Duration = Duration::from_millis(400);
/// Name of the event that scripts listen for.
const EVENT: &str = "github_progress";
/// Largest answer, in bytes of JSON, that an event carries whole: the site's Redis is no place for a thousand issues.
const LARGEST_ANSWER: usize = 100_000;

/// What is known of the work.
#[derive(Debug, Clone, Default)]
struct State {
    what: String,
    done: u64,
    total: Option<u64>,
    /// The first `GitHub Sync Run` that was begun for it.
    run: Option<String>,
    /// It has its run, or will have none.
    is_named: bool,
    /// Counts so far, under the names of the answer.
    counts: Map<String, Value>,
    /// Names under which rows are counted: new ones, written ones, those left alone.
    rows: Option<[&'static str; 3]>,
    /// How far a sync of all repositories is.
    tour: Option<Tour>,
    /// `answer` or `error`, once it ended.
    ended: Option<(&'static str, Value)>,
}

/// Work that somebody asked for, and how far it is. His desks are told while [`DeskProgress::tell`] runs, and those of whoever asked for
/// the same meanwhile; nobody else's (F-45).
pub(super) struct DeskProgress {
    site: Site,
    users: Mutex<Vec<String>>,
    title: String,
    job: String,
    state: watch::Sender<State>,
}

impl DeskProgress {
    /// Of work that the caller asks for; `title` heads the dialog. Where it `has_run`, a `GitHub Sync Run` will be begun for it.
    pub(super) fn of(call: &Call<'_>, title: &str, has_run: bool) -> Arc<Self> {
        Self::new(call.site.clone(), &call.caller.user, title, has_run)
    }

    /// The same for a user of a site.
    pub(super) fn new(site: Site, user: &str, title: &str, has_run: bool) -> Arc<Self> {
        let state = State {
            is_named: !has_run,
            ..State::default()
        };
        Arc::new(Self {
            site,
            users: Mutex::new(vec![user.to_owned()]),
            title: title.to_owned(),
            job: random_name(),
            state: watch::Sender::new(state),
        })
    }

    /// It is a sync of all repositories, of which the listeners of the Python app are told, too.
    pub(super) fn over_all(&self) {
        self.state.send_modify(|state| state.tour = Some(Tour::begin()));
        self.counts([("success", 0), ("failed", 0)]);
    }

    /// Rows are counted: new ones, those written again, and those left alone, under these names.
    pub(super) fn counts_rows_as(&self, names: [&'static str; 3]) {
        self.state.send_modify(|state| state.rows = Some(names));
        self.counts(names.map(|name| (name, 0)));
    }

    /// Tells that user, too.
    pub(super) fn join(&self, user: &str) {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if !users.iter().any(|one| one == user) {
            users.push(user.to_owned());
        }
    }

    /// What is done so far, under the names that the answer will have.
    pub(super) fn counts(&self, counts: impl IntoIterator<Item = (&'static str, u64)>) {
        let counts = counts.into_iter().map(|(name, count)| (name.to_owned(), count.into()));
        self.state.send_modify(|state| state.counts.extend(counts));
    }

    /// Waits until it is known which `GitHub Sync Run` was begun for it first, or that there is none.
    pub(super) async fn named(&self) {
        // The sender lives as long as `self`.
        drop(self.state.subscribe().wait_for(|state| state.is_named).await);
    }

    /// The counts so far.
    pub(super) fn so_far(&self) -> Value {
        Value::Object(self.state.borrow().counts.clone())
    }

    /// The answer while it goes on: the counts so far, and under which names it can be found again.
    pub(super) fn running(&self) -> Value {
        let mut answer = self.so_far();
        let state = self.state.borrow();
        if answer.get("success").is_none() {
            // Nothing has failed; a count of that name says more.
            answer["success"] = true.into();
        }
        answer["status"] = "running".into();
        answer["run"] = json!(state.run);
        answer["job"] = self.job.as_str().into();
        answer["message"] = format!("{}: this goes on in the background", self.title).into();
        answer
    }

    /// It ended like this, which [`DeskProgress::tell`] tells last.
    pub(super) fn end(&self, result: &Result<Value, ActionError>) {
        let ended = match result {
            Ok(answer) => ("answer", for_event(answer)),
            Err(error) => ("error", error.to_string().into()),
        };
        self.state.send_modify(|state| state.ended = Some(ended));
    }

    /// Tells what changes from now on until the work ended, not more often than the desk draws it; the last message says how it ended.
    pub(super) fn tell(self: Arc<Self>) -> impl Future<Output = ()> + Send + 'static {
        let mut changes = self.state.subscribe();
        async move {
            let mut end = changes.clone();
            while changes.changed().await.is_ok() {
                let now = changes.borrow_and_update().clone();
                if now.ended.is_some() {
                    break;
                }
                self.site.tell(&self.events(&now)).await;
                // What changes meanwhile is told after it, and the end at once.
                if tokio::time::timeout(PAUSE, end.wait_for(|state| state.ended.is_some()))
                    .await
                    .is_ok()
                {
                    break;
                }
            }
            let last = self.state.borrow().clone();
            self.site.tell(&self.events(&last)).await;
        }
    }

    fn events(&self, now: &State) -> Vec<Event> {
        let users = self.users.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut message = json!({
            "title": self.title, "what": now.what, "done": now.done, "total": now.total, "run": now.run, "job": self.job,
            "counts": now.counts,
        });
        if let Some((name, value)) = &now.ended {
            message["ended"] = true.into();
            message[*name] = value.clone();
        }
        let (percent, description) = now.dialog();
        let old = now.tour.as_ref().and_then(|tour| tour.message(now.end()));
        let mut events = Vec::with_capacity(users.len() * 3);
        for user in users {
            events.push(Event::progress(&user, percent, &self.title, &description));
            let room = Room::User(user);
            events.extend(old.clone().map(|old| Event::custom(Tour::EVENT, room.clone(), old)));
            events.push(Event::custom(EVENT, room, message.clone()));
        }
        events
    }
}

impl State {
    /// How full Frappe's dialog is, and what it says, as markup. 100 closes it, which only the end does.
    fn dialog(&self) -> (u8, String) {
        if self.ended.is_some() {
            return (100, String::new());
        }
        let percent = self
            .total
            .filter(|total| *total > 0)
            .map_or(1, |total| self.done * 100 / total);
        let description = match self.total {
            Some(total) => format!("{}: {} / {total}", self.what, self.done),
            None if self.done > 0 => format!("{}: {}", self.what, self.done),
            None => self.what.clone(),
        };
        (u8::try_from(percent).unwrap_or(99).min(99), escape(&description))
    }

    /// How it ended, once it did: well, or with a sentence.
    fn end(&self) -> Option<Result<(), &str>> {
        let (name, value) = self.ended.as_ref()?;
        Some(if *name == "error" {
            Err(value.as_str().unwrap_or_default())
        } else {
            Ok(())
        })
    }
}

impl Reporter for DeskProgress {
    fn started(&self, total: Option<u64>, what: &str) {
        self.state.send_modify(|state| {
            what.clone_into(&mut state.what);
            (state.done, state.total) = (0, total);
        });
    }

    fn expects(&self, total: u64) {
        self.state.send_modify(|state| state.total = Some(total));
    }

    fn advanced(&self, count: u64) {
        self.state.send_modify(|state| state.done += count);
    }

    fn message(&self, text: &str) {
        self.state.send_modify(|state| text.clone_into(&mut state.what));
    }

    fn finished(&self) {}

    fn begun(&self, run: &str) {
        self.state.send_modify(|state| {
            state.run.get_or_insert_with(|| run.to_owned());
            state.is_named = true;
        });
    }

    fn stored(&self, rows: Rows) {
        self.state.send_modify(|state| {
            for (name, more) in state
                .rows
                .into_iter()
                .flatten()
                .zip([rows.created, rows.updated, rows.unchanged])
            {
                let before = state.counts.get(name).and_then(Value::as_u64).unwrap_or_default();
                state.counts.insert(name.to_owned(), (before + more).into());
            }
        });
    }

    fn repository(&self, one: OneOfMany<'_>) {
        self.state.send_modify(|state| {
            if let Some(tour) = &mut state.tour {
                tour.at(one);
                let counts = [("success", tour.success), ("failed", tour.failed)];
                let counts = counts.map(|(name, count)| (name.to_owned(), count.into()));
                state.counts.extend(counts);
            }
        });
    }
}

/// The answer as an event carries it: of one that is too large, the lists are left out and `cut` says so.
fn for_event(answer: &Value) -> Value {
    match answer {
        Value::Object(members) if answer.to_string().len() > LARGEST_ANSWER => {
            let mut cut: Map<String, Value> = members.clone();
            cut.retain(|_, value| !value.is_array());
            cut.insert("cut".to_owned(), true.into());
            Value::Object(cut)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_answer_reaches_the_desk_without_its_lists() {
        let small = json!({"created": 2, "issues": ["a", "b"]});
        assert_eq!(for_event(&small), small);
        let large = json!({"created": 2, "issues": ["x".repeat(LARGEST_ANSWER)]});
        assert_eq!(for_event(&large), json!({"created": 2, "cut": true}));
    }
}
