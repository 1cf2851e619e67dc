//! Several processes that ask as they like, some of which die, under a clock of ours: whatever they do, GitHub, which counts for itself, has
//! nothing to complain of.

mod referee;
mod stage;

use proptest::prelude::*;

use super::*;
use stage::{Stage, step};

const HOUR: i64 = 3_600;
const MINUTE: i64 = 60_000;

proptest! {
    #[test]
    fn whatever_processes_do_and_whoever_dies_no_limit_of_github_is_passed(
        limit in 60_u64..5_000,
        used in 0_u64..5_000,
        steps in prop::collection::vec(step(), 1..250),
    ) {
        let mut stage = Stage::new(limit, limit.saturating_sub(used % limit));
        for step in &steps {
            stage.play(step);
            prop_assert!(stage.referee.complaints.is_empty(), "{:?}", stage.referee.complaints);
        }
        // It is a row of a table, read back each time.
        let text = serde_json::to_string(&stage.budget).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Budget>(&text).expect("the same"), stage.budget);
    }

    #[test]
    fn what_is_left_after_all_is_given_back_can_be_used(left in 10_u64..800) {
        let mut stage = Stage::new(5_000, left);
        let mut asked = 0;
        for _ in 0..2_000 {
            let before = stage.referee.left;
            stage.ask(0, 100, 20, 10, Urgency::Person);
            asked += before - stage.referee.left;
            stage.pass(50);
        }
        prop_assert!(stage.referee.complaints.is_empty(), "{:?}", stage.referee.complaints);
        prop_assert_eq!(asked, left, "a point that GitHub would give is not kept back for ever");
    }
}

#[test]
fn a_process_that_died_keeps_its_places_until_its_requests_are_over_and_its_points_for_a_minute() {
    let mut stage = Stage::new(5_000, 5_000);
    stage.ask(0, 1, 1, 10, Urgency::Background);
    stage.pass(20);
    stage.ask(0, 128, 60, 60_000, Urgency::Background);
    assert_eq!(stage.processes[0].under_way.len(), 8, "the ninth place is kept");
    stage.processes[0].is_dead = true;
    stage.ask(1, 128, 60, 60_000, Urgency::Background);
    assert_eq!(stage.processes[1].under_way.len(), 0);
    stage.ask(1, 128, 60, 30_000, Urgency::Person);
    assert_eq!(stage.processes[1].under_way.len(), 1, "people have the ninth place");
    stage.pass(80_000);
    let other = stage
        .processes
        .iter()
        .position(|process| process.name == "p2")
        .expect("alive");
    stage.ask(other, 128, 60, 10, Urgency::Background);
    assert_eq!(stage.processes[other].under_way.len(), 8);
    assert!(stage.referee.complaints.is_empty(), "{:?}", stage.referee.complaints);
}

#[test]
fn two_who_want_more_share_the_places() {
    let mut stage = Stage::new(5_000, 5_000);
    let mut shared = 0;
    for _ in 0..400 {
        stage.ask(0, 100, 60, 500, Urgency::Background);
        stage.ask(1, 100, 60, 500, Urgency::Background);
        shared += usize::from(stage.processes[..2].iter().all(|process| process.under_way.len() >= 3));
        stage.pass(100);
        assert!(stage.referee.complaints.is_empty(), "{:?}", stage.referee.complaints);
    }
    assert!(shared > 380, "in {shared} of 400 moments both had three of eight places");
}

#[test]
fn background_work_leaves_points_to_people_and_says_so() {
    let mut budget = Budget::default();
    let rules = Rules::default();
    let reading = |remaining| Reading {
        resource: Resource::Core,
        age_ms: 0,
        own_since: 0,
        points: Some(Seen {
            limit: 5_000,
            remaining,
            resets_at: 5_000,
        }),
    };
    let moment = Moment {
        shared: 1_000_000,
        github: 1_000,
    };
    let readings = [reading(90)];
    let ask = |urgency, readings| Ask {
        owner: "p",
        urgency,
        resource: Resource::Core,
        points: 8,
        in_flight: 0,
        wanted: 1,
        kept: 100,
        returned: &[],
        readings,
        spent: &[],
    };
    let refusal = budget
        .turn(&rules, moment, &ask(Urgency::Background, &readings))
        .expect_err("kept");
    assert_eq!(
        refusal,
        Refusal {
            why: Why::Kept,
            wait_ms: 4_000_000
        }
    );
    assert_eq!(
        budget
            .turn(&rules, moment, &ask(Urgency::Person, &[]))
            .expect("90 are left")
            .points,
        8
    );
    let none = [reading(0)];
    let later = Moment {
        shared: 1_100_000,
        github: 1_100,
    };
    let refusal = budget.turn(&rules, later, &ask(Urgency::Person, &none)).expect_err("none");
    assert_eq!(
        refusal,
        Refusal {
            why: Why::UsedUp,
            wait_ms: 3_900_000
        }
    );
    let after = Moment {
        shared: 5_000_000,
        github: 5_000,
    };
    assert!(
        budget.turn(&rules, after, &ask(Urgency::Background, &[])).is_ok(),
        "the hour is over"
    );
}

