//! Branches and commits in REST.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::{View, stamp};
use super::super::world::{Commit, Repository, ids};
use super::accounts::person;
use super::contents::{is_near, linked};
use super::page::{PAGE, PER_PAGE, Window};
use super::repositories::branch;

/// `GET /repos/{owner}/{repo}/branches`, by name.
pub(super) fn branches(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["protected", PER_PAGE, PAGE])?;
    let protected = match asked.get("protected") {
        None => None,
        Some(text) => Some(text.parse::<bool>().map_err(|_| Answer::invalid("Branch", "protected"))?),
    };
    let mut all: Vec<_> = home
        .branches
        .iter()
        .filter(|one| protected.is_none_or(|wanted| one.protected == wanted))
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let window = Window::of(&asked);
    let shown = window.of_list(&all).iter().map(|one| branch(view, home, one));
    let link = window.link(&format!("{}/repositories/{}/branches", view.base, home.id), &asked, all.len());
    Ok(linked(Answer::ok(array(shown)), link))
}

/// `GET /repos/{owner}/{repo}/commits`: what a branch or hash leads back to, newest first.
pub(super) fn commits(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["sha", "since", "until", PER_PAGE, PAGE])?;
    if home.commits.is_empty() {
        return Err(empty("rest/commits/commits#list-commits"));
    }
    let reference = asked.get("sha").unwrap_or(&home.default_branch);
    let start = home.branch(reference).map_or(reference, |branch| &branch.sha);
    if !home.commits.contains_key(start) {
        return Err(Answer::not_found());
    }
    let (since, until) = (asked.moment("Commit", "since")?, asked.moment("Commit", "until")?);
    let mut all = home.history(start);
    all.retain(|(_, commit)| {
        let at = commit.committed_at;
        since.is_none_or(|since| at >= since) && until.is_none_or(|until| at <= until)
    });
    let window = Window::of(&asked);
    is_near(view, window)?;
    let shown = window.of_list(&all).iter();
    let body = array(shown.map(|(sha, commit)| members(view, home, sha, commit).end()));
    let link = window.link(&format!("{}/repositories/{}/commits", view.base, home.id), &asked, all.len());
    Ok(linked(Answer::ok(body), link))
}

/// `GET /repos/{owner}/{repo}/commits/{ref}`, by hash or branch.
pub(super) fn commit(view: View<'_>, incoming: &Incoming, home: &Repository, reference: &str) -> Result<Answer, Answer> {
    incoming.parameters(&[PER_PAGE, PAGE])?;
    if home.commits.is_empty() {
        return Err(empty("rest/commits/commits#get-a-commit"));
    }
    let sha = home.branch(reference).map_or(reference, |branch| &branch.sha);
    let Some(commit) = home.commits.get(sha) else {
        let message = format!("No commit found for SHA: {reference}");
        return Err(Answer::error(422, &message, "rest/commits/commits#get-a-commit"));
    };
    let body = members(view, home, sha, commit)
        .raw("stats", r#"{"total":1,"additions":1,"deletions":0}"#)
        .raw("files", "[]")
        .end();
    Ok(Answer::ok(body))
}

fn empty(docs: &str) -> Answer {
    Answer::error(409, "Git Repository is empty.", docs)
}

/// Writes what a commit has in lists, too; the caller ends the object.
fn members(view: View<'_>, home: &Repository, sha: &str, commit: &Commit) -> Object {
    let name = home.full_name();
    let api = format!("{}/repos/{name}", view.base);
    let author = person(view, commit.author.as_deref());
    let parents = commit.parents.iter().map(|parent| {
        Object::new()
            .put("sha", parent)
            .plain("url", &[&api, "/commits/", parent])
            .plain("html_url", &[view.web(), "/", &name, "/commit/", parent])
            .end()
    });
    let mut object = Object::new();
    object
        .put("sha", sha)
        .put("node_id", &ids::node("C", ids::seed(sha)))
        .raw("commit", &inner(&api, sha, commit))
        .plain("url", &[&api, "/commits/", sha])
        .plain("html_url", &[view.web(), "/", &name, "/commit/", sha])
        .plain("comments_url", &[&api, "/commits/", sha, "/comments"])
        .raw("author", &author)
        .raw("committer", &author)
        .raw("parents", &array(parents));
    object
}

/// What Git itself knows of a commit.
fn inner(api: &str, sha: &str, commit: &Commit) -> String {
    let who = commit.author.as_deref().unwrap_or("Somebody");
    let signature = Object::new()
        .put("name", who)
        .put("email", &format!("{who}@example.com"))
        .put("date", &stamp(commit.committed_at))
        .end();
    let tree = ids::sha(ids::seed(sha), 1);
    let tree = Object::new()
        .put("sha", &tree)
        .plain("url", &[api, "/git/trees/", &tree])
        .end();
    Object::new()
        .raw("author", &signature)
        .raw("committer", &signature)
        .put("message", &commit.message)
        .raw("tree", &tree)
        .plain("url", &[api, "/git/commits/", sha])
        .put("comment_count", &0)
        .raw(
            "verification",
            r#"{"verified":false,"reason":"unsigned","signature":null,"payload":null,"verified_at":null}"#,
        )
        .end()
}
