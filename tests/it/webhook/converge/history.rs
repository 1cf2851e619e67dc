//! A random history of a repository: what was done, what GitHub showed after it, and what GitHub delivered for it.

use chrono::{DateTime, TimeDelta, Utc};
use erpnext_github::clock::FixedClock;
use erpnext_github::sim::github::{Delivery, FakeGithub, World};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::edits::{EDITS, OTHER, Scene};
use crate::support::mirror::TOKEN;

/// One thing that was done.
pub(super) struct Moment {
    /// What.
    pub(super) what: &'static str,
    /// How long after the beginning.
    pub(super) passed: TimeDelta,
    /// The world after it.
    pub(super) world: World,
    /// What GitHub delivers for it.
    pub(super) deliveries: Vec<Delivery>,
}

/// A history, the same for the same seed.
pub(super) struct History {
    /// The world before anything was done.
    pub(super) world: World,
    /// Id of the repository.
    pub(super) home: u64,
    /// All that was done, in order.
    pub(super) moments: Vec<Moment>,
}

impl History {
    /// Everything once, in any order, and some of it more often.
    pub(super) async fn of(seed: u64, began: DateTime<Utc>) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let clock = FixedClock::at(began);
        let mut world = World::new(clock.clone());
        world.user("octo");
        world.token(TOKEN, "octo");
        world.repository(OTHER).with_issues(2);
        let home = beginning(&mut world);
        let github = FakeGithub::start(world).await.expect("a fake GitHub");
        let world = github.world().clone();
        let mut order: Vec<usize> = (0..EDITS.len()).collect();
        order.extend((0..EDITS.len() / 2).map(|_| dice.random_range(0..EDITS.len())));
        order.shuffle(&mut dice);
        let (mut passed, mut moments) = (TimeDelta::zero(), Vec::new());
        for (step, &edit) in order.iter().enumerate() {
            // GitHub's versions are whole seconds: several changes of one second are the rule, not the exception.
            let by = TimeDelta::milliseconds(dice.random_range(0..1_500));
            passed += by;
            clock.advance(by);
            let before = github.world().clone();
            let (what, edit) = EDITS[edit];
            let done = edit(&mut Scene {
                world: &mut github.world(),
                home,
                dice: &mut dice,
                step,
            });
            if done {
                moments.push(Moment {
                    what,
                    passed,
                    deliveries: github.deliveries_since(&before),
                    world: github.world().clone(),
                });
            }
        }
        Self { world, home, moments }
    }

    /// The world at its end.
    pub(super) fn last(&self) -> &World {
        self.moments.last().map_or(&self.world, |moment| &moment.world)
    }

    /// When it ended, after its beginning.
    pub(super) fn passed(&self) -> TimeDelta {
        self.moments.last().map_or_else(TimeDelta::zero, |moment| moment.passed)
    }

    /// What was done, for who reads a failure.
    pub(super) fn told(&self) -> String {
        let all = self.moments.iter().map(|moment| {
            let events: Vec<&str> = moment.deliveries.iter().map(|one| one.event).collect();
            format!("{:>7} ms  {}  {events:?}", moment.passed.num_milliseconds(), moment.what)
        });
        all.collect::<Vec<_>>().join("\n")
    }
}

/// A repository with something of everything.
fn beginning(world: &mut World) -> u64 {
    let web = world.repository("octo/web");
    web.with_issues(6)
        .with_pull_requests(4)
        .with_branches(3)
        .with_members(3)
        .with_comments(4)
        .with_releases(2)
        .with_commits(4);
    let milestone = web.add_milestone("First");
    web.add_milestone("Second");
    web.item_mut(1).milestone = Some(milestone);
    web.id
}
