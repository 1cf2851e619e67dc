//! What goes wrong, as data: which requests, how often, and how.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::gate::Gate;
use super::world::World;

/// How a request that meets a fault fares.
#[derive(Clone)]
pub enum Effect {
    /// This answer instead of the right one; a body of `None` is GitHub's error body for the status.
    Answer {
        /// HTTP status.
        status: u16,
        /// Further headers.
        headers: Vec<(String, String)>,
        /// Body.
        body: Option<String>,
    },
    /// The secondary rate limit, with `Retry-After` in seconds or without.
    SecondaryLimit {
        /// 403 or 429.
        status: u16,
        /// Seconds to wait, if GitHub says.
        retry_after: Option<u64>,
    },
    /// The right answer, its body cut in the middle while the connection stays whole.
    Truncated,
    /// The right status and headers without a body.
    Empty,
    /// The connection is reset after half of the body.
    Reset,
    /// The connection is reset before anything is answered, and nothing was done.
    Refused,
    /// Everything is done as asked, but the connection is reset before anything is answered.
    Lost,
    /// Everything is done as asked, but answered with this status and GitHub's error body: a gateway had no more patience.
    DoneBut {
        /// HTTP status.
        status: u16,
    },
    /// The right answer, after the gate has opened.
    Held(Gate),
    /// The right answer, after a while.
    Delayed(Duration),
    /// GraphQL's 200 with these errors and no data.
    GraphqlErrors(Vec<Value>),
    /// The right answer with its JSON changed: for what GitHub should never send.
    Edited(Arc<dyn Fn(&mut Value) + Send + Sync>),
    /// The world changes in this moment, and the answer is that of the changed one.
    Happens(Arc<dyn Fn(&mut World) + Send + Sync>),
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { status, .. } => write!(f, "answers {status}"),
            Self::SecondaryLimit { status, retry_after } => {
                write!(f, "secondary limit {status}, retry after {retry_after:?}")
            }
            Self::Truncated => f.write_str("truncated body"),
            Self::Empty => f.write_str("empty body"),
            Self::Reset => f.write_str("reset in the body"),
            Self::Refused => f.write_str("reset before the answer"),
            Self::Lost => f.write_str("done, then reset"),
            Self::DoneBut { status } => write!(f, "done, then answers {status}"),
            Self::Held(_) => f.write_str("held"),
            Self::Delayed(by) => write!(f, "delayed by {by:?}"),
            Self::GraphqlErrors(errors) => write!(f, "GraphQL errors {errors:?}"),
            Self::Edited(_) => f.write_str("edited"),
            Self::Happens(_) => f.write_str("the world changes"),
        }
    }
}

/// How long a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lasts {
    Times(u64),
    Until(DateTime<Utc>),
    Always,
}

/// Requests and what happens to them. By default the next matching one is concerned.
#[derive(Debug, Clone)]
pub struct Fault {
    path: String,
    method: Option<String>,
    containing: Option<String>,
    skip: u64,
    lasts: Lasts,
    effect: Effect,
}

impl Fault {
    /// Concerns requests whose path matches `path`, in which `*` stands for anything: `/graphql`, `/repos/acme/web/issues*`, `*`.
    ///
    /// The path is compared in its `/repos/OWNER/NAME/...` form also when the client asked for `/repositories/ID/...`.
    #[must_use]
    pub fn on(path: &str, effect: Effect) -> Self {
        Self {
            path: path.to_owned(),
            method: None,
            containing: None,
            skip: 0,
            lasts: Lasts::Times(1),
            effect,
        }
    }

    /// Answers with `status` and GitHub's error body.
    #[must_use]
    pub fn status(path: &str, status: u16) -> Self {
        Self::on(
            path,
            Effect::Answer {
                status,
                headers: Vec::new(),
                body: None,
            },
        )
    }

    /// Changes the JSON of the right answer.
    #[must_use]
    pub fn edit(path: &str, edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::on(path, Effect::Edited(Arc::new(edit)))
    }

    /// Changes the world when such a request comes, before it is answered: what happens in the middle of something.
    #[must_use]
    pub fn happens(path: &str, story: impl Fn(&mut World) + Send + Sync + 'static) -> Self {
        Self::on(path, Effect::Happens(Arc::new(story)))
    }

