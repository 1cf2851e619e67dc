//! GitHub, as its documentation says it counts.

use std::collections::VecDeque;

use super::super::*;
use super::{HOUR, MINUTE};

/// GitHub, as its documentation says it counts.
pub(super) struct Referee {
    pub(super) left: u64,
    limit: u64,
    resets_at: i64,
    /// When points were used, by the millisecond, and how many.
    minute: VecDeque<(i64, u64)>,
    content: VecDeque<i64>,
    last_write: Option<i64>,
    pub(super) under_way: u32,
    /// Of them, those that people wait for.
    pub(super) of_people: u32,
    /// When somebody asked last who could not know that nothing was left.
    blind: Option<i64>,
    pub(super) complaints: Vec<String>,
}

impl Referee {
    pub(super) fn new(limit: u64, left: u64, resets_at: i64) -> Self {
        Self {
            left,
            limit,
            resets_at,
            minute: VecDeque::new(),
            content: VecDeque::new(),
            last_write: None,
            under_way: 0,
            of_people: 0,
            blind: None,
            complaints: Vec::new(),
        }
    }

    /// `is_blind` where whoever asks has no word of GitHub: one such request in the time of a slice may find nothing left.
    pub(super) fn asked(&mut self, rules: &Rules, now: i64, points: u64, (urgency, is_blind): (Urgency, bool)) {
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
        self.of_people += u32::from(urgency == Urgency::Person);
        let of_nobody = self.under_way - self.of_people;
        if of_nobody > rules.concurrency || self.under_way > rules.concurrency + 1 {
            let complaint = format!("{} at a time, {} of them of people, at {now}", self.under_way, self.of_people);
            self.complaints.push(complaint);
        }
    }

    pub(super) fn wrote(&mut self, now: i64) {
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

    pub(super) fn reading(&self) -> Seen {
        Seen {
            limit: self.limit,
            remaining: self.left,
            resets_at: self.resets_at,
        }
    }
}
