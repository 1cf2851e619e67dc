//! Pull requests in REST, in lists and on their own.

use super::super::json::{Object, array};
use super::super::view::{View, stamp};
use super::super::world::{HeadRepository, Issue, PullRequest, Repository, ids};
use super::accounts::person;
use super::issues::{labels, milestone, people, times};
use super::repositories::{Shape, repository};
use super::teams::team;

/// A pull request; `alone` adds what the list does not tell.
pub(in crate::sim::github) fn pull_request(
    view: View<'_>,
    home: &Repository,
    item: &Issue,
    pull: &PullRequest,
    alone: bool,
) -> String {
    let number = item.number.to_string();
    let name = home.full_name();
    let api = format!("{}/repos/{name}/pulls/{number}", view.base);
    let issue = format!("{}/repos/{name}/issues/{number}", view.base);
    let page = format!("{}/{name}/pull/{number}", view.web());
    let statuses = format!("{}/repos/{name}/statuses/{}", view.base, pull.head_sha);
    let review_comment = format!("{}/repos/{name}/pulls/comments{{/number}}", view.base);
    let mut object = Object::new();
    object
        .plain("url", &[&api])
        .put("id", &pull.id)
        .put("node_id", &ids::node("PR", pull.id))
        .plain("html_url", &[&page])
        .plain("diff_url", &[&page, ".diff"])
        .plain("patch_url", &[&page, ".patch"])
        .plain("issue_url", &[&issue])
        .put("number", &item.number)
        .put("state", item.state.as_str())
        .put("locked", &item.locked)
        .put("title", &item.title)
        .raw("user", &person(view, item.author.as_deref()))
        .put("body", &item.body);
    times(item, &mut object);
    object
        .put("merged_at", &pull.merged_at.map(stamp))
        .put("merge_commit_sha", &pull.merge_commit_sha);
    people(view, item, &mut object);
    reviewers(view, home, pull, alone, &mut object);
    object
        .raw("labels", &labels(view, home, item))
        .raw("milestone", &milestone(view, home, item.milestone))
        .put("draft", &pull.draft)
        .plain("commits_url", &[&api, "/commits"])
        .plain("review_comments_url", &[&api, "/comments"])
        .plain("review_comment_url", &[&review_comment])
        .plain("comments_url", &[&issue, "/comments"])
        .plain("statuses_url", &[&statuses])
        .raw("head", &head(view, home, item, pull))
        .raw(
            "base",
            &side(view, Some(home), &home.owner, &pull.base_branch, &pull.base_sha),
        )
        .raw("_links", &links(&api, &issue, &page, &statuses, &review_comment))
        .put("author_association", home.association(item.author.as_deref()))
        .put("auto_merge", &None::<&str>)
        .put("active_lock_reason", &item.lock_reason);
    if alone {
        merge(view, item, pull, &mut object);
    }
    object.end()
}

fn merge(view: View<'_>, item: &Issue, pull: &PullRequest, object: &mut Object) {
    object
        .put("merged", &pull.merged_at.is_some())
        .put("mergeable", &pull.merge_state.mergeable())
        .put("rebaseable", &pull.merge_state.mergeable())
        .put("mergeable_state", pull.merge_state.as_str())
        .raw("merged_by", &person(view, pull.merged_by.as_deref()))
        .put("comments", &item.comments)
        .put("review_comments", &0)
        .put("maintainer_can_modify", &false)
        .put("commits", &1)
        .put("additions", &10)
        .put("deletions", &2)
        .put("changed_files", &1);
}

fn reviewers(view: View<'_>, home: &Repository, pull: &PullRequest, alone: bool, object: &mut Object) {
    let people = pull.reviewers.iter().map(|login| person(view, Some(login)));
    let teams = view
        .world
        .teams
        .iter()
        .filter(|team| pull.team_reviewers.iter().any(|slug| team.is(&home.owner, slug)));
    object
        .raw("requested_reviewers", &array(people))
        .raw("requested_teams", &array(teams.map(|one| team(view, one, !alone))));
}

fn head(view: View<'_>, home: &Repository, item: &Issue, pull: &PullRequest) -> String {
    let (branch, sha) = (&pull.head_branch, &pull.head_sha);
    match &pull.head_repository {
        HeadRepository::Same => side(view, Some(home), &home.owner, branch, sha),
        HeadRepository::Fork(name) => {
            let fork = view.world.find(name);
            let owner = fork.map_or_else(|| name.split('/').next().unwrap_or_default(), |fork| &fork.owner);
            side(view, fork, owner, branch, sha)
        }
        HeadRepository::Gone => side(view, None, item.author.as_deref().unwrap_or("unknown"), branch, sha),
    }
}

fn side(view: View<'_>, home: Option<&Repository>, owner: &str, branch: &str, sha: &str) -> String {
    let shown = home.map(|home| repository(view, home, Shape::Plain));
    Object::new()
        .put("label", &format!("{owner}:{branch}"))
        .put("ref", branch)
        .put("sha", sha)
        .raw("user", &person(view, Some(owner)))
        .raw("repo", shown.as_deref().unwrap_or("null"))
        .end()
}

fn links(api: &str, issue: &str, page: &str, statuses: &str, review_comment: &str) -> String {
    let mut object = Object::new();
    let mut add = |key: &str, parts: &[&str]| {
        object.raw(key, &Object::new().plain("href", parts).end());
    };
    add("self", &[api]);
    add("html", &[page]);
    add("issue", &[issue]);
    add("comments", &[issue, "/comments"]);
    add("review_comments", &[api, "/comments"]);
    add("review_comment", &[review_comment]);
    add("commits", &[api, "/commits"]);
    add("statuses", &[statuses]);
    object.end()
}
