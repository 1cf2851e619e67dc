//! The one door through which this process asks GitHub with a credential: nobody passes who would break one of GitHub's limits, alone or
//! together with other processes.
//!
//! What all processes may do is a [`domain::budget::Budget`](crate::domain::budget::Budget) in a [`Ledger`]. Here is what this process has of
//! it: slices of points, places for requests, and who waits for them. People go before background work.

mod ledger;
mod local;
mod permit;
mod reading;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::clock::SharedClock;
use crate::domain::budget::{
    Ask, Budget as Shared, Cost, Grant, Moment, Primary, Purpose, Refusal, Resource, Rules, Seen, Urgency, Why,
};

use crate::places::Place;
use crate::telemetry::metric;

use super::error::ErrorKind;
use local::{Local, Taken};

pub use ledger::{InMemory, Ledger, LedgerError, Turn};
pub use permit::Permit;

/// So long anybody waits for a turn that another one began: it is not GitHub that he waits for.
const TURN: Duration = Duration::from_secs(2);

/// What this process may ask of GitHub with a credential. Shared by all clients that use it.
pub struct Budget {
    ledger: Arc<dyn Ledger>,
    owner: String,
    rules: Rules,
    clock: SharedClock,
    local: Mutex<Local>,
    /// One turn of this process at a time, so that what it was given last counts.
    turns: tokio::sync::Mutex<()>,
    /// Something may be there for those who wait.
    changed: Notify,
    /// A request is through.
    freed: Notify,
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Want {
    /// A read.
    Read(Resource),
    /// A write to GitHub; whether it makes content.
    Write { makes_content: bool },
}

/// Who wants it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker<'p> {
    pub(super) urgency: Urgency,
    /// Points that background work leaves to people.
    pub(super) kept: u64,
    /// How long he waits at most.
    pub(super) patience: Duration,
    /// Left to others while he waits.
    pub(super) place: &'p Place,
}

impl Budget {
    /// What `owner` (the name of this process) may do by what `ledger` says, with these rules. `clock` is held against GitHub's resets.
    #[must_use]
    pub fn new(ledger: Arc<dyn Ledger>, owner: impl Into<String>, rules: Rules, clock: SharedClock) -> Arc<Self> {
        Arc::new(Self {
            ledger,
            owner: owner.into(),
            rules,
            clock,
            local: Mutex::default(),
            turns: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            freed: Notify::new(),
        })
    }

