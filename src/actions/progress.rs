//! How far long work is, told to the one who asked for it: Frappe's progress dialog, and an event of our own for scripts.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::frappe::markup::escape;
use crate::frappe::realtime::{Event, Room};
use crate::frappe::site::Site;
use crate::telemetry::Reporter;

/// Between two messages: the desk draws two to four a second.
const PAUSE: Duration = Duration::from_millis(400);
/// Name of the event that scripts listen for.
const EVENT: &str = "github_progress";

/// What is known of the work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct State {
    what: String,
    done: u64,
    total: Option<u64>,
    run: Option<String>,
}

/// Tells one user's desks how far it is, until it is dropped.
pub(super) struct DeskProgress {
    state: watch::Sender<State>,
    run: watch::Sender<Option<String>>,
    _end: DropGuard,
}

impl DeskProgress {
    /// Of work that `user` asked for on `site`; `title` heads the dialog.
    pub(super) fn start(site: &Site, user: &str, title: &str) -> Arc<Self> {
        let state = watch::Sender::new(State::default());
        let end = CancellationToken::new();
        tokio::spawn(tell(
            site.clone(),
            user.to_owned(),
            title.to_owned(),
            state.subscribe(),
            end.clone(),
        ));
        Arc::new(Self {
            state,
            run: watch::Sender::new(None),
            _end: end.drop_guard(),
        })
    }

    /// Name of the first `GitHub Sync Run` that was begun, once it was; none when the work ended without one.
    pub(super) fn run(&self) -> watch::Receiver<Option<String>> {
        self.run.subscribe()
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
        self.run.send_modify(|first| {
            first.get_or_insert_with(|| run.to_owned());
        });
        self.state.send_modify(|state| state.run = Some(run.to_owned()));
    }
}

/// Sends what changed, not more often than the desk draws it.
async fn tell(site: Site, user: String, title: String, mut state: watch::Receiver<State>, end: CancellationToken) {
    while let Some(Ok(())) = end.run_until_cancelled(state.changed()).await {
        let now = state.borrow_and_update().clone();
        let percent = now.total.filter(|total| *total > 0).map_or(1, |total| now.done * 100 / total);
        // 100 closes the dialog, which the answer does.
        let percent = u8::try_from(percent).unwrap_or(99).min(99);
        let description = match now.total {
            Some(total) => format!("{}: {} / {total}", now.what, now.done),
            None if now.done > 0 => format!("{}: {}", now.what, now.done),
            None => now.what.clone(),
        };
        let message = json!({"title": title, "what": now.what, "done": now.done, "total": now.total, "run": now.run});
        let events = [
            Event::progress(&user, percent, &title, &escape(&description)),
            Event::custom(EVENT, Room::User(user.clone()), message),
        ];
        site.tell(&events).await;
        if end.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
            break;
        }
    }
    site.tell(&[Event::progress(&user, 100, &title, "")]).await;
}
