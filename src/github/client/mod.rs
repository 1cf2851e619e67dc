//! The client: one credential at one GitHub, and the one way in which a request leaves this process.
//!
//! Every request goes through [`Client::exchange`](exchange): that is where what is spent is counted, and where a budget that is shared
//! by several processes can let requests wait. Reads may be tried again, and may be cut short at any moment when somebody asks for it.
//! Writes go through `Client::write` alone, which does neither.

mod authorization;
mod buffers;
mod conditional;
mod exchange;
mod http;
mod message;
mod read;
mod resource;
mod write;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::budget::{Asker, Budget, InMemory, Permit, Want};
use super::credential::{Authorization, Credential};
use super::error::{Call, ErrorKind, GithubError};
use super::graphql::BatchSizes;
use super::read::Viewer;
use super::renewable::Renewable;
use super::retry::RetryPolicy;
use super::spent::{Counters, Spent};
use crate::clock::SharedClock;
use crate::config::Hosts;
use crate::domain::budget::{Cost, Primary, Purpose, Resource, Rules, Urgency};
use crate::places::Place;

use buffers::Buffers;
pub use conditional::{Conditional, RawAnswer};
pub(super) use exchange::{broken, date, read_body};
pub use http::Connections;
pub(super) use message::{Answer, Request};
use resource::resource;
pub(super) use write::WriteRequest;

/// How a client behaves where GitHub does not decide it.
#[derive(Debug, Clone, Copy)]
pub struct ClientOptions {
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest time for one request, from the connection to the last byte.
    pub timeout: Duration,
    /// Largest body that is taken, in bytes, unpacked. A page of 100 issues may hold 26 MB of text.
    pub max_body: usize,
    /// How long a read is tried.
    pub retry: RetryPolicy,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(60),
            max_body: 64 * 1024 * 1024,
            retry: RetryPolicy::background(),
        }
    }
}

/// A value with GitHub's clock at the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched<T> {
    /// What was asked for.
    pub value: T,
    /// The answer's `Date`: the only clock that cursors may be taken from.
    pub date: DateTime<Utc>,
}

/// Speaks to GitHub. Clones share connections and counters.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    policy: RetryPolicy,
    /// Ends every call at once.
    stop: CancellationToken,
    /// Left to others while a call waits before it is tried again.
    place: Place,
    /// What may be asked, shared by all that uses the credential.
    budget: Arc<Budget>,
    urgency: Urgency,
    purpose: Purpose,
    spent: Arc<Counters>,
    /// Points that background work leaves to people.
    kept: u64,
    /// What proves who asks in the place of the client's own, which may do more.
    narrowed: Option<Arc<dyn Renewable>>,
}

struct Inner {
    http: reqwest::Client,
    hosts: Hosts,
    authorization: Authorization,
    clock: SharedClock,
    max_body: usize,
    sizes: Arc<BatchSizes>,
    buffers: Arc<Buffers>,
    viewer: OnceCell<Viewer>,
    /// GitHub said that the token may not ask about teams.
    teams_hidden: AtomicBool,
}

impl Client {
    /// A client for `hosts` with connections of its own; nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] where the token cannot be one or no certificate authorities are found.
    pub fn new(hosts: Hosts, credential: &Credential, clock: SharedClock, options: ClientOptions) -> Result<Self, GithubError> {
        Self::over(&Connections::default(), hosts, credential, clock, options)
    }

