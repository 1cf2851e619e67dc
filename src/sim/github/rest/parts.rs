//! Lists of labels, milestones and comments in REST.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::{View, stamp};
use super::super::world::{Comment, Milestone, Repository, ids};
use super::accounts::person;
use super::contents::{is_near, linked};
use super::issues::{label, milestone, reactions};
use super::page::{PAGE, PER_PAGE, Window};

/// `GET /repos/{owner}/{repo}/labels`, in the order in which they were made.
pub(super) fn labels(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    let window = Window::of(&asked);
    let shown = window.of_list(&home.labels).iter().map(|one| label(view, home, one));
    let address = format!("{}/repositories/{}/labels", view.base, home.id);
    let link = window.link(&address, &asked, home.labels.len());
    Ok(linked(Answer::ok(array(shown)), link))
}

/// `GET /repos/{owner}/{repo}/milestones`, by when they are due or by how much of them is done.
pub(super) fn milestones(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["state", "sort", "direction", PER_PAGE, PAGE])?;
    let state = asked.one_of("Milestone", "state", &["open", "closed", "all"])?;
    let sort = asked.one_of("Milestone", "sort", &["due_on", "completeness"])?;
    let descends = asked.one_of("Milestone", "direction", &["asc", "desc"])? == "desc";
    let fits = |one: &&Milestone| match state {
        "open" => one.closed_at.is_none(),
        "closed" => one.closed_at.is_some(),
        _ => true,
    };
    let mut all: Vec<&Milestone> = home.milestones.iter().filter(fits).collect();
    // What is done of them is not counted here: they all count as equal.
    all.sort_by_key(|one| ((sort == "due_on").then_some(one.due_on), one.number));
    if descends {
        all.reverse();
    }
    let window = Window::of(&asked);
    let shown = window.of_list(&all).iter().map(|one| milestone(view, home, Some(one.number)));
    let address = format!("{}/repositories/{}/milestones", view.base, home.id);
    let link = window.link(&address, &asked, all.len());
    Ok(linked(Answer::ok(array(shown)), link))
}

/// `GET /repos/{owner}/{repo}/issues/comments`, pull requests' among them; by id where nothing else is said.
pub(super) fn comments(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["sort", "direction", "since", PER_PAGE, PAGE])?;
    let sort = asked.one_of("IssueComment", "sort", &["created", "updated"])?;
    // Ignored where no order is asked for.
    let descends = asked.one_of("IssueComment", "direction", &["asc", "desc"])? == "desc" && asked.get("sort").is_some();
    let since = asked.moment("IssueComment", "since")?;
    let key = format!("comments {} {sort} {descends} {since:?}", home.id);
    let keys = view.listing(key, || {
        let fits = |one: &&Comment| {
            since.is_none_or(|since| one.updated_at >= since) && home.item(one.number).is_some_and(|item| home.shows(item))
        };
        let value = |one: &Comment| if sort == "updated" { one.updated_at } else { one.created_at }.timestamp();
        let mut keys: Vec<_> = home.comments.values().filter(fits).map(|one| (value(one), one.id)).collect();
        keys.sort_unstable();
        if descends {
            keys.reverse();
        }
        keys
    });
    let window = Window::of(&asked);
    is_near(view, window)?;
    let shown = window.of_list(&keys).iter().filter_map(|(_, id)| home.comments.get(id));
    let body = array(shown.map(|one| comment(view, home, one)));
    let address = format!("{}/repositories/{}/issues/comments", view.base, home.id);
    let link = window.link(&address, &asked, keys.len());
    Ok(linked(Answer::ok(body), link))
}

/// Path of the page that people open for a comment.
fn comment_path(home: &Repository, comment: &Comment) -> String {
    let is_pull = home
        .item(comment.number)
        .is_some_and(super::super::world::Issue::is_pull_request);
    let kind = if is_pull { "pull" } else { "issues" };
    format!("/{}/{kind}/{}#issuecomment-{}", home.full_name(), comment.number, comment.id)
}

pub(in crate::sim::github) fn comment(view: View<'_>, home: &Repository, comment: &Comment) -> String {
    let name = home.full_name();
    let api = format!("{}/repos/{name}/issues/comments/{}", view.base, comment.id);
    Object::new()
        .plain("url", &[&api])
        .plain("html_url", &[view.web(), &comment_path(home, comment)])
        .plain(
            "issue_url",
            &[view.base, "/repos/", &name, "/issues/", &comment.number.to_string()],
        )
        .put("id", &comment.id)
        .put("node_id", &ids::node("IC", comment.id))
        .raw("user", &person(view, comment.author.as_deref()))
        .put("created_at", &stamp(comment.created_at))
        .put("updated_at", &stamp(comment.updated_at))
        .put("author_association", home.association(comment.author.as_deref()))
        .put("body", &comment.body)
        .raw("reactions", &reactions(&api))
        .put("performed_via_github_app", &None::<&str>)
        .end()
}
