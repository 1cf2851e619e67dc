//! What the server keeps between requests: the world, what was made from it, and the record.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::answer::{Answer, HIDDEN, standard_message};
use super::caller::Caller;
use super::change::Outcome;
use super::faults::{self, Effect};
use super::headers::{conditional, standard};
use super::incoming::Incoming;
use super::record::{Counts, RecordedRequest};
use super::referee::{Referee, UnderWay};
use super::view::{Cache, View};
use super::world::{Resource, Usage, World};
use super::{app_pages, graphql, oauth, rest};

/// Requests that are remembered; the sums go on beyond them.
const REMEMBERED: usize = 20_000;

/// The state behind all connections.
pub(super) struct Shared {
    inner: Mutex<Inner>,
    referee: Arc<Referee>,
    base: String,
}

struct Inner {
    world: World,
    cache: Cache,
    requests: VecDeque<RecordedRequest>,
    counts: Counts,
    arrived: u64,
    unexpected: Vec<String>,
}

/// The world, locked. Requests wait while it is held, so it must not be held across an await.
pub struct WorldGuard<'s> {
    inner: MutexGuard<'s, Inner>,
    changed: bool,
}

impl Deref for WorldGuard<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.inner.world
    }
}

impl DerefMut for WorldGuard<'_> {
    fn deref_mut(&mut self) -> &mut World {
        self.changed = true;
        &mut self.inner.world
    }
}

impl Drop for WorldGuard<'_> {
    fn drop(&mut self) {
        if self.changed {
            self.inner.world.settle();
            self.inner.cache = Cache::default();
        }
    }
}

impl Shared {
    /// The state of a server at `base`, an address without a slash at its end.
    pub(super) fn new(mut world: World, base: String) -> Self {
        world.settle();
        Self {
            inner: Mutex::new(Inner {
                world,
                cache: Cache::default(),
                requests: VecDeque::new(),
                counts: Counts::default(),
                arrived: 0,
                unexpected: Vec::new(),
            }),
            referee: Arc::default(),
            base,
        }
    }

    pub(super) fn referee(&self) -> &Arc<Referee> {
        &self.referee
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn world(&self) -> WorldGuard<'_> {
        WorldGuard {
            inner: self.lock(),
            changed: false,
        }
    }

    pub(super) fn requests(&self) -> Vec<RecordedRequest> {
        self.lock().requests.iter().cloned().collect()
    }

    pub(super) fn counts(&self) -> Counts {
        self.lock().counts
    }

    pub(super) fn unexpected(&self) -> Vec<String> {
        self.lock().unexpected.clone()
    }

    pub(super) fn forget(&self) {
        let mut inner = self.lock();
        inner.requests.clear();
        inner.unexpected.clear();
        inner.counts = Counts::default();
    }

