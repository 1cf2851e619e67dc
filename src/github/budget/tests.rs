//! The door, by a clock of tokio's that stands until all wait.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue};

use super::*;
use crate::clock::FixedClock;

const READ: Want = Want::Read(Resource::Core);

fn budget(ledger: Arc<dyn Ledger>) -> Arc<Budget> {
    Budget::new(ledger, "p", Rules::default(), FixedClock::at(DateTime::UNIX_EPOCH))
}

fn asker(urgency: Urgency, place: &Place) -> Asker<'_> {
    Asker {
        urgency,
        kept: 100,
        patience: Duration::from_secs(120),
        place,
    }
}

/// What GitHub's answers say while points are left.
fn plenty() -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("limit", "5000"),
        ("remaining", "4900"),
        ("reset", "3600"),
        ("resource", "core"),
    ] {
        let name: reqwest::header::HeaderName = format!("x-ratelimit-{name}").parse().expect("a name");
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}

async fn read(budget: &Arc<Budget>, urgency: Urgency, lasts: Duration) {
    let place = Place::default();
    let permit = budget.permit(READ, asker(urgency, &place)).await.expect("within patience");
    tokio::time::sleep(lasts).await;
    permit.saw(StatusCode::OK, &plenty(), None);
}

#[tokio::test(start_paused = true)]
async fn no_more_are_under_way_than_may_be_and_all_come_through() {
    let budget = budget(Arc::new(InMemory::default()));
    let (under_way, most) = (AtomicU32::new(0), AtomicU32::new(0));
    let one = async || {
        let place = Place::default();
        let permit = budget
            .permit(READ, asker(Urgency::Background, &place))
            .await
            .expect("a permit");
        most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(80)).await;
        under_way.fetch_sub(1, Ordering::SeqCst);
        permit.saw(StatusCode::OK, &plenty(), None);
    };
    let began = Instant::now();
    join_all((0..70).map(|_| one())).await;
    assert_eq!(most.load(Ordering::SeqCst), 8, "the ninth is kept for people");
    assert!(
        began.elapsed() < Duration::from_millis(80 * 10 + 300),
        "{:?}: ours waits for itself",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_person_goes_before_those_who_wait() {
    let budget = budget(Arc::new(InMemory::default()));
    let second = Duration::from_secs(1);
    let background = join_all((0..40).map(|_| read(&budget, Urgency::Background, second)));
    let person = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let began = Instant::now();
        read(&budget, Urgency::Person, Duration::ZERO).await;
        began.elapsed()
    };
    let (_, waited) = tokio::join!(background, person);
    assert!(waited < Duration::from_millis(300), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn d10_points_that_a_person_was_given_are_no_ones_else() {
    let budget = budget(Arc::new(InMemory::default()));
    let place = Place::default();
    let few = |remaining: &'static str| {
        let mut headers = plenty();
        headers.insert("x-ratelimit-remaining", HeaderValue::from_static(remaining));
        headers
    };
    for remaining in ["101", "100", "99"] {
        let permit = budget.permit(READ, asker(Urgency::Person, &place)).await.expect("a permit");
        permit.saw(StatusCode::OK, &few(remaining), None);
    }
    let refused = budget.permit(READ, asker(Urgency::Background, &place)).await;
    assert!(
        matches!(refused, Err(ErrorKind::KeptForPeople { points: 100, .. })),
        "{refused:?}"
    );
    budget
        .permit(READ, asker(Urgency::Person, &place))
        .await
        .expect("they are there for people");
}

#[tokio::test(start_paused = true)]
async fn d10_once_github_wants_nothing_what_is_ahead_is_not_spent() {
    let budget = budget(Arc::new(InMemory::default()));
    for _ in 0..2 {
        read(&budget, Urgency::Background, Duration::ZERO).await;
    }
    let place = Place::default();
    let hurried = Asker {
        patience: Duration::from_secs(1),
        ..asker(Urgency::Person, &place)
    };
    let until = DateTime::from_timestamp(60, 0).expect("a moment");
    budget.slow_down(until).await.expect("noted");
    let refused = budget.permit(READ, hurried).await.map(drop);
    assert_eq!(refused, Err(ErrorKind::RateLimited { until, secondary: true }));
}

#[tokio::test(start_paused = true)]
async fn background_work_keeps_to_the_minute_by_waiting() {
    let budget = budget(Arc::new(InMemory::default()));
    let mut sent = Vec::new();
    for _ in 0..2_000 {
        read(&budget, Urgency::Background, Duration::from_millis(1)).await;
        sent.push(Instant::now());
    }
    for (at, &moment) in sent.iter().enumerate() {
        let minute = sent[at..]
            .iter()
            .take_while(|&&other| other < moment + Duration::from_secs(60))
            .count();
        assert!(minute <= 800, "{minute} in a minute");
    }
    assert!(
        sent[1_999] - sent[0] < Duration::from_secs(200),
        "{:?}",
        sent[1_999] - sent[0]
    );
}

#[tokio::test(start_paused = true)]
async fn writes_are_a_second_apart_and_eighty_a_minute() {
    let budget = budget(Arc::new(InMemory::default()));
    let place = Place::default();
    let mut sent = Vec::new();
    for _ in 0..100 {
        let want = Want::Write { makes_content: true };
        let permit = budget
            .permit(want, asker(Urgency::Background, &place))
            .await
            .expect("within patience");
        sent.push(Instant::now());
        permit.saw(StatusCode::CREATED, &plenty(), None);
    }
    assert!(sent.windows(2).all(|two| two[1] - two[0] >= Duration::from_secs(1)));
}

/// A ledger that fails while it is told to.
#[derive(Debug, Default)]
struct Failing(InMemory, AtomicBool);

impl Ledger for Failing {
    fn turn<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<(), LedgerError>> {
        if self.1.load(Ordering::SeqCst) {
            return std::future::ready(Err(LedgerError("the database is away".to_owned()))).boxed();
        }
        self.0.turn(turn)
    }

    fn look(&self) -> BoxFuture<'_, Result<Shared, LedgerError>> {
        self.0.look()
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_ledger_cannot_be_read_nobody_asks_and_then_all_goes_on() {
    let ledger = Arc::new(Failing::default());
    let budget = budget(ledger.clone());
    let place = Place::default();
    ledger.1.store(true, Ordering::SeqCst);
    let error = budget
        .permit(READ, asker(Urgency::Person, &place))
        .await
        .expect_err("no budget");
    assert!(error.what().contains("the database is away"), "{}", error.what());
    ledger.1.store(false, Ordering::SeqCst);
    read(&budget, Urgency::Background, Duration::ZERO).await;
}

#[tokio::test(start_paused = true)]
async fn one_who_gives_up_waiting_holds_nobody_up() {
    let budget = budget(Arc::new(InMemory::default()));
    for _ in 0..30 {
        let impatient = join_all((0..20).map(|_| read(&budget, Urgency::Background, Duration::from_secs(1))));
        let _cut = tokio::time::timeout(Duration::from_millis(700), impatient).await;
    }
    let began = Instant::now();
    read(&budget, Urgency::Person, Duration::ZERO).await;
    read(&budget, Urgency::Background, Duration::ZERO).await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn where_it_would_take_too_long_the_time_is_told() {
    let budget = budget(Arc::new(InMemory::default()));
    let place = Place::default();
    let mut headers = plenty();
    headers.insert("x-ratelimit-remaining", HeaderValue::from_static("60"));
    let permit = budget
        .permit(READ, asker(Urgency::Background, &place))
        .await
        .expect("the first");
    permit.saw(StatusCode::OK, &headers, None);
    drop(permit);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let error = budget
        .permit(READ, asker(Urgency::Background, &place))
        .await
        .expect_err("kept");
    assert_eq!(
        error,
        ErrorKind::KeptForPeople {
            until: DateTime::from_timestamp(3_600, 0).expect("a moment"),
            points: 100
        }
    );
    assert!(
        budget.permit(READ, asker(Urgency::Person, &place)).await.is_ok(),
        "people have them"
    );
}

#[tokio::test(start_paused = true)]
async fn after_the_last_answer_all_know_what_github_has_counted() {
    let ledger = Arc::new(InMemory::default());
    let budget = budget(ledger.clone());
    for left in (0..9_u64).rev().map(|later| 4_991 + later) {
        let place = Place::default();
        let permit = budget
            .permit(READ, asker(Urgency::Background, &place))
            .await
            .expect("a permit");
        let mut headers = plenty();
        headers.insert("x-ratelimit-remaining", left.to_string().parse().expect("a number"));
        permit.saw(StatusCode::OK, &headers, None);
    }
    // A turn for something else tells of these as well.
    budget
        .permit(Want::Read(Resource::Graphql), asker(Urgency::Background, &Place::default()))
        .await
        .map(drop)
        .expect("a permit");
    budget.rest().await;
    let known = budget.known(Resource::Core).await.expect("there").expect("known");
    assert_eq!(known.remaining, 4_991, "{:?}", ledger.look().await);
}

/// A ledger that counts its turns.
#[derive(Debug, Default)]
struct Counting(InMemory, AtomicU32);

impl Ledger for Counting {
    fn turn<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<(), LedgerError>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.turn(turn)
    }

    fn look(&self) -> BoxFuture<'_, Result<Shared, LedgerError>> {
        self.0.look()
    }
}

#[tokio::test(start_paused = true)]
async fn who_finds_all_places_taken_does_not_ask_for_more_each_time() {
    let ledger = Arc::new(Counting::default());
    let budget = budget(ledger.clone());
    let lasts = Duration::from_millis(80);
    join_all((0..140).map(|_| read(&budget, Urgency::Background, lasts))).await;
    let turns = ledger.1.load(Ordering::SeqCst);
    assert!(turns < 25, "{turns} turns for 140 requests");
}