    /// Waits until one request may be sent, at most for the asker's patience.
    ///
    /// # Errors
    /// When it would take longer: with the time at which it is worth asking again.
    pub(super) async fn permit(self: &Arc<Self>, want: Want, asker: Asker<'_>) -> Result<Permit, ErrorKind> {
        let deadline = Instant::now() + asker.patience;
        let _waiting = Waiting::begin(self, asker.urgency);
        loop {
            let changed = self.changed.notified();
            let taken = self.local().take(want, asker.urgency);
            let asking = match taken {
                Taken::Yes => return Ok(Permit::new(Arc::clone(self), want)),
                Taken::NobodyAsks => Asking(self, want, asker.urgency),
                Taken::Full(until) if until < deadline => {
                    let _left_or_worth_asking = timeout_at(until, changed).await;
                    continue;
                }
                Taken::SomebodyAsks | Taken::Full(_) => {
                    if timeout_at(deadline.max(Instant::now() + TURN), changed).await.is_err() {
                        let until = self.github_now() + TimeDelta::seconds(1);
                        return Err(ErrorKind::Paced { until });
                    }
                    continue;
                }
            };
            let refusal = match self.ask(want, asker).await? {
                Ok(Given::Write) => return Ok(Permit::new(Arc::clone(self), want)),
                Ok(Given::Slice) => continue,
                Err(refusal) => refusal,
            };
            let pause = Duration::from_millis(refusal.wait_ms);
            if Instant::now() + pause > deadline {
                return Err(self.refused(refusal, asker));
            }
            // Who waits goes on asking for all: nobody else would be told anything else. A place may be left sooner.
            let freed = self.freed.notified();
            let over = async {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = freed, if refusal.why == Why::Places => {}
                }
            };
            if (refusal.why, asker.urgency) == (Why::Places, Urgency::Background) {
                self.local().refused_a_place(pause);
            }
            // Others ask again as soon as it is over, whenever this one gets its place back.
            let over = async {
                over.await;
                drop(asking);
            };
            if refusal.why == Why::Places {
                // A moment only.
                over.await;
            } else {
                asker.place.lend(over).await;
            }
        }
    }

    /// Takes in that a query cost `points`, of which one was taken.
    pub(super) fn cost(&self, resource: Resource, points: u64) {
        self.local().beyond(resource, points.saturating_sub(1));
    }

    /// Takes in what was spent on `purpose`.
    pub(super) fn spent(&self, purpose: Purpose, cost: Cost) {
        metrics::counter!(metric::POINTS, "purpose" => purpose.as_str()).increment(cost.points);
        self.local().spent(purpose, cost);
    }

    /// Takes in that nothing is left before `until`.
    pub(super) fn used_up(&self, resource: Resource, until: DateTime<Utc>) {
        let seen = Seen {
            limit: 0,
            remaining: 0,
            resets_at: until.timestamp(),
        };
        let mut local = self.local();
        local.read(resource, Some(seen), Instant::now());
        local.close(Some(resource));
    }

    /// GitHub said that we are too fast, and when to come back.
    pub(super) async fn slow_down(&self, until: DateTime<Utc>) -> Result<(), ErrorKind> {
        metrics::counter!(metric::GITHUB_SLOWED).increment(1);
        let until = until.timestamp();
        self.local().close(None);
        self.turn(&mut |budget, moment| budget.slow_down(&self.rules, moment, until))
            .await
    }

    /// Gives back what this process does not use any more. What is not given back is counted as used until it cannot be any more.
    pub async fn rest(&self) {
        let _turn = self.turns.lock().await;
        let turning = {
            let mut local = self.local();
            if !local.has_something() || !local.is_idle() {
                return;
            }
            local.give_up()
        };
        let ask = Ask {
            owner: &self.owner,
            urgency: Urgency::Background,
            resource: Resource::Core,
            points: 0,
            in_flight: 0,
            wanted: 0,
            kept: 0,
            returned: &turning.returned,
            readings: &turning.readings,
            spent: &turning.spent,
        };
        if let Err(error) = self.turn(&mut |budget, moment| budget.give_back(moment, &ask)).await {
            tracing::debug!(error = %error.what(), "what was not used of GitHub's limits was not given back");
        }
    }

    /// What is known of the points of a resource, over all processes.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn known(&self, resource: Resource) -> Result<Option<Primary>, LedgerError> {
        Ok(self.ledger.look().await?.primary(resource).copied())
    }

    async fn ask(&self, want: Want, asker: Asker<'_>) -> Result<Result<Given, Refusal>, ErrorKind> {
        let _turn = self.turns.lock().await;
        let began = Instant::now();
        let (resource, points, turning) = {
            let mut local = self.local();
            let (resource, points) = match want {
                Want::Read(resource) => (resource, local.wish(resource)),
                Want::Write { .. } => (Resource::Core, 1),
            };
            let turning = local.begin_turn(resource);
            (resource, points, turning)
        };
        let ask = Ask {
            owner: &self.owner,
            urgency: asker.urgency,
            resource,
            points,
            in_flight: turning.in_flight,
            wanted: turning.wanted,
            kept: asker.kept,
            returned: &turning.returned,
            readings: &turning.readings,
            spent: &turning.spent,
        };
        let mut answer = None;
        let turn = self
            .turn(&mut |budget, moment| {
                answer = Some(match want {
                    Want::Read(_) => budget.turn(&self.rules, moment, &ask),
                    Want::Write { makes_content } => budget.write(&self.rules, moment, &ask, makes_content),
                });
            })
            .await;
        let Some(answer) = answer.filter(|_| turn.is_ok()) else {
            self.local().turn_failed(&turning);
            return Err(turn.err().unwrap_or(ErrorKind::Stopped));
        };
        Ok(answer.map(|grant: Grant| {
            let good_for = Duration::from_millis(self.rules.slice_ms.unsigned_abs());
            self.local().given(resource, &grant, asker.urgency, began + good_for)
        }))
    }

    async fn turn(&self, turn: &mut (dyn FnMut(&mut Shared, Moment) + Send)) -> Result<(), ErrorKind> {
        let github = self.github_now().timestamp();
        self.ledger
            .turn(&mut |budget, shared| turn(budget, Moment { shared, github }))
            .await
            .map_err(|error| ErrorKind::NoBudget {
                reason: error.to_string(),
            })
    }

    /// GitHub's clock, as far as its answers told how far ours is from it.
    fn github_now(&self) -> DateTime<Utc> {
        self.clock.now() + TimeDelta::milliseconds(self.local().ahead_ms())
    }

    fn refused(&self, refusal: Refusal, asker: Asker<'_>) -> ErrorKind {
        let wait = i64::try_from(refusal.wait_ms).unwrap_or(i64::MAX);
        let until = self
            .github_now()
            .checked_add_signed(TimeDelta::try_milliseconds(wait).unwrap_or(TimeDelta::MAX))
            .unwrap_or(DateTime::<Utc>::MAX_UTC);
        match refusal.why {
            Why::UsedUp => ErrorKind::RateLimited { until, secondary: false },
            Why::Slowed => ErrorKind::RateLimited { until, secondary: true },
            Why::Kept => ErrorKind::KeptForPeople {
                until,
                points: asker.kept,
            },
            Why::Minute | Why::Places | Why::Content => ErrorKind::Paced { until },
        }
    }

    fn local(&self) -> MutexGuard<'_, Local> {
        self.local.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("ledger", &self.ledger)
            .field("local", &self.local())
            .finish_non_exhaustive()
    }
}

/// What a turn brought.
enum Given {
    /// Points for whoever comes.
    Slice,
    /// The leave to send this one write; its place is taken.
    Write,
}

/// Somebody who waits, until it is dropped.
struct Waiting<'b>(&'b Budget, Urgency);

impl<'b> Waiting<'b> {
    fn begin(budget: &'b Budget, urgency: Urgency) -> Self {
        budget.local().wait(urgency);
        Self(budget, urgency)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.local().wait_no_more(self.1);
        // Those who let him go first.
        self.0.changed.notify_waiters();
    }
}

/// The one who asks the ledger, for all who want the same, until it is dropped.
struct Asking<'b>(&'b Budget, Want, Urgency);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.local().asked(self.1, self.2);
        self.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
