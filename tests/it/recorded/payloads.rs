//! Every issue, pull request and repository in GitHub's examples of webhook payloads, of github.com and of its servers.

use chrono::{DateTime, Utc};
use erpnext_github::domain::{Issue, Person, PullRequest, PullRequestState, Repository};
use erpnext_github::github::{FeedItem, payload};
use serde_json::Value;

use super::{json, package};

/// Objects under `key` anywhere in `value`, with the path that leads there.
fn objects<'v>(value: &'v Value, key: &str, path: &str, found: &mut Vec<(String, &'v Value)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = format!("{path}.{name}");
                if name == key && member.is_object() {
                    found.push((path.clone(), member));
                }
                objects(member, key, &path, found);
            }
        }
        Value::Array(members) => members.iter().for_each(|member| objects(member, key, path, found)),
        _ => {}
    }
}

/// Calls `check` with every object under `key` that stands for the thing itself; returns how many there were. Links, counts of changes
/// and the stub that marks an issue as a pull request carry the same names and no id.
fn each(key: &str, check: impl Fn(&str, &Value)) -> usize {
    let mut count = 0;
    for folder in ["api.github.com", "ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"] {
        let events = json(&package("webhooks-examples").join(folder).join("index.json"));
        for event in events.as_array().expect("a list of events") {
            let name = event["name"].as_str().unwrap_or_default();
            let mut found = Vec::new();
            objects(&event["examples"], key, &format!("{folder} {name}"), &mut found);
            for (path, object) in found.into_iter().filter(|(_, object)| object.get("id").is_some()) {
                check(&path, object);
                count += 1;
            }
        }
    }
    count
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// A time in either of the spellings that payloads have.
fn moment(value: &Value) -> DateTime<Utc> {
    match value {
        Value::Number(seconds) => seconds
            .as_i64()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .expect("seconds"),
        other => other.as_str().expect("text").parse().expect("a time"),
    }
}

/// The member says the same as the person that was read.
fn is_same(person: Option<&Person>, value: &Value) -> bool {
    match person {
        None => value.is_null(),
        Some(person) => value["login"] == person.login.as_str() && value["id"].as_u64() == person.id,
    }
}

#[test]
fn every_repository_decodes() {
    let count = each("repository", |path, object| {
        // Within a workflow run stands the shortest form, without times, settings and visibility.
        if object.get("created_at").is_none() {
            assert!(path.contains("workflow_run.repository"), "{path} is short");
            let error = payload::repository(object).expect_err("the shortest form");
            assert_eq!(error.at, "created_at", "{path}");
            return;
        }
        let read: Repository = payload::repository(object).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(Some(read.id), object["id"].as_u64(), "{path}");
        assert_eq!(read.name.as_str(), text(object, "full_name"), "{path}");
        assert_eq!(read.owner.login, text(&object["owner"], "login"), "{path}");
        assert_eq!(read.default_branch, text(object, "default_branch"), "{path}");
        assert_eq!(read.visibility.as_str() == "Public", object["private"] == false, "{path}");
        assert_eq!(read.created_at, moment(&object["created_at"]), "{path}");
        assert_eq!(read.pushed_at.is_none(), object["pushed_at"].is_null(), "{path}");
    });
    assert!(count >= 600, "only {count} repositories in the examples");
}

#[test]
fn every_issue_decodes() {
    let count = each("issue", |path, object| {
        let read = payload::item(object).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(Some(read.item().number), object["number"].as_u64(), "{path}");
        assert_eq!(read.item().title, text(object, "title"), "{path}");
        assert!(is_same(read.item().author.as_ref(), &object["user"]), "{path}");
        let labels = object["labels"].as_array().map_or(0, Vec::len);
        assert_eq!(read.item().labels.len(), labels, "{path}");
        let is_pull_request = object.get("pull_request").is_some_and(Value::is_object);
        match read {
            FeedItem::Issue(Issue { id, state, .. }) => {
                assert!(!is_pull_request, "{path}");
                assert_eq!(Some(id), object["id"].as_u64(), "{path}");
                assert_eq!(state.as_str(), object["state"].as_str().unwrap_or("open"), "{path}");
            }
            FeedItem::PullRequest(_) => assert!(is_pull_request, "{path}"),
        }
    });
    assert!(count >= 70, "only {count} issues in the examples");
}

#[test]
fn every_pull_request_decodes() {
    let count = each("pull_request", |path, object| {
        let read: PullRequest = payload::pull_request(object).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(read.id, object["id"].as_u64(), "{path}");
        assert!(is_same(read.item.author.as_ref(), &object["user"]), "{path}");
        let merged = object["merged"] == true || object["merged_at"].is_string();
        assert_eq!(read.state == PullRequestState::Merged, merged, "{path}");
        if !merged {
            assert_eq!(read.state.as_str(), text(object, "state"), "{path}");
        }
        let Some(detail) = read.detail else {
            assert!(
                object.get("mergeable_state").is_none() && path.contains("pull_request_review"),
                "{path}"
            );
            return;
        };
        assert_eq!(detail.head_sha, text(&object["head"], "sha"), "{path}");
        assert_eq!(detail.base_branch, text(&object["base"], "ref"), "{path}");
        assert!(is_same(detail.merged_by.as_ref(), &object["merged_by"]), "{path}");
        let asked = object["requested_reviewers"].as_array().map_or(0, Vec::len);
        let teams = object["requested_teams"].as_array().map_or(0, Vec::len);
        assert_eq!(detail.reviewers.len() + detail.team_reviewers.len(), asked + teams, "{path}");
    });
    assert!(count >= 75, "only {count} pull requests in the examples");
}

#[test]
fn every_release_decodes() {
    let count = each("release", |path, object| {
        // Within a package stands a form of its own.
        if path.contains("package_version") {
            return;
        }
        let read = payload::release(object).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(Some(read.id), object["id"].as_u64(), "{path}");
        assert_eq!(read.tag_name, text(object, "tag_name"), "{path}");
        assert!(is_same(read.author.as_ref(), &object["author"]), "{path}");
        assert_eq!(read.assets.len(), object["assets"].as_array().map_or(0, Vec::len), "{path}");
        assert_eq!(read.published_at.is_none(), object["published_at"].is_null(), "{path}");
    });
    assert!(count >= 13, "only {count} releases in the examples");
}

#[test]
fn every_milestone_decodes() {
    let count = each("milestone", |path, object| {
        let read = payload::milestone(object).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(Some(read.number), object["number"].as_u64(), "{path}");
        assert_eq!(read.is_open, object["state"] == "open", "{path}");
        assert!(is_same(read.creator.as_ref(), &object["creator"]), "{path}");
    });
    assert!(count >= 10, "only {count} milestones in the examples");
}

#[test]
fn every_label_decodes() {
    let count = each("label", |path, object| {
        let read = payload::label(object).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(
            (Some(read.id), read.name.as_str()),
            (object["id"].as_u64(), text(object, "name")),
            "{path}"
        );
        assert_eq!(read.description, text(object, "description"), "{path}");
    });
    assert!(count >= 6, "only {count} labels in the examples");
}

#[test]
fn every_comment_on_an_issue_decodes() {
    let count = each("comment", |path, object| {
        // Comments on lines of code and on commits are other things under the same name.
        if object.get("issue_url").is_none() {
            assert!(payload::comment(object).is_err(), "{path}");
            return;
        }
        let read = payload::comment(object).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(
            text(object, "issue_url").ends_with(&format!("/issues/{}", read.number)),
            "{path}"
        );
        assert_eq!(read.on_pull_request, text(object, "html_url").contains("/pull/"), "{path}");
        assert!(is_same(read.author.as_ref(), &object["user"]), "{path}");
    });
    assert!(count >= 20, "only {count} comments in the examples");
}

#[test]
fn every_review_decodes() {
    let count = each("review", |path, object| {
        let read = payload::review(object).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(read.state.as_str().eq_ignore_ascii_case(text(object, "state")), "{path}");
        assert_eq!(read.commit_sha.as_deref(), object["commit_id"].as_str(), "{path}");
        assert!(is_same(read.reviewer.as_ref(), &object["user"]), "{path}");
    });
    assert!(count >= 4, "only {count} reviews in the examples");
}

#[test]
fn every_pushed_commit_decodes() {
    let count = each("head_commit", |path, object| {
        let read = payload::commit(object, "main").unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(read.is_brief, "{path}");
        assert_eq!(
            (read.sha.as_str(), read.branch.as_str()),
            (text(object, "id"), "main"),
            "{path}"
        );
        assert_eq!(read.committed_at, moment(&object["timestamp"]), "{path}");
        assert_eq!(read.author_email, text(&object["author"], "email"), "{path}");
    });
    assert!(count >= 5, "only {count} commits in the examples");
}
