//! A history, followed in one way or another by a site of its own.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::Delivery;
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::sync::refresh_due;
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::Value;

use super::super::Hooked;
use super::history::{History, Moment};
use crate::jobs::runner;
use crate::support::TestSite;
use crate::support::mirror::Mirror;

/// How deliveries come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Post {
    /// Share of those that come late, after others of later changes.
    pub(super) late: f64,
    /// Share of those that come twice: half of these as GitHub sends again, the others as new ones.
    pub(super) doubled: f64,
    /// Share of those that never come. Whoever loses some must look for himself afterwards.
    pub(super) lost: f64,
}

impl Post {
    /// Each comes once, in order.
    pub(super) const GOOD: Self = Self {
        late: 0.0,
        doubled: 0.0,
        lost: 0.0,
    };
    /// They come in any order, late, and some twice.
    pub(super) const BAD: Self = Self {
        late: 0.6,
        doubled: 0.2,
        lost: 0.0,
    };
    /// The same, and every third never comes.
    pub(super) const WORST: Self = Self { lost: 0.35, ..Self::BAD };
}

/// A site that stands at the beginning of a history.
pub(super) async fn begun(history: &History) -> Mirror {
    let erp = TestSite::new(FrappeMajor::V15).await;
    let clock = erp.site().clock().clone();
    let mirror = Mirror::on(erp, |world| *world = history.world.clone().with_clock(clock)).await;
    mirror.sync("octo/web").await;
    mirror
}

/// A site that is made at the end of a history, and reads all of it: the truth that others are held against.
pub(super) async fn read_at_the_end(history: &History) -> Mirror {
    let erp = TestSite::new(FrappeMajor::V15).await;
    erp.clock().advance(history.passed());
    let clock = erp.site().clock().clone();
    let mirror = Mirror::on(erp, |world| *world = history.last().clone().with_clock(clock)).await;
    mirror.sync(&name(history.last(), history.home)).await;
    mirror
}

/// Follows by incremental syncs now and then; the last one is the complete walk that is due once a day.
pub(super) async fn by_syncs(history: &History, dice: &mut StdRng) -> Mirror {
    let mirror = begun(history).await;
    let mut at = TimeDelta::zero();
    for moment in &history.moments {
        show(&mirror, moment, &mut at);
        if dice.random_bool(0.15) {
            mirror.sync(&stored_name(&mirror).await).await;
        }
    }
    mirror.sync(&stored_name(&mirror).await).await;
    mirror.erp.clock().advance(TimeDelta::hours(25));
    mirror.sync(&stored_name(&mirror).await).await;
    mirror
}

/// Follows by what GitHub delivers alone.
pub(super) async fn by_deliveries(history: &History, post: Post, dice: &mut StdRng) -> Mirror {
    let hooked = Hooked::of(begun(history).await).await;
    let (mut at, mut waiting, mut number) = (TimeDelta::zero(), Vec::new(), 0);
    for moment in &history.moments {
        show(&hooked.mirror, moment, &mut at);
        let sent = moment.deliveries.iter().filter(|_| !dice.random_bool(post.lost)).cloned();
        waiting.extend(sent);
        while !waiting.is_empty() && !dice.random_bool(post.late) {
            let place = if post.late > 0.0 {
                dice.random_range(0..waiting.len())
            } else {
                0
            };
            let delivery = waiting.remove(place);
            deliver(&hooked, &mut number, &delivery, dice.random_bool(post.doubled)).await;
            if dice.random_bool(post.doubled) {
                waiting.push(delivery);
            }
        }
    }
    for delivery in waiting {
        deliver(&hooked, &mut number, &delivery, false).await;
    }
    read_what_is_marked(&hooked.mirror).await;
    hooked.mirror
}

/// Looks for what did not come: by a comparison, and by the walk of the next night.
pub(super) async fn make_sure(mirror: &Mirror) {
    let runner = runner(mirror);
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    assert_eq!(runner.step(Work::Reconcile).await, 1);
    // Half past five of the site's own clock.
    let night = super::noon() + TimeDelta::minutes(22 * 60 + 30);
    mirror.erp.clock().advance(night - mirror.site().clock().now());
    assert_eq!(runner.step(Work::Walk).await, 1);
    read_what_is_marked(mirror).await;
}

/// Has GitHub show what it showed after a moment.
fn show(mirror: &Mirror, moment: &Moment, at: &mut TimeDelta) {
    mirror.erp.clock().advance(moment.passed - *at);
    *at = moment.passed;
    let clock = mirror.erp.site().clock().clone();
    *mirror.github.world() = moment.world.clone().with_clock(clock);
}

async fn deliver(hooked: &Hooked, number: &mut u64, delivery: &Delivery, again: bool) {
    *number += 1;
    let payload: Value = serde_json::from_str(&delivery.payload).expect("JSON");
    let id = format!("delivery-{number}");
    let status = hooked.deliver(&id, delivery.event, &payload).await;
    assert_eq!(status, 202, "{delivery:?}");
    let (status, reason) = hooked.event(&id).await;
    let is_other = payload["repository"]["full_name"] == super::edits::OTHER;
    let expected = if is_other { "ignored" } else { "processed" };
    assert_eq!(status, expected, "{reason} {delivery:?}");
    if again && !is_other {
        let status = hooked.deliver(&id, delivery.event, &payload).await;
        assert_eq!(status, 200, "the same one again");
    }
}

/// What may wait for an hour is read, too.
async fn read_what_is_marked(mirror: &Mirror) {
    mirror.erp.clock().advance(TimeDelta::hours(2));
    for _ in 0..4 {
        refresh_due(&mirror.context().await).await.expect("the database works");
    }
    let left = "SELECT CONCAT_WS(' ', entity, reason) FROM `erpnext_github_refresh`";
    assert_eq!(
        mirror.column(left).await,
        Vec::<String>::new(),
        "all that was told of is read"
    );
}

/// Name of the repository as the site knows it.
async fn stored_name(mirror: &Mirror) -> String {
    mirror.erp.value("SELECT name FROM tabRepository WHERE github_id > ''").await
}

fn name(world: &erpnext_github::sim::github::World, home: u64) -> String {
    world.repositories[&home].full_name()
}