    /// Concerns only requests of an HTTP method, `POST`.
    #[must_use]
    pub fn of_method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Concerns only requests whose query string or body contains `text`.
    #[must_use]
    pub fn containing(mut self, text: &str) -> Self {
        self.containing = Some(text.to_owned());
        self
    }

    /// Lets the first `count` matching requests pass.
    #[must_use]
    pub fn after(mut self, count: u64) -> Self {
        self.skip = count;
        self
    }

    /// Concerns `count` requests.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.lasts = Lasts::Times(count);
        self
    }

    /// Concerns all requests until `moment` by the world's clock.
    #[must_use]
    pub fn until(mut self, moment: DateTime<Utc>) -> Self {
        self.lasts = Lasts::Until(moment);
        self
    }

    /// Concerns all requests.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.lasts = Lasts::Always;
        self
    }

    /// True while it can still strike.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.lasts != Lasts::Times(0)
    }

    fn strikes(&mut self, (method, path): (&str, &str), text: &str, now: DateTime<Utc>) -> bool {
        let over = match self.lasts {
            Lasts::Times(left) => left == 0,
            Lasts::Until(moment) => now >= moment,
            Lasts::Always => false,
        };
        let other_method = self.method.as_ref().is_some_and(|wanted| wanted != method);
        let other_text = self.containing.as_ref().is_some_and(|part| !text.contains(part));
        if over || other_method || other_text || !matches(&self.path, path) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Lasts::Times(left) = &mut self.lasts {
            *left -= 1;
        }
        true
    }
}

/// The effects that a request (its method and path) meets: any number of waits, then at most one other.
pub(super) fn take(faults: &mut [Fault], request: (&str, &str), text: &str, now: DateTime<Utc>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for fault in faults {
        if fault.strikes(request, text, now) {
            effects.push(fault.effect.clone());
            if !matches!(fault.effect, Effect::Held(_) | Effect::Delayed(_)) {
                break;
            }
        }
    }
    effects
}

/// True when `text` has the form of `pattern`, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern.eq_ignore_ascii_case(text),
        Some((start, rest)) => {
            let Some(head) = text.get(..start.len()) else { return false };
            head.eq_ignore_ascii_case(start)
                && (start.len()..=text.len())
                    .filter(|&at| text.is_char_boundary(at))
                    .any(|at| matches(rest, &text[at..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).expect("a moment")
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("/repos/*/issues", "/repos/acme/web/issues"));
        assert!(matches("*", "/graphql"));
        assert!(matches("/repos/acme/web*", "/repos/Acme/web"));
        assert!(!matches("/repos/*/issues", "/repos/acme/web/issues/1"));
        assert!(!matches("/user", "/users"));
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_was_told() {
        let mut faults = [Fault::status("/user", 502).after(1).times(2)];
        let struck: Vec<_> = (0..5).map(|_| take(&mut faults, ("GET", "/user"), "", now()).len()).collect();
        assert_eq!(struck, [0, 1, 1, 0, 0]);
        assert!(!faults[0].is_pending());
        let mut faults = [Fault::status("/user", 502).of_method("PATCH")];
        assert_eq!(take(&mut faults, ("GET", "/user"), "", now()).len(), 0);
        assert_eq!(take(&mut faults, ("PATCH", "/user"), "", now()).len(), 1);
    }

    #[test]
    fn waits_add_up_and_the_first_other_fault_ends_the_list() {
        let mut faults = [
            Fault::on("*", Effect::Delayed(Duration::ZERO)).always(),
            Fault::status("*", 500).until(now() + chrono::TimeDelta::seconds(1)),
            Fault::status("*", 502).containing("since=").always(),
        ];
        assert_eq!(take(&mut faults, ("GET", "/user"), "since=1", now()).len(), 2);
        let later = take(
            &mut faults,
            ("GET", "/user"),
            "since=1",
            now() + chrono::TimeDelta::seconds(1),
        );
        assert_eq!(format!("{later:?}"), "[delayed by 0ns, answers 502]");
        let without = take(&mut faults, ("GET", "/user"), "", now() + chrono::TimeDelta::seconds(1));
        assert_eq!(without.len(), 1);
    }
}