    /// The same over connections that others use as well.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn over(
        connections: &Connections,
        hosts: Hosts,
        credential: &Credential,
        clock: SharedClock,
        options: ClientOptions,
    ) -> Result<Self, GithubError> {
        let authorization = credential
            .authorization()
            .map_err(|reason| GithubError::setup(reason, "store a personal access token in GitHub Settings"))?;
        let http = connections.to(&hosts, &options)?;
        let budget = Budget::new(Arc::new(InMemory::default()), "alone", Rules::default(), clock.clone());
        let inner = Inner {
            http,
            hosts,
            authorization,
            clock,
            max_body: options.max_body,
            sizes: Arc::clone(&connections.sizes),
            buffers: Arc::clone(&connections.buffers),
            viewer: OnceCell::new(),
            teams_hidden: AtomicBool::new(false),
        };
        Ok(Self {
            inner: Arc::new(inner),
            policy: options.retry,
            stop: CancellationToken::new(),
            place: Place::default(),
            budget,
            urgency: Urgency::Background,
            purpose: Purpose::Other,
            spent: Arc::default(),
            kept: 0,
            narrowed: None,
        })
    }

    /// The same client within `budget`, of which background work leaves the last `kept` points to people. Without it, a client has a budget
    /// of its own.
    #[must_use]
    pub fn within(&self, budget: Arc<Budget>, kept: u64) -> Self {
        Self {
            budget,
            kept,
            ..self.clone()
        }
    }

    /// The same client for a person who waits at the desk: first in line, with all that is left, and with an answer soon.
    #[must_use]
    pub fn for_a_person(&self) -> Self {
        Self {
            urgency: Urgency::Person,
            purpose: Purpose::Desk,
            policy: RetryPolicy::interactive(),
            ..self.clone()
        }
    }

    /// The same client for what anybody may cause as often as he likes: it leaves the last `kept` points to everything else.
    #[must_use]
    pub fn sparing(&self, kept: u64) -> Self {
        Self {
            urgency: Urgency::Background,
            kept,
            policy: RetryPolicy::interactive(),
            ..self.clone()
        }
    }

    /// The same client for `purpose`, counted apart: what it spends is its own and a part of what this one spent.
    #[must_use]
    pub fn on(&self, purpose: Purpose) -> Self {
        Self {
            purpose,
            spent: Counters::within(&self.spent),
            ..self.clone()
        }
    }

    /// The same client with other bounds of trying again.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        Self { policy, ..self.clone() }
    }

    /// The same client for background work that leaves the last `kept` points to people.
    #[must_use]
    pub fn keeping(&self, kept: u64) -> Self {
        Self { kept, ..self.clone() }
    }

    /// The same credential for the work that `other` is used for: as urgent, until the same stop, at the same place, and counted there too.
    #[must_use]
    pub fn like(&self, other: &Self) -> Self {
        Self {
            policy: other.policy,
            stop: other.stop.clone(),
            place: other.place.clone(),
            urgency: other.urgency,
            purpose: other.purpose,
            spent: Counters::within(&other.spent),
            ..self.clone()
        }
    }

    /// The same client until `stop` is cancelled: from then on every call, one under way included, ends with
    /// [`ErrorKind::Stopped`].
    #[must_use]
    pub fn until(&self, stop: CancellationToken) -> Self {
        Self { stop, ..self.clone() }
    }

    /// The same client for work that has `place`, which it leaves to others while GitHub wants it to wait.
    #[must_use]
    pub fn at(&self, place: Place) -> Self {
        Self { place, ..self.clone() }
    }

    /// What this client, its clones and the clients made from them have spent since it was made.
    #[must_use]
    pub fn spent(&self) -> Spent {
        self.spent.read()
    }

    /// What is known of the points of REST that all who use the credential have left; none where it is not known.
    pub async fn points_left(&self) -> Option<Primary> {
        let known = self.budget.known(Resource::Core).await.ok()?;
        known.filter(|primary| !primary.is_unlimited())
    }

    /// Points that work in the background leaves to people.
    #[must_use]
    pub fn kept_for_people(&self) -> u64 {
        self.kept
    }

    /// Where it speaks to.
    #[must_use]
    pub fn hosts(&self) -> &Hosts {
        &self.inner.hosts
    }

    /// The sizes of GraphQL batches that went through so far.
    pub(super) fn sizes(&self) -> &BatchSizes {
        &self.inner.sizes
    }

    /// The cached account behind the token.
    pub(super) fn viewer_cell(&self) -> &OnceCell<Viewer> {
        &self.inner.viewer
    }

    /// False once GitHub refused a query because of the teams in it.
    pub(super) fn may_see_teams(&self) -> bool {
        !self.inner.teams_hidden.load(Ordering::Relaxed)
    }

    pub(super) fn hide_teams(&self) {
        if !self.inner.teams_hidden.swap(true, Ordering::Relaxed) {
            tracing::warn!("team reviewers are not read: give the token the scope read:org to have them");
        }
    }

    pub(super) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Waits for the leave to send a request.
    async fn permit(&self, call: &Call, want: Want) -> Result<Permit, GithubError> {
        let asker = Asker {
            urgency: self.urgency,
            kept: self.kept,
            patience: self.policy.patience,
            place: &self.place,
        };
        Box::pin(self.budget.permit(want, asker))
            .await
            .map_err(|kind| GithubError::unanswered(call.clone(), kind))
    }

    /// Takes in what a refusal says of GitHub's limits.
    async fn heed(&self, error: &GithubError) {
        let (ErrorKind::RateLimited { until, secondary }, Some(_)) = (error.kind(), error.status()) else {
            return;
        };
        if !secondary {
            return self.budget.used_up(resource(error.api(), error.path()), *until);
        }
        if let Err(kind) = self.budget.slow_down(*until).await {
            tracing::warn!(error = %kind.what(), "other processes do not know that GitHub asked us to slow down");
        }
    }

    /// Takes in what a request cost.
    pub(super) fn count(&self, spent: Spent) {
        self.spent.add(spent);
        let Spent { requests, points, .. } = spent;
        if requests + points > 0 {
            self.budget.spent(self.purpose, Cost { requests, points });
        }
    }

    /// A REST address. Each segment is percent-encoded, so that none can become two or leave its place.
    pub(super) fn rest_url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.inner.hosts.api.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.inner.hosts.api.as_str())
            .field("spent", &self.spent())
            .finish_non_exhaustive()
    }
}
