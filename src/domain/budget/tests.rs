//! Several processes that ask as they like, some of which die, under a clock of ours: whatever they do, GitHub, which counts for itself, has
//! nothing to complain of.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

const HOUR: i64 = 3_600;
const MINUTE: i64 = 60_000;

/// GitHub, as its documentation says it counts.
struct Referee {
    left: u64,
    limit: u64,
    resets_at: i64,
    /// When points were used, by the millisecond, and how many.
    minute: VecDeque<(i64, u64)>,
    content: VecDeque<i64>,
    last_write: Option<i64>,
    under_way: u32,
    /// When somebody asked last who could not know that nothing was left.
    blind: Option<i64>,
    complaints: Vec<String>,
}

impl Referee {
    fn new(limit: u64, left: u64, resets_at: i64) -> Self {
        Self {
            left,
            limit,
            resets_at,
            minute: VecDeque::new(),
            content: VecDeque::new(),
            last_write: None,
            under_way: 0,
            blind: None,
            complaints: Vec::new(),
        }
    }

    /// `is_blind` where whoever asks has no word of GitHub: one such request in the time of a slice may find nothing left.
    fn asked(&mut self, rules: &Rules, now: i64, points: u64, is_blind: bool) {
        if now / 1_000 >= self.resets_at {
            self.left = self.limit;
            self.resets_at = now / 1_000 + HOUR;
        }
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None if is_blind && self.blind.is_none_or(|before| before + rules.slice_ms <= now) => self.blind = Some(now),
            None => self.complaints.push(format!("no point was left at {now}")),
        }
        self.minute.push_back((now, points));
        self.minute.retain(|&(at, _)| at + MINUTE > now);
        let sum: u64 = self.minute.iter().map(|(_, points)| points).sum();
        if sum > 900 {
            self.complaints.push(format!("{sum} points in a minute at {now}"));
        }
        self.under_way += 1;
        if self.under_way > rules.concurrency {
            self.complaints.push(format!("{} at a time at {now}", self.under_way));
        }
    }

    fn wrote(&mut self, now: i64) {
        if self.last_write.is_some_and(|last| now - last < 1_000) {
            self.complaints.push(format!("two writes within a second at {now}"));
        }
        self.last_write = Some(now);
        self.content.push_back(now);
        self.content.retain(|&at| at + 60 * MINUTE > now);
        let in_minute = self.content.iter().filter(|&&at| at + MINUTE > now).count();
        if in_minute > 80 || self.content.len() > 500 {
            self.complaints
                .push(format!("{in_minute} writes in a minute, {} in an hour", self.content.len()));
        }
    }

    fn reading(&self) -> Seen {
        Seen {
            limit: self.limit,
            remaining: self.left,
            resets_at: self.resets_at,
        }
    }
}

/// A process: what it was given, and its requests under way, each with its end and whether it was the referee's or is dead.
#[derive(Default)]
struct Process {
    name: String,
    slice: Option<(SliceId, u64, u64, i64)>,
    slots: u32,
    under_way: Vec<i64>,
    reading: Option<(Seen, i64)>,
    is_dead: bool,
}

#[derive(Debug, Clone)]
enum Step {
    /// Time passes, in milliseconds.
    Wait(i64),
    /// A process asks for points with this many wanted, and uses what it got: so many requests that last so long.
    Ask {
        who: usize,
        wanted: u64,
        requests: u32,
        lasts: i64,
        is_person: bool,
    },
    /// A process writes.
    Write { who: usize, lasts: i64 },
    /// A process gives all back.
    Rest { who: usize },
    /// A process is killed, and another one begins in its place.
    Kill { who: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop_oneof![0_i64..300, 0_i64..5_000, 0_i64..100_000].prop_map(Step::Wait),
        12 => (0_usize..3, 1_u64..200, 0_u32..60, 1_i64..20_000, any::<bool>())
            .prop_map(|(who, wanted, requests, lasts, is_person)| Step::Ask { who, wanted, requests, lasts, is_person }),
        3 => (0_usize..3, 1_i64..2_000).prop_map(|(who, lasts)| Step::Write { who, lasts }),
        1 => (0_usize..3).prop_map(|who| Step::Rest { who }),
        1 => (0_usize..3).prop_map(|who| Step::Kill { who }),
    ]
}

struct Stage {
    rules: Rules,
    budget: Budget,
    referee: Referee,
    now: i64,
    processes: Vec<Process>,
    born: u32,
}

impl Stage {
    fn new(limit: u64, left: u64) -> Self {
        let mut stage = Self {
            rules: Rules::default(),
            budget: Budget::default(),
            referee: Referee::new(limit, left, 1_000 + HOUR),
            now: 1_000_000,
            processes: Vec::new(),
            born: 0,
        };
        stage.processes = (0..3).map(|_| stage.birth()).collect();
        stage
    }

    fn birth(&mut self) -> Process {
        self.born += 1;
        Process {
            name: format!("p{}", self.born),
            ..Process::default()
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            shared: self.now,
            github: self.now / 1_000,
        }
    }

