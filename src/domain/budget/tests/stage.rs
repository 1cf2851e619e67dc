//! Several processes that ask as a test tells them.

use proptest::prelude::*;

use super::super::*;
use super::HOUR;
use super::referee::Referee;

/// A process: what it was given, and its requests under way, each with its end and whether it was the referee's or is dead.
#[derive(Default)]
pub(super) struct Process {
    pub(super) name: String,
    pub(super) slice: Option<(SliceId, u64, u64, i64)>,
    pub(super) slots: u32,
    /// When each ends, and whether a person waits for it.
    pub(super) under_way: Vec<(i64, bool)>,
    pub(super) reading: Option<(Seen, i64)>,
    pub(super) is_dead: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
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

pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop_oneof![0_i64..300, 0_i64..5_000, 0_i64..100_000].prop_map(Step::Wait),
        12 => (0_usize..3, 1_u64..200, 0_u32..60, 1_i64..20_000, any::<bool>())
            .prop_map(|(who, wanted, requests, lasts, is_person)| Step::Ask { who, wanted, requests, lasts, is_person }),
        3 => (0_usize..3, 1_i64..2_000).prop_map(|(who, lasts)| Step::Write { who, lasts }),
        1 => (0_usize..3).prop_map(|who| Step::Rest { who }),
        1 => (0_usize..3).prop_map(|who| Step::Kill { who }),
    ]
}

pub(super) struct Stage {
    pub(super) rules: Rules,
    pub(super) budget: Budget,
    pub(super) referee: Referee,
    pub(super) now: i64,
    pub(super) processes: Vec<Process>,
    pub(super) born: u32,
}

impl Stage {
    pub(super) fn new(limit: u64, left: u64) -> Self {
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

    pub(super) fn birth(&mut self) -> Process {
        self.born += 1;
        Process {
            name: format!("p{}", self.born),
            ..Process::default()
        }
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            shared: self.now,
            github: self.now / 1_000,
        }
    }

    pub(super) fn pass(&mut self, time: i64) {
        self.now += time;
        let now = self.now;
        let (mut ended, mut ended_of_people, mut reading) = (0, 0, None);
        for process in &mut self.processes {
            let before = process.under_way.len();
            ended_of_people += process
                .under_way
                .iter()
                .filter(|(end, is_person)| *is_person && *end <= now)
                .count();
            process.under_way.retain(|(end, _)| *end > now);
            if process.under_way.len() < before {
                ended += before - process.under_way.len();
                reading = Some(self.referee.reading());
                // It is as old as the longest request.
                process.reading = reading.map(|seen| (seen, now));
            }
        }
        let _ = reading;
        self.referee.under_way -= u32::try_from(ended).expect("few");
        self.referee.of_people -= u32::try_from(ended_of_people).expect("few");
        self.processes
            .retain(|process| !process.is_dead || !process.under_way.is_empty());
    }

    /// What a process gives back and tells with a turn.
    pub(super) fn told(&mut self, who: usize) -> (Vec<Returned>, Vec<Reading>) {
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

    pub(super) fn turn<R>(
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
            spent: &[],
        };
        then(&mut self.budget, &self.rules, moment, &ask)
    }

    pub(super) fn ask(&mut self, who: usize, wanted: u64, requests: u32, lasts: i64, urgency: Urgency) {
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
            process.under_way.push((now + lasts, urgency == Urgency::Person));
            self.referee.asked(&self.rules, now, 1, (urgency, is_blind));
            used += 1;
        }
        process.slice = grant.slice.map(|slice| (slice, grant.points, used, until));
    }

    pub(super) fn write(&mut self, who: usize, lasts: i64) {
        let given = self.turn(who, 1, 1, Urgency::Person, |budget, rules, moment, ask| {
            budget.write(rules, moment, ask, true)
        });
        if given.is_ok() {
            let is_blind = self.budget.primary(Resource::Core).is_none();
            self.referee.asked(&self.rules, self.now, 5, (Urgency::Person, is_blind));
            self.referee.wrote(self.now);
            let end = self.now + lasts;
            self.processes[who].under_way.push((end, true));
        }
    }

    pub(super) fn play(&mut self, step: &Step) {
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
                budget.give_back(moment, ask);
            }),
            Step::Kill { who } => {
                self.processes[of(who)].is_dead = true;
                let born = self.birth();
                self.processes.push(born);
            }
        }
    }
}
