//! Issues in REST, and the issue side of pull requests.

use std::sync::Arc;

use super::super::json::{Object, array};
use super::super::view::{View, stamp};
use super::super::world::{Issue, ItemState, Label, PullRequest, Repository, ids};
use super::accounts::person;

/// An issue; a pull request shows the id of its issue, its own node id, and a stub that says what it is.
pub(in crate::sim::github) fn issue(view: View<'_>, repository: &Repository, item: &Issue) -> String {
    let number = item.number.to_string();
    let name = repository.full_name();
    let api = format!("{}/repos/{name}/issues/{number}", view.base);
    let kind = if item.is_pull_request() { "pull" } else { "issues" };
    let mut object = Object::new();
    object
        .plain("url", &[&api])
        .plain("repository_url", &[view.base, "/repos/", &name])
        .plain("labels_url", &[&api, "/labels{/name}"])
        .plain("comments_url", &[&api, "/comments"])
        .plain("events_url", &[&api, "/events"])
        .plain("html_url", &[view.web(), "/", &name, "/", kind, "/", &number])
        .put("id", &item.id)
        .put("node_id", &item.node_id())
        .put("number", &item.number)
        .put("title", &item.title)
        .raw("user", &person(view, item.author.as_deref()))
        .raw("labels", &labels(view, repository, item))
        .put("state", item.state.as_str())
        .put("locked", &item.locked);
    people(view, item, &mut object);
    object
        .raw("milestone", &milestone(view, repository, item.milestone))
        .put("comments", &item.comments);
    times(item, &mut object);
    object
        .put("author_association", repository.association(item.author.as_deref()))
        .raw("type", &issue_type(view, repository, item))
        .put("active_lock_reason", &item.lock_reason);
    if let Some(pull) = &item.pull_request {
        object
            .put("draft", &pull.draft)
            .raw("pull_request", &stub(view, &name, &number, pull));
    } else {
        object
            .raw("sub_issues_summary", r#"{"total":0,"completed":0,"percent_completed":0}"#)
            .raw(
                "issue_dependencies_summary",
                r#"{"blocked_by":0,"total_blocked_by":0,"blocking":0,"total_blocking":0}"#,
            );
    }
    object
        .put("body", &item.body)
        .raw("closed_by", &person(view, item.closed_by.as_deref()))
        .raw("reactions", &reactions(&api))
        .plain("timeline_url", &[&api, "/timeline"])
        .put("performed_via_github_app", &None::<&str>)
        .put("state_reason", &item.state_reason);
    object.end()
}

/// Assignees, the first of them once more on its own.
pub(super) fn people(view: View<'_>, item: &Issue, object: &mut Object) {
    let assignees: Vec<Arc<str>> = item.assignees.iter().map(|login| person(view, Some(login))).collect();
    object
        .raw("assignee", assignees.first().map_or("null", |first| first))
        .raw("assignees", &array(&assignees));
}

/// When it was opened, changed and closed.
pub(super) fn times(item: &Issue, object: &mut Object) {
    object
        .put("created_at", &stamp(item.created_at))
        .put("updated_at", &stamp(item.updated_at))
        .put("closed_at", &item.closed_at.map(stamp));
}

/// The labels of an item.
pub(super) fn labels(view: View<'_>, repository: &Repository, item: &Issue) -> String {
    let labels = item.labels.iter().filter_map(|name| {
        let (_, held) = repository.label(name)?;
        Some(label(view, repository, held))
    });
    array(labels)
}

/// A label.
pub(in crate::sim::github) fn label(view: View<'_>, repository: &Repository, label: &Label) -> Arc<str> {
    view.fragment(format!("label {}", label.id), || {
        let encoded = percent_encoding::utf8_percent_encode(&label.name, percent_encoding::NON_ALPHANUMERIC).to_string();
        Object::new()
            .put("id", &label.id)
            .put("node_id", &ids::node("LA", label.id))
            .plain("url", &[view.base, "/repos/", &repository.full_name(), "/labels/", &encoded])
            .put("name", &label.name)
            .put("color", &label.color)
            .put("default", &label.default)
            .put("description", &label.description)
            .end()
    })
}

/// A milestone with its counts; `null` for none.
pub(in crate::sim::github) fn milestone(view: View<'_>, repository: &Repository, number: Option<u64>) -> Arc<str> {
    let Some(milestone) = number.and_then(|number| repository.milestone(number)) else {
        return "null".into();
    };
    let id = ids::milestone(repository.id, milestone.number);
    view.fragment(format!("milestone {id}"), || {
        let name = repository.full_name();
        let number = milestone.number.to_string();
        let api = format!("{}/repos/{name}/milestones/{number}", view.base);
        let count = |state| {
            let all = repository.items.values();
            all.filter(|item| item.milestone == Some(milestone.number) && item.state == state)
                .count()
        };
        Object::new()
            .plain("url", &[&api])
            .plain("html_url", &[view.web(), "/", &name, "/milestone/", &number])
            .plain("labels_url", &[&api, "/labels"])
            .put("id", &id)
            .put("node_id", &ids::node("MI", id))
            .put("number", &milestone.number)
            .put("title", &milestone.title)
            .put("description", &milestone.description)
            .raw("creator", &person(view, milestone.creator.as_deref()))
            .put("open_issues", &count(ItemState::Open))
            .put("closed_issues", &count(ItemState::Closed))
            .put("state", if milestone.closed_at.is_some() { "closed" } else { "open" })
            .put("created_at", &stamp(milestone.created_at))
            .put("updated_at", &stamp(milestone.updated_at))
            .put("due_on", &milestone.due_on.map(stamp))
            .put("closed_at", &milestone.closed_at.map(stamp))
            .end()
    })
}

fn issue_type(view: View<'_>, repository: &Repository, item: &Issue) -> Arc<str> {
    let Some(name) = &item.issue_type else { return "null".into() };
    view.fragment(format!("type {} {name}", repository.owner), || {
        let id = ids::seed(name) % 1_000_000;
        Object::new()
            .put("id", &id)
            .put("node_id", &ids::node("IT", id))
            .put("name", name)
            .put("description", &None::<&str>)
            .put("color", "blue")
            .put("created_at", &stamp(repository.created_at))
            .put("updated_at", &stamp(repository.created_at))
            .put("is_enabled", &true)
            .end()
    })
}

fn stub(view: View<'_>, name: &str, number: &str, pull: &PullRequest) -> String {
    let page = format!("{}/{name}/pull/{number}", view.web());
    Object::new()
        .plain("url", &[view.base, "/repos/", name, "/pulls/", number])
        .plain("html_url", &[&page])
        .plain("diff_url", &[&page, ".diff"])
        .plain("patch_url", &[&page, ".patch"])
        .put("merged_at", &pull.merged_at.map(stamp))
        .end()
}

/// Reactions to a thing at an address: none.
pub(super) fn reactions(api: &str) -> String {
    let mut object = Object::new();
    object.plain("url", &[api, "/reactions"]).put("total_count", &0);
    for kind in ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"] {
        object.put(kind, &0);
    }
    object.end()
}
