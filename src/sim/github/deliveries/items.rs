//! Issues and pull requests.

use super::super::json::Object;
use super::super::rest;
use super::super::view::View;
use super::super::world::{Gone, Issue, ItemState, PullRequest, Repository};
use super::{Step, Told};

impl Told<'_> {
    pub(super) fn items(&mut self, step: Step<'_>) {
        let Step { old, home } = step;
        for item in home.items.values() {
            match old.item(item.number) {
                None => self.opened(home, item),
                Some(before) => {
                    for action in actions(step, before, item) {
                        self.item(step, (before, item), action);
                    }
                }
            }
        }
        for item in old.items.values().filter(|item| home.item(item.number).is_none()) {
            // GitHub deletes issues only.
            if item.is_pull_request() {
                continue;
            }
            let shown = rest::issue(self.then, old, item);
            match home.gone.get(&item.number) {
                Some(Gone::Transferred { repository_id, number }) => {
                    let there = self.now.world.repositories.get(repository_id);
                    let changes = there.and_then(|there| {
                        let moved = rest::issue(self.now, there, there.item(*number)?);
                        let home = rest::whole_repository(self.now, there);
                        Some(Object::new().raw("new_issue", &moved).raw("new_repository", &home).end())
                    });
                    self.tell(home, "issues", "transferred", |payload| {
                        payload
                            .raw("issue", &shown)
                            .raw("changes", changes.as_deref().unwrap_or("{}"));
                    });
                }
                _ => self.tell(home, "issues", "deleted", |payload| {
                    payload.raw("issue", &shown);
                }),
            }
        }
    }

    fn opened(&mut self, home: &Repository, item: &Issue) {
        let Some(pull) = &item.pull_request else {
            let changes = self.came_from(home, item);
            let shown = rest::issue(self.now, home, item);
            self.tell(home, "issues", "opened", |payload| {
                payload.raw("issue", &shown);
                if let Some(changes) = changes {
                    payload.raw("changes", &changes);
                }
            });
            return;
        };
        self.pull(home, (item, pull), "opened", None);
    }

    /// Where an issue was before it was moved here.
    fn came_from(&self, home: &Repository, item: &Issue) -> Option<String> {
        let gone = Gone::Transferred {
            repository_id: home.id,
            number: item.number,
        };
        let all = self.now.world.repositories.values();
        let (source, number) = all
            .flat_map(|one| one.gone.iter().map(move |(number, gone)| (one.id, *number, gone)))
            .find(|(_, _, one)| **one == gone)
            .map(|(source, number, _)| (source, number))?;
        let source = self.then.world.repositories.get(&source)?;
        let before = rest::issue(self.then, source, source.item(number)?);
        let repository = rest::whole_repository(self.then, source);
        Some(
            Object::new()
                .raw("old_issue", &before)
                .raw("old_repository", &repository)
                .end(),
        )
    }

    fn item(&mut self, step: Step<'_>, (before, item): (&Issue, &Issue), action: &str) {
        let home = step.home;
        if let Some(pull) = &item.pull_request {
            self.pull(home, (item, pull), action, Some(before));
            return;
        }
        let shown = rest::issue(self.now, home, item);
        let milestone = match action {
            "milestoned" => Some(rest::milestone(self.now, home, item.milestone)),
            "demilestoned" => Some(rest::milestone(self.now, home, before.milestone)),
            _ => None,
        };
        self.tell(home, "issues", action, |payload| {
            payload.raw("issue", &shown);
            if let Some(milestone) = milestone {
                payload.raw("milestone", &milestone);
            }
        });
    }

    fn pull(&mut self, home: &Repository, (item, pull): (&Issue, &PullRequest), action: &str, before: Option<&Issue>) {
        let view = self.now;
        let shown = rest::pull_request(view, home, item, pull, true);
        let old = before.and_then(|before| Some((before, before.pull_request.as_ref()?)));
        self.tell(home, "pull_request", action, |payload| {
            payload.put("number", &item.number).raw("pull_request", &shown);
            let Some((before, old)) = old else { return };
            match action {
                "assigned" => {
                    let new = item.assignees.iter().find(|one| !before.assignees.contains(one));
                    payload.raw("assignee", &rest::person(view, new.map(String::as_str)));
                }
                "synchronize" => {
                    payload.put("before", &old.head_sha).put("after", &pull.head_sha);
                }
                "review_requested" => {
                    let new = pull.reviewers.iter().find(|one| !old.reviewers.contains(one));
                    match new.or(pull.reviewers.first()) {
                        Some(login) => payload.raw("requested_reviewer", &rest::person(view, Some(login))),
                        None => payload.raw("requested_team", &team_of(view, home, &pull.team_reviewers)),
                    };
                }
                "review_request_removed" => {
                    let gone = |now: &[String], old: &[String]| -> Vec<String> {
                        old.iter().filter(|one| !now.contains(one)).cloned().collect()
                    };
                    if let Some(login) = gone(&pull.reviewers, &old.reviewers).first() {
                        payload.raw("requested_reviewer", &rest::person(view, Some(login)));
                    } else {
                        let teams = gone(&pull.team_reviewers, &old.team_reviewers);
                        payload.raw("requested_team", &team_of(view, home, &teams));
                    }
                }
                _ => {}
            }
        });
    }
}