#[test]
fn where_github_counts_nothing_nothing_but_places_is_counted() {
    let mut stage = Stage::new(5_000, 5_000);
    let readings = [Reading {
        resource: Resource::Core,
        age_ms: 0,
        own_since: 0,
        points: None,
    }];
    for _ in 0..100 {
        let ask = Ask {
            owner: "p",
            urgency: Urgency::Background,
            resource: Resource::Core,
            points: 128,
            in_flight: 0,
            wanted: 20,
            kept: 100,
            returned: &[],
            readings: &readings,
            spent: &[],
        };
        let grant = stage.budget.turn(&stage.rules, stage.moment(), &ask).expect("no limit");
        assert_eq!((grant.points, grant.slots), (128, 8));
    }
}

#[test]
fn slowed_down_nobody_asks_then_half_as_many_then_slowly_more() {
    let rules = Rules::default();
    let mut budget = Budget::default();
    let at = |seconds: i64| Moment {
        shared: seconds * 1_000,
        github: seconds,
    };
    let ask = Ask {
        owner: "p",
        urgency: Urgency::Background,
        resource: Resource::Core,
        points: 1,
        in_flight: 0,
        wanted: 20,
        kept: 0,
        returned: &[],
        readings: &[],
        spent: &[],
    };
    budget.slow_down(&rules, at(1_000), 1_060);
    // Seven more were under way.
    budget.slow_down(&rules, at(1_001), 1_061);
    let refusal = budget.turn(&rules, at(1_030), &ask).expect_err("slowed");
    assert_eq!(
        refusal,
        Refusal {
            why: Why::Slowed,
            wait_ms: 31_000
        }
    );
    let slots = |budget: &mut Budget, seconds| budget.turn(&rules, at(seconds), &ask).map(|grant| grant.slots);
    assert_eq!(slots(&mut budget, 1_061), Ok(4));
    assert_eq!(slots(&mut budget, 1_121), Ok(5));
    assert_eq!(slots(&mut budget, 3_000), Ok(8));
}

#[test]
fn who_is_refused_points_holds_no_places() {
    let (rules, mut budget) = (Rules::default(), Budget::default());
    let moment = Moment {
        shared: 1_000,
        github: 1,
    };
    let none_left = [Reading {
        resource: Resource::Core,
        age_ms: 0,
        own_since: 0,
        points: Some(Seen {
            limit: 60,
            remaining: 0,
            resets_at: 3_600,
        }),
    }];
    let ask = Ask {
        owner: "p",
        urgency: Urgency::Background,
        resource: Resource::Core,
        points: 8,
        in_flight: 0,
        wanted: 7,
        kept: 0,
        returned: &[],
        readings: &none_left,
        spent: &[],
    };
    let refusal = budget.turn(&rules, moment, &ask).expect_err("nothing is left");
    assert_eq!(refusal.why, Why::UsedUp);
    let other = Ask {
        owner: "q",
        resource: Resource::Graphql,
        readings: &[],
        ..ask
    };
    assert_eq!(budget.turn(&rules, moment, &other).map(|grant| grant.slots), Ok(7));
}

#[test]
fn what_was_spent_is_known_by_purpose_for_a_day() {
    const HOUR_MS: i64 = 3_600_000;
    let mut budget = Budget::default();
    let mut spend = |hour: i64, purpose, requests, points| {
        let moment = Moment {
            shared: hour * HOUR_MS + 5,
            github: hour * HOUR,
        };
        let ask = Ask {
            owner: "one",
            urgency: Urgency::Background,
            resource: Resource::Core,
            points: 0,
            in_flight: 0,
            wanted: 0,
            kept: 0,
            returned: &[],
            readings: &[],
            spent: &[(purpose, Cost { requests, points })],
        };
        budget.give_back(moment, &ask);
        budget.spent(moment.shared)
    };
    spend(100, Purpose::Sync, 10, 8);
    spend(101, Purpose::Desk, 1, 1);
    let now = spend(123, Purpose::Sync, 5, 2);
    let cost = |requests, points| Cost { requests, points };
    assert_eq!(now, [(Purpose::Sync, cost(15, 10)), (Purpose::Desk, cost(1, 1))].into());
    let later = spend(124, Purpose::Sync, 1, 0);
    assert_eq!(later, [(Purpose::Sync, cost(6, 2)), (Purpose::Desk, cost(1, 1))].into());
}