    /// What `look` makes of the world; the caller in the view is nobody.
    pub(super) fn viewed<T>(&self, look: impl FnOnce(View<'_>) -> T) -> T {
        let inner = self.lock();
        let caller = Caller::default();
        look(View {
            world: &inner.world,
            cache: &inner.cache,
            caller: &caller,
            base: &self.base,
        })
    }

    /// Records a request on its arrival, and tells what goes wrong with it.
    pub(super) fn arrive(&self, incoming: &Incoming) -> (u64, Vec<Effect>, UnderWay) {
        let mut inner = self.lock();
        inner.arrived += 1;
        let number = inner.arrived;
        let caller = Caller::of(incoming, &inner.world);
        let under_way = self.referee.arrived(&caller.label, resource(incoming), incoming);
        let path = canonical(incoming, &inner.world);
        let text = format!("{}\n{}", incoming.query, incoming.body);
        let now = inner.world.now();
        let effects = faults::take(&mut inner.world.faults, (&incoming.method, &path), &text, now);
        let headers = incoming.headers.iter().filter(|(name, _)| name != "authorization");
        let request = RecordedRequest {
            number,
            method: incoming.method.clone(),
            path: incoming.path.clone(),
            query: incoming.query.clone(),
            headers: headers.cloned().collect(),
            credential: caller.label,
            body: body_of_write(incoming),
            operation: incoming.is_graphql().then(|| graphql::operation(incoming)).flatten(),
            status: 0,
            resource: resource(incoming),
            points: 0,
            fault: (!effects.is_empty()).then(|| format!("{effects:?}")),
            unexpected: None,
        };
        if inner.requests.len() == REMEMBERED {
            inner.requests.pop_front();
        }
        inner.requests.push_back(request);
        (number, effects, under_way)
    }

    /// Answers a request that may have met an effect; everything but what happens to the bytes on the way.
    pub(super) fn answer(&self, number: u64, incoming: &Incoming, effect: Option<&Effect>) -> Answer {
        let mut inner = self.lock();
        let inner = &mut *inner;
        if let Some(Effect::Happens(story)) = effect {
            story(&mut inner.world);
            inner.world.settle();
            inner.cache = Cache::default();
        }
        let caller = Caller::of(incoming, &inner.world);
        let resource = resource(incoming);
        let now = inner.world.now();
        let usage = inner.world.limits.usage(&caller.label, resource, now);
        if usage.remaining() == 0 && effect.is_none() && incoming.path != "/rate_limit" {
            self.referee.refused(&caller.label, &incoming.path);
        }
        let mut answer = match effect {
            Some(Effect::Answer { status, headers, body }) => given(*status, headers, body.as_deref()),
            Some(Effect::SecondaryLimit { status, retry_after }) => Answer::secondary_limit(*status, *retry_after),
            Some(Effect::GraphqlErrors(errors)) => Answer::ok(serde_json::json!({ "errors": errors }).to_string()),
            _ => inner.react(&self.base, &caller, incoming, usage),
        };
        match effect {
            Some(Effect::Edited(edit)) => answer.edit(|body| edit(body)),
            Some(Effect::DoneBut { status }) => answer = given(*status, &[], None),
            _ => {}
        }
        let mut answer = conditional(answer, incoming);
        let usage = inner.world.limits.charge(&caller.label, resource, answer.points, now);
        let told = inner.world.limits.are_told.then_some(usage);
        answer
            .headers
            .extend(standard(&caller, resource, told, number, answer.status));
        answer
            .headers
            .push(("Date".to_owned(), now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
        inner.record(number, &answer);
        answer
    }
}

impl Inner {
    /// The right answer, after what was asked for was done.
    fn react(&mut self, base: &str, caller: &Caller, incoming: &Incoming, usage: Usage) -> Answer {
        let change = match regular(self.view(base, caller), incoming, usage) {
            Outcome::Shown(answer) => return answer,
            Outcome::Changes(change) => change,
        };
        let show = change.apply(&mut self.world);
        self.world.settle();
        self.cache = Cache::default();
        show(self.view(base, caller))
    }

    fn view<'a>(&'a self, base: &'a str, caller: &'a Caller) -> View<'a> {
        View {
            world: &self.world,
            cache: &self.cache,
            caller,
            base,
        }
    }

    fn record(&mut self, number: u64, answer: &Answer) {
        self.unexpected.extend(answer.unexpected.clone());
        if let Some(request) = self.requests.iter_mut().rev().find(|request| request.number == number) {
            request.status = answer.status;
            request.points = answer.points;
            request.unexpected.clone_from(&answer.unexpected);
            self.counts.add(request);
        }
    }
}

fn resource(incoming: &Incoming) -> Resource {
    if incoming.is_graphql() {
        Resource::Graphql
    } else if incoming.path.starts_with("/search/") {
        Resource::Search
    } else {
        Resource::Core
    }
}

/// The path with the repository's name in it, also where the client used its id.
fn canonical(incoming: &Incoming, world: &World) -> String {
    let named = || {
        let (id, rest) = incoming.path.strip_prefix("/repositories/")?.split_once('/')?;
        let repository = world.repositories.get(&id.parse().ok()?)?;
        Some(format!("/repos/{}/{rest}", repository.full_name()))
    };
    named().unwrap_or_else(|| incoming.path.clone())
}

fn given(status: u16, headers: &[(String, String)], body: Option<&str>) -> Answer {
    let mut answer = Answer::error(status, standard_message(status), "rest");
    if let Some(body) = body {
        body.clone_into(&mut answer.body);
    }
    answer.headers.extend_from_slice(headers);
    answer
}

fn regular(view: View<'_>, incoming: &Incoming, usage: Usage) -> Outcome {
    if let Some(page) = app_pages::react(view, incoming) {
        return page;
    }
    if let Some(outcome) = oauth::react(view, incoming) {
        return outcome;
    }
    if let Err(refusal) = view.caller.admit(incoming) {
        return Outcome::Shown(refusal);
    }
    let label = &view.caller.label;
    Outcome::Shown(match (incoming.is_graphql(), usage.remaining()) {
        (true, 0) if view.caller.token.is_some() => Answer::graphql_limit(label),
        (true, _) => graphql::answer(view, incoming, usage),
        (false, 0) if incoming.path != "/rate_limit" => Answer::primary_limit(label, usage),
        (false, _) => return rest::react(view, incoming),
    })
}

/// What is remembered of a write's body. Hooks are the one thing that is sent a secret.
fn body_of_write(incoming: &Incoming) -> Option<String> {
    if incoming.is_graphql() || incoming.body.is_empty() {
        return None;
    }
    let Ok(mut body) = serde_json::from_str::<serde_json::Value>(&incoming.body) else {
        return Some(incoming.body.clone());
    };
    if let Some(secret) = body.pointer_mut("/config/secret") {
        *secret = HIDDEN.into();
    }
    Some(body.to_string())
}
