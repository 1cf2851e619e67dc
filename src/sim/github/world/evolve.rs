//! A world that goes on: one plausible change at a time.

use super::fill::{PEOPLE, title};
use super::{Issue, ItemState, Repository, World, ids};
use crate::domain::ReviewState;

impl World {
    /// Makes one change, chosen by `step` alone, at the world's present; gives a sentence that says what happened.
    ///
    /// Archived repositories rest. With no repository that can change, nothing happens.
    pub fn evolve(&mut self, step: u64) -> String {
        let dice = ids::mix(0x6576_6f6c_7665, step);
        let mut living: Vec<&mut Repository> = self
            .repositories
            .values_mut()
            .filter(|one| !one.archived && !one.fork && one.blocked.is_none() && !one.branches.is_empty())
            .collect();
        if living.is_empty() {
            return "Nothing can change".to_owned();
        }
        let place = usize::try_from(dice % living.len() as u64).unwrap_or(0);
        let sentence = living[place].evolve(dice >> 8);
        self.settle();
        sentence
    }
}

impl Repository {
    fn evolve(&mut self, dice: u64) -> String {
        let name = self.full_name();
        let who = PEOPLE[usize::try_from(dice >> 8 & 0xFF).unwrap_or(0) % PEOPLE.len()];
        let what = dice % 12;
        // One pull request of several may change where issues are switched off; the rest of the steps go to pushes there.
        match (what, self.pick(dice >> 16, self.has_issues)) {
            (0 | 1, _) if self.has_issues => {
                let number = self.open_issue(&title(dice)).by(who).number;
                format!("{who} opened {name}#{number}")
            }
            (2, _) => {
                let branch = format!("work/{:06x}", dice >> 40);
                let number = self.open_pull_request(&title(dice), &branch).by(who).number;
                format!("{who} opened pull request {name}#{number}")
            }
            (3, Some(number)) => self.evolve_state(number, who),
            (4, Some(number)) => {
                self.comment_by(number, who, &title(dice >> 20));
                format!("{who} commented on {name}#{number}")
            }
            (5, Some(number)) => self.evolve_label(number, who),
            (6, Some(number)) => {
                let item = self.edit(number);
                if !item.assignees.iter().any(|one| one == who) {
                    item.assignees.push(who.to_owned());
                }
                format!("{who} took {name}#{number}")
            }
            (7, _) => {
                let branch = format!("idea/{:06x}", dice >> 40);
                self.push(&branch);
                format!("{who} pushed the new branch {branch} to {name}")
            }
            (8, _) => {
                let tag = format!("v{}.0", self.releases.len() + 1);
                self.publish_release(&tag).author = Some(who.to_owned());
                format!("{who} released {tag} of {name}")
            }
            (9, Some(number)) if self.item(number).is_some_and(Issue::is_pull_request) => {
                let state = if dice >> 40 & 1 == 0 {
                    ReviewState::Approved
                } else {
                    ReviewState::ChangesRequested
                };
                self.review(number, who, state);
                format!("{who} reviewed {name}#{number}")
            }
            _ => {
                let branch = self.default_branch.clone();
                self.push(&branch);
                format!("{who} pushed to {branch} of {name}")
            }
        }
    }

    /// Some item, pull requests only where issues are off.
    fn pick(&self, dice: u64, issues_too: bool) -> Option<u64> {
        let numbers: Vec<u64> = self
            .items
            .values()
            .filter(|item| (issues_too || item.is_pull_request()) && !item.locked)
            .map(|item| item.number)
            .collect();
        let place = usize::try_from(dice.checked_rem(numbers.len() as u64)?).ok()?;
        numbers.get(place).copied()
    }

    fn evolve_state(&mut self, number: u64, who: &str) -> String {
        let name = self.full_name();
        let item = self.item_mut(number);
        let merged = item.pull_request.as_ref().is_some_and(|pull| pull.merged_at.is_some());
        match (item.state, item.is_pull_request()) {
            (ItemState::Open, true) => {
                self.merge(number, who);
                format!("{who} merged {name}#{number}")
            }
            (ItemState::Open, false) => {
                self.close(number, "completed");
                format!("{who} closed {name}#{number}")
            }
            (ItemState::Closed, _) if merged => {
                self.comment(number);
                format!("{who} commented on {name}#{number}")
            }
            (ItemState::Closed, _) => {
                self.reopen(number);
                format!("{who} reopened {name}#{number}")
            }
        }
    }

    fn evolve_label(&mut self, number: u64, who: &str) -> String {
        let name = self.full_name();
        let item = self.edit(number);
        if let Some(place) = item.labels.iter().position(|label| label == "enhancement") {
            item.labels.remove(place);
            format!("{who} took the label enhancement from {name}#{number}")
        } else {
            item.labels.push("enhancement".to_owned());
            format!("{who} labelled {name}#{number} enhancement")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeDelta;

    use super::*;
    use crate::clock::FixedClock;

    #[test]
    fn the_world_goes_on_and_every_change_carries_the_present() {
        let clock = FixedClock::at(World::start_of_time());
        let mut world = World::lively(clock.clone());
        let mut kinds = BTreeSet::new();
        for step in 0..200 {
            clock.advance(TimeDelta::seconds(7));
            let sentence = world.evolve(step);
            kinds.insert(sentence.split_whitespace().nth(1).unwrap_or_default().to_owned());
        }
        assert!(kinds.len() >= 6, "only {kinds:?} happened");
        let now = world.now();
        let latest = world
            .repositories
            .values()
            .flat_map(|one| one.items.values().map(|item| item.updated_at).chain(one.pushed_at))
            .max();
        assert!(latest.is_some_and(|at| at <= now && at > World::start_of_time()));
    }
}
