//! Filling a repository with many plausible things at once, always the same ones.

use chrono::{DateTime, TimeDelta, Utc};

use super::text::filler;
use super::{Collaborator, Issue, ItemState, MergeState, Permission, PullRequest, Repository, ReviewDecision, Text, ids};

/// People who write and work on what is filled in; user accounts unless the world declares them otherwise.
pub(super) const PEOPLE: [&str; 6] = ["mona", "ada-l", "grace-h", "edsger", "barbara-l", "tim-bl"];

const SUBJECTS: [&str; 8] = [
    "invoice",
    "stock ledger",
    "login page",
    "sales order",
    "tax template",
    "work order",
    "report",
    "print format",
];
const TROUBLES: [&str; 8] = [
    "is slow with many rows",
    "shows the wrong total",
    "needs a filter by company",
    "fails after an upgrade",
    "should remember the last choice",
    "rounds twice",
    "loses its sort order",
    "has no translation",
];

/// A title from two lists of words.
pub(super) fn title(step: u64) -> String {
    let pick = |list: &[&'static str; 8], shift: u32| list[usize::try_from(ids::mix(7, step) >> shift & 7).unwrap_or(0)];
    format!("The {} {}", pick(&SUBJECTS, 0), pick(&TROUBLES, 8))
}

/// One of the people.
fn person(step: u64) -> String {
    PEOPLE[usize::try_from(step % PEOPLE.len() as u64).unwrap_or(0)].to_owned()
}

impl Repository {
    /// Adds `count` issues: two of three open, some labelled and assigned.
    pub fn with_issues(&mut self, count: u64) -> &mut Self {
        self.fill(count, 200, |_| false)
    }

    /// Adds `count` pull requests: open, draft, closed and merged ones, some with reviewers.
    pub fn with_pull_requests(&mut self, count: u64) -> &mut Self {
        self.fill(count, 200, |_| true)
    }

    /// Adds `issues` issues and `pull_requests` pull requests in a mixed order, each with a text of about `bytes` bytes.
    pub(super) fn with_mixed_items(&mut self, issues: u64, pull_requests: u64, bytes: usize) -> &mut Self {
        let total = issues + pull_requests;
        // Spread evenly: a step is a pull request where the share that is due grows past a whole number.
        self.fill(total, bytes, |step| {
            (step + 1) * pull_requests / total > step * pull_requests / total
        })
    }

    fn fill(&mut self, count: u64, bytes: usize, is_pull_request: impl Fn(u64) -> bool) -> &mut Self {
        let now = self.now();
        let last = self.items.values().map(|item| item.created_at).max();
        let from = last.unwrap_or(now - TimeDelta::days(700)).min(now);
        let slots = i32::try_from(count + 1).unwrap_or(i32::MAX);
        let spacing = (now - from) / slots;
        for step in 0..count {
            let created_at = truncated(from + spacing * i32::try_from(step + 1).unwrap_or(i32::MAX));
            let number = self.next_number();
            let mut item = Issue::new(self.id, number, &title(number), created_at);
            item.body = Some(Text::filler(number, bytes));
            item.author = Some(person(number));
            if is_pull_request(step) {
                let mut pull = PullRequest::new(self.id, number, &format!("change-{number}"), &self.default_branch);
                vary_pull_request(&mut pull, number);
                item.pull_request = Some(Box::new(pull));
            }
            vary(&mut item, now);
            self.items.insert(number, item);
        }
        self
    }

    /// Adds `count` comments to its items, a minute apart and the newest one a minute old; the items' own times stay as they are.
    pub fn with_comments(&mut self, count: u64) -> &mut Self {
        let numbers: Vec<u64> = self.items.keys().copied().collect();
        let now = self.now();
        for (step, &number) in (0..count).zip(numbers.iter().cycle()) {
            let age = TimeDelta::minutes(i64::try_from(count - step).unwrap_or(0));
            let id = self.add_comment(number, &person(step), &filler(step, 200));
            if let Some(comment) = self.comments.get_mut(&id) {
                (comment.created_at, comment.updated_at) = (now - age, now - age);
            }
        }
        self
    }

    /// Adds `count` releases, an hour apart and the newest one at the present, each with a file.
    pub fn with_releases(&mut self, count: u64) -> &mut Self {
        let now = self.now();
        for step in 0..count {
            let age = TimeDelta::hours(i64::try_from(count - step - 1).unwrap_or(0));
            let release = self.publish_release(&format!("v0.{step}.0"));
            release.body = Some(filler(step, 200));
            release.created_at = now - age;
            (release.published_at, release.updated_at) = (Some(now - age), now - age);
        }
        self
    }

    /// Adds `count` labels.
    pub fn with_labels(&mut self, count: u64) -> &mut Self {
        for step in 0..count {
            self.add_label(&format!("area/{step:04}"));
        }
        self
    }

    /// Adds `count` milestones.
    pub fn with_milestones(&mut self, count: u64) -> &mut Self {
        for step in 0..count {
            self.add_milestone(&format!("Sprint {step}"));
        }
        self
    }

    /// Adds branches until there are `count`; their commits are a minute apart and end at the present.
    pub fn with_branches(&mut self, count: u64) -> &mut Self {
        let now = self.now();
        let missing = count.saturating_sub(self.branches.len() as u64);
        for step in 0..missing {
            let age = TimeDelta::minutes(i64::try_from(missing - step).unwrap_or(0));
            self.add_branch(&format!("feature/branch-{step:04}"), now - age);
        }
        if missing > 0 {
            self.pushed_at = Some(now);
        }
        self
    }

    /// Adds collaborators until there are `count`.
    pub fn with_members(&mut self, count: u64) -> &mut Self {
        const ROLES: [Permission; 5] = [
            Permission::Pull,
            Permission::Triage,
            Permission::Push,
            Permission::Maintain,
            Permission::Admin,
        ];
        let missing = count.saturating_sub(self.collaborators.len() as u64);
        for step in 0..missing {
            let role = ROLES[usize::try_from(step % 5).unwrap_or(0)];
            let login = format!("member-{:03}", self.collaborators.len());
            self.collaborators.push(Collaborator::new(&login, role));
        }
        self
    }
}

/// GitHub's times are whole seconds.
fn truncated(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}

/// Gives an item a history that depends on its number alone.
fn vary(item: &mut Issue, now: DateTime<Utc>) {
    let dice = ids::mix(11, item.number);
    let age = (now - item.created_at) / 16;
    item.updated_at = truncated(item.created_at + age * i32::try_from(dice >> 8 & 7).unwrap_or(0));
    if dice.is_multiple_of(4) {
        item.labels.push("bug".to_owned());
    }
    if dice.is_multiple_of(5) {
        item.assignees.push(person(item.number + 1));
    }
    if dice.is_multiple_of(3) || item.pull_request.as_ref().is_some_and(|pull| pull.merged_by.is_some()) {
        let at = item.updated_at;
        item.state = ItemState::Closed;
        item.closed_at = Some(at);
        item.closed_by = Some(person(item.number + 2));
        match item.pull_request.as_mut() {
            None => item.state_reason = Some(if dice.is_multiple_of(2) { "completed" } else { "not_planned" }.to_owned()),
            Some(pull) if pull.merged_by.is_some() => pull.merged_at = Some(at),
            Some(_) => {}
        }
    }
}

/// Gives a pull request reviewers and an end that depend on its number alone.
fn vary_pull_request(pull: &mut PullRequest, number: u64) {
    let dice = ids::mix(13, number);
    match dice % 6 {
        0 | 1 => {
            pull.merged_by = Some(person(number + 2));
            pull.merge_commit_sha = Some(ids::sha(dice, 2));
            pull.merge_state = MergeState::Unknown;
        }
        2 => {
            pull.draft = true;
            pull.merge_state = MergeState::Draft;
        }
        3 => pull.merge_state = MergeState::Dirty,
        4 => pull.merge_state = MergeState::Blocked,
        _ => {}
    }
    if dice >> 8 & 1 == 0 {
        pull.reviewers.push(person(number + 3));
        pull.review_decision = Some(ReviewDecision::ReviewRequired);
    } else if pull.merged_by.is_some() {
        pull.review_decision = Some(ReviewDecision::Approved);
    }
}

#[cfg(test)]
mod tests {
    use super::super::World;

    #[test]
    fn filling_gives_the_same_things_every_time() {
        let titles = || {
            let mut world = World::default();
            world.repository("acme/web").with_issues(20).with_pull_requests(9);
            let items: Vec<_> = world
                .repository("acme/web")
                .items
                .values()
                .map(|item| (item.title.clone(), item.updated_at, item.node_id()))
                .collect();
            items
        };
        assert_eq!(titles(), titles());
    }

    #[test]
    fn nothing_happens_after_the_present_or_out_of_order() {
        let mut world = World::default();
        let repository = world.repository("acme/web").with_mixed_items(40, 20, 1_500);
        let now = repository.now();
        assert_eq!(repository.items.values().filter(|item| item.is_pull_request()).count(), 20);
        assert!(repository.items.values().all(|item| {
            item.created_at <= item.updated_at
                && item.updated_at <= now
                && item.body.as_ref().is_some_and(|body| body.show().len() >= 1_500)
        }));
        assert!(repository.items.values().is_sorted_by_key(|item| item.created_at));
        assert!(repository.items.values().any(|item| {
            let merged = item.pull_request.as_ref().is_some_and(|pull| pull.merged_at.is_some());
            merged && item.closed_at.is_some()
        }));
    }
}