/// The first team of these slugs, as GitHub shows it.
fn team_of(view: View<'_>, home: &Repository, slugs: &[String]) -> String {
    let mut teams = view.world.teams.iter();
    let found = teams.find(|team| slugs.iter().any(|slug| team.is(&home.owner, slug)));
    found.map_or_else(|| "null".to_owned(), |team| rest::team(view, team, true))
}

/// What was done to an item, in GitHub's words. What follows from a label or milestone that changed is not told.
fn actions(step: Step<'_>, before: &Issue, item: &Issue) -> Vec<&'static str> {
    let mut all = Vec::new();
    let mut told = |is_so: bool, action| {
        if is_so {
            all.push(action);
        }
    };
    told(before.title != item.title || before.body != item.body, "edited");
    match (before.state, item.state) {
        (ItemState::Open, ItemState::Closed) => told(true, "closed"),
        (ItemState::Closed, ItemState::Open) => told(true, "reopened"),
        _ => {}
    }
    let (held, holds) = (labels(step.old, before), labels(step.home, item));
    let is_there = |id: &u64| step.home.labels.iter().any(|label| label.id == *id);
    told(holds.iter().any(|id| !held.contains(id)), "labeled");
    told(held.iter().any(|id| is_there(id) && !holds.contains(id)), "unlabeled");
    told(item.assignees.iter().any(|one| !before.assignees.contains(one)), "assigned");
    told(before.assignees.iter().any(|one| !item.assignees.contains(one)), "unassigned");
    if before.milestone != item.milestone {
        let lost = before.milestone.is_some_and(|number| step.home.milestone(number).is_some());
        told(lost, "demilestoned");
        told(item.milestone.is_some(), "milestoned");
    }
    told(!before.locked && item.locked, "locked");
    told(before.locked && !item.locked, "unlocked");
    if before.issue_type != item.issue_type {
        told(before.issue_type.is_some(), "untyped");
        told(item.issue_type.is_some(), "typed");
    }
    if let (Some(before), Some(pull)) = (&before.pull_request, &item.pull_request) {
        told(before.head_sha != pull.head_sha, "synchronize");
        told(before.base_branch != pull.base_branch, "edited");
        told(!before.draft && pull.draft, "converted_to_draft");
        told(
            before.draft && !pull.draft && item.state == ItemState::Open,
            "ready_for_review",
        );
        let asked = |of: &PullRequest| of.reviewers.len() + of.team_reviewers.len();
        let is_new = |one: &String| !before.reviewers.contains(one) && !before.team_reviewers.contains(one);
        let mut wanted = pull.reviewers.iter().chain(&pull.team_reviewers);
        told(wanted.any(is_new), "review_requested");
        // One who reviews is not asked any more, and the review tells of it.
        told(
            asked(pull) < asked(before) && pull.reviews.len() == before.reviews.len(),
            "review_request_removed",
        );
    }
    all
}

/// Ids of the labels of an item.
fn labels(home: &Repository, item: &Issue) -> Vec<u64> {
    let held = item.labels.iter().filter_map(|name| home.label(name));
    held.map(|(id, _)| id).collect()
}
