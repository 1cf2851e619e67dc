//! Comments and reviews.

use super::super::json::Object;
use super::super::rest;
use super::super::view::{View, stamp};
use super::super::world::{Comment, Issue, PullRequest, Repository, Review, ids};
use super::{Step, Told};
use crate::domain::ReviewState;

impl Told<'_> {
    pub(super) fn talk(&mut self, step: Step<'_>) {
        self.comments(step);
        for item in step.home.items.values() {
            let before = step.old.item(item.number).and_then(|item| item.pull_request.as_deref());
            if let (Some(pull), Some(before)) = (item.pull_request.as_deref(), before) {
                self.reviews(step.home, (item, pull), before);
            }
        }
    }

    fn comments(&mut self, Step { old, home }: Step<'_>) {
        for (id, comment) in &home.comments {
            // One that came with its issue keeps its id, and is not told.
            let before = old.comments.get(id);
            let is_elsewhere = || self.then.world.repositories.values().any(|one| one.comments.contains_key(id));
            let action = match before {
                None if is_elsewhere() => continue,
                None => "created",
                Some(before) if before.body != comment.body => "edited",
                Some(_) => continue,
            };
            let shown = rest::comment(self.now, home, comment);
            self.comment(home, comment, (action, &shown));
        }
        for (id, comment) in &old.comments {
            // Those of an issue that is gone go with it.
            if !home.comments.contains_key(id) && home.item(comment.number).is_some() {
                let shown = rest::comment(self.then, old, comment);
                self.comment(home, comment, ("deleted", &shown));
            }
        }
    }

    fn comment(&mut self, home: &Repository, comment: &Comment, (action, shown): (&str, &str)) {
        let Some(item) = home.item(comment.number) else { return };
        let issue = rest::issue(self.now, home, item);
        self.tell(home, "issue_comment", action, |payload| {
            payload.raw("issue", &issue).raw("comment", shown);
        });
    }

    fn reviews(&mut self, home: &Repository, (item, pull): (&Issue, &PullRequest), before: &PullRequest) {
        for one in &pull.reviews {
            let old = before.reviews.iter().find(|old| old.id == one.id);
            let action = match old {
                None => "submitted",
                Some(old) if old.state != one.state && one.state == ReviewState::Dismissed => "dismissed",
                Some(old) if old.body != one.body || old.state != one.state => "edited",
                Some(_) => continue,
            };
            let shown = review(self.now, home, (item, one));
            let short = rest::pull_request(self.now, home, item, pull, false);
            self.tell(home, "pull_request_review", action, |payload| {
                payload.raw("review", &shown).raw("pull_request", &short);
                if let (Some(old), "edited") = (old, action) {
                    payload.raw("changes", &changes(&old.body, &one.body));
                }
            });
        }
    }
}

/// What an edit changed.
fn changes(before: &str, now: &str) -> String {
    if before == now {
        return "{}".to_owned();
    }
    serde_json::json!({"body": {"from": before}}).to_string()
}

/// A review as deliveries have it: its state in small letters.
fn review(view: View<'_>, home: &Repository, (item, review): (&Issue, &Review)) -> String {
    let name = home.full_name();
    let page = format!("{}/{name}/pull/{}#pullrequestreview-{}", view.web(), item.number, review.id);
    let api = format!("{}/repos/{name}/pulls/{}", view.base, item.number);
    let link = |address: &str| Object::new().plain("href", &[address]).end();
    let links = Object::new().raw("html", &link(&page)).raw("pull_request", &link(&api)).end();
    Object::new()
        .put("id", &review.id)
        .put("node_id", &ids::node("PRR", review.id))
        .raw("user", &rest::person(view, review.author.as_deref()))
        .put("body", &review.body)
        .put("commit_id", &review.sha)
        .put("submitted_at", &stamp(review.submitted_at))
        .put("updated_at", &stamp(review.updated_at))
        .put("state", review.state.as_str())
        .plain("html_url", &[&page])
        .plain("pull_request_url", &[&api])
        .put("author_association", home.association(review.author.as_deref()))
        .raw("_links", &links)
        .end()
}