    fn pass(&mut self, time: i64) {
        self.now += time;
        let now = self.now;
        let (mut ended, mut reading) = (0, None);
        for process in &mut self.processes {
            let before = process.under_way.len();
            process.under_way.retain(|&end| end > now);
            if process.under_way.len() < before {
                ended += before - process.under_way.len();
                reading = Some(self.referee.reading());
                // It is as old as the longest request.
                process.reading = reading.map(|seen| (seen, now));
            }
        }
        let _ = reading;
        self.referee.under_way -= u32::try_from(ended).expect("few");
        self.processes
            .retain(|process| !process.is_dead || !process.under_way.is_empty());
    }

    /// What a process gives back and tells with a turn.
    fn told(&mut self, who: usize) -> (Vec<Returned>, Vec<Reading>) {
        let now = self.now;
        let process = &mut self.processes[who];
        let returned = process.slice.take().map(|(slice, points, used, _)| Returned {
            slice,
            used,
            unused: points - used,
            beyond: 0,
        });
        let reading = process.reading.take().map(|(points, at)| Reading {
            resource: Resource::Core,
            age_ms: now - at,
            own_since: 0,
            points: Some(points),
        });
        (returned.into_iter().collect(), reading.into_iter().collect())
    }

    fn turn<R>(
        &mut self,
        who: usize,
        points: u64,
        wanted: u32,
        urgency: Urgency,
        then: impl FnOnce(&mut Budget, &Rules, Moment, &Ask<'_>) -> R,
    ) -> R {
        let (returned, readings) = self.told(who);
        let moment = self.moment();
        let process = &self.processes[who];
        let in_flight = u32::try_from(process.under_way.len()).expect("few");
        let ask = Ask {
            owner: &process.name,
            urgency,
            resource: Resource::Core,
            points,
            in_flight,
            wanted: in_flight + wanted,
            kept: 0,
            returned: &returned,
            readings: &readings,
        };
        then(&mut self.budget, &self.rules, moment, &ask)
    }

    fn ask(&mut self, who: usize, wanted: u64, requests: u32, lasts: i64, urgency: Urgency) {
        let given = self.turn(who, wanted, requests.max(1), urgency, |budget, rules, moment, ask| {
            budget.turn(rules, moment, ask)
        });
        let (now, until) = (self.now, self.now + self.rules.slice_ms);
        let process = &mut self.processes[who];
        let Ok(grant) = given else {
            process.slots = u32::try_from(process.under_way.len()).expect("few");
            return;
        };
        let is_blind = self.budget.primary(Resource::Core).is_none();
        process.slots = grant.slots;
        let mut used = 0;
        while used < grant.points && used < u64::from(requests) && process.under_way.len() < grant.slots as usize {
            process.under_way.push(now + lasts);
            self.referee.asked(&self.rules, now, 1, is_blind);
            used += 1;
        }
        process.slice = grant.slice.map(|slice| (slice, grant.points, used, until));
    }

    fn write(&mut self, who: usize, lasts: i64) {
        let given = self.turn(who, 1, 1, Urgency::Person, |budget, rules, moment, ask| {
            budget.write(rules, moment, ask, true)
        });
        if given.is_ok() {
            let is_blind = self.budget.primary(Resource::Core).is_none();
            self.referee.asked(&self.rules, self.now, 5, is_blind);
            self.referee.wrote(self.now);
            let end = self.now + lasts;
            self.processes[who].under_way.push(end);
        }
    }

    fn play(&mut self, step: &Step) {
        let alive: Vec<usize> = (0..self.processes.len())
            .filter(|&who| !self.processes[who].is_dead)
            .collect();
        let of = |who: usize| alive[who % alive.len()];
        match *step {
            Step::Wait(time) => self.pass(time),
            Step::Ask {
                who,
                wanted,
                requests,
                lasts,
                is_person,
            } => {
                let urgency = if is_person { Urgency::Person } else { Urgency::Background };
                self.ask(of(who), wanted, requests, lasts, urgency);
            }
            Step::Write { who, lasts } => self.write(of(who), lasts),
            Step::Rest { who } => self.turn(of(who), 0, 0, Urgency::Background, |budget, _, moment, ask| {
                budget.give_back(moment, ask)
            }),
            Step::Kill { who } => {
                self.processes[of(who)].is_dead = true;
                let born = self.birth();
                self.processes.push(born);
            }
        }
    }
}

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
    assert_eq!(stage.processes[0].under_way.len(), 7, "the last place is kept");
    stage.processes[0].is_dead = true;
    stage.ask(1, 128, 60, 60_000, Urgency::Background);
    assert_eq!(stage.processes[1].under_way.len(), 0);
    stage.ask(1, 128, 60, 30_000, Urgency::Person);
    assert_eq!(stage.processes[1].under_way.len(), 1, "people have the last place");
    stage.pass(80_000);
    let other = stage
        .processes
        .iter()
        .position(|process| process.name == "p2")
        .expect("alive");
    stage.ask(other, 128, 60, 10, Urgency::Background);
    assert_eq!(stage.processes[other].under_way.len(), 7);
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
    assert!(shared > 380, "in {shared} of 400 moments both had three of seven places");
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
        };
        let grant = stage.budget.turn(&stage.rules, stage.moment(), &ask).expect("no limit");
        assert_eq!((grant.points, grant.slots), (128, 7));
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
        urgency: Urgency::Person,
        resource: Resource::Core,
        points: 1,
        in_flight: 0,
        wanted: 20,
        kept: 0,
        returned: &[],
        readings: &[],
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
