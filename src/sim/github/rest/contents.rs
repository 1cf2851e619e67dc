//! The items of a repository in REST: lists and single ones.

use super::super::answer::Answer;
use super::super::incoming::{Incoming, Parameters};
use super::super::json::array;
use super::super::view::View;
use super::super::world::{Gone, HeadRepository, Issue, Paging, PullRequest, Repository, same_account};
use super::issues::issue;
use super::page::{Key, PAGE, PER_PAGE, Window};
use super::pulls::pull_request;

/// `GET /repos/{owner}/{repo}/issues`, pull requests among them.
pub(super) fn issues(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let known = [
        "state",
        "sort",
        "direction",
        "since",
        "labels",
        "creator",
        PER_PAGE,
        PAGE,
        "after",
        "before",
    ];
    let asked = incoming.parameters(&known)?;
    has_issues(home)?;
    let ascending = asked.one_of("Issue", "direction", &["desc", "asc"])? == "asc";
    let keys = issue_keys(view, home, &asked, ascending)?;
    let window = Window::of(&asked);
    let by_number = asked.get("after").is_none() && asked.get("before").is_none();
    if by_number {
        is_near(view, window)?;
    }
    let address = format!("{}/repositories/{}/issues", view.base, home.id);
    let (part, link) = if by_number && view.world.paging == Paging::Numbers {
        (window.of_list(&keys), window.link(&address, &asked, keys.len()))
    } else {
        window.by_cursor(&keys, ascending, &address, &asked)?
    };
    let shown = part.iter().filter_map(|(_, number)| home.item(*number));
    Ok(linked(Answer::ok(array(shown.map(|item| issue(view, home, item)))), link))
}

/// Refuses a page whose number is beyond what the world gives.
pub(super) fn is_near(view: View<'_>, window: Window) -> Result<(), Answer> {
    if view.world.last_numbered_page.is_none_or(|last| window.page() as u64 <= last) {
        return Ok(());
    }
    let message = "Pagination with the page parameter is not supported for large datasets, please use cursor based pagination (after/before)";
    Err(Answer::error(422, message, "rest/issues/issues#list-repository-issues"))
}

fn issue_keys(view: View<'_>, home: &Repository, asked: &Parameters, ascending: bool) -> Result<std::sync::Arc<[Key]>, Answer> {
    let state = asked.one_of("Issue", "state", &["open", "closed", "all"])?;
    let sort = asked.one_of("Issue", "sort", &["created", "updated", "comments"])?;
    let since = asked.moment("Issue", "since")?;
    let labels = asked.get("labels").unwrap_or_default();
    let creator = asked.get("creator");
    if creator.is_some_and(|login| view.world.account(login).is_none()) {
        return Err(Answer::refused(
            "Search",
            "The listed users cannot be searched either because the users do not exist or you do not have permission to view the users.",
        ));
    }
    let by = |item: &Issue, login: &str| item.author.as_deref().is_some_and(|author| same_account(author, login));
    let fits = |item: &&Issue| {
        (state == "all" || state == item.state.as_str())
            && since.is_none_or(|since| item.updated_at >= since)
            && creator.is_none_or(|login| by(item, login))
            && labels
                .split(',')
                .filter(|label| !label.is_empty())
                .all(|label| item.labels.iter().any(|held| held.eq_ignore_ascii_case(label)))
    };
    let value = |item: &Issue| match sort {
        "updated" => item.updated_at.timestamp(),
        "comments" => i64::try_from(item.comments).unwrap_or(i64::MAX),
        _ => item.created_at.timestamp(),
    };
    let key = format!("issues {} {state} {sort} {ascending} {since:?} {labels} {creator:?}", home.id);
    Ok(view.listing(key, || {
        let mut keys: Vec<Key> = home
            .items
            .values()
            .filter(fits)
            .map(|item| (value(item), item.number))
            .collect();
        keys.sort_unstable();
        if !ascending {
            keys.reverse();
        }
        keys
    }))
}

/// `GET /repos/{owner}/{repo}/issues/{issue_number}`.
pub(super) fn one_issue(view: View<'_>, incoming: &Incoming, home: &Repository, number: &str) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    Ok(Answer::ok(issue(view, home, find(view, home, number)?)))
}

/// An issue or pull request by its number in a path; what became of it when it is not there any more.
pub(super) fn find<'w>(view: View<'_>, home: &'w Repository, number: &str) -> Result<&'w Issue, Answer> {
    let number: u64 = number.parse().map_err(|_| Answer::not_found())?;
    has_issues(home)?;
    if let Some(item) = home.item(number) {
        return Ok(item);
    }
    Err(match home.gone.get(&number) {
        Some(Gone::Deleted) => Answer::error(410, "This issue was deleted", "rest/issues/issues#get-an-issue"),
        Some(Gone::Transferred { repository_id, number }) if view.may_see(*repository_id) => {
            Answer::moved(&format!("{}/repositories/{repository_id}/issues/{number}", view.base))
        }
        _ => Answer::not_found(),
    })
}

/// Refuses where issues are switched off.
pub(super) fn has_issues(home: &Repository) -> Result<(), Answer> {
    if home.has_issues {
        Ok(())
    } else {
        Err(Answer::error(410, "Issues are disabled for this repo", "rest/issues/issues"))
    }
}

/// `GET /repos/{owner}/{repo}/pulls`.
pub(super) fn pulls(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&["state", "sort", "direction", "head", "base", PER_PAGE, PAGE])?;
    let state = asked.one_of("PullRequest", "state", &["open", "closed", "all"])?;
    let sort = asked.one_of("PullRequest", "sort", &["created", "updated"])?;
    // Only the default sort goes down by default.
    let directions = if asked.get("sort").is_none_or(|sort| sort == "created") {
        ["desc", "asc"]
    } else {
        ["asc", "desc"]
    };
    let ascending = asked.one_of("PullRequest", "direction", &directions)? == "asc";
    let (head, base) = (asked.get("head"), asked.get("base"));
    let key = format!("pulls {} {state} {sort} {ascending} {head:?} {base:?}", home.id);
    let keys = view.listing(key, || {
        let fits = |item: &&Issue| {
            item.pull_request
                .as_deref()
                .is_some_and(|pull| between(home, pull, head, base))
                && (state == "all" || state == item.state.as_str())
        };
        let value = |item: &Issue| if sort == "updated" { item.updated_at } else { item.created_at }.timestamp();
        let mut keys: Vec<Key> = home
            .items
            .values()
            .filter(fits)
            .map(|item| (value(item), item.number))
            .collect();
        keys.sort_unstable();
        if !ascending {
            keys.reverse();
        }
        keys
    });
    let window = Window::of(&asked);
    let shown = window.of_list(&keys).iter().filter_map(|(_, number)| {
        let item = home.item(*number)?;
        Some(pull_request(view, home, item, item.pull_request.as_deref()?, false))
    });
    let link = window.link(&format!("{}/repositories/{}/pulls", view.base, home.id), &asked, keys.len());
    Ok(linked(Answer::ok(array(shown)), link))
}

/// True for a pull request from `head`, `OWNER:BRANCH`, into `base`. GitHub passes over a head without an owner.
fn between(home: &Repository, pull: &PullRequest, head: Option<&str>, base: Option<&str>) -> bool {
    let owner = match &pull.head_repository {
        HeadRepository::Fork(name) => name.split('/').next().unwrap_or_default(),
        _ => home.owner.as_str(),
    };
    let from = head.and_then(|head| head.split_once(':'));
    from.is_none_or(|(login, branch)| same_account(login, owner) && branch == pull.head_branch)
        && base.is_none_or(|base| base == pull.base_branch)
}

/// `GET /repos/{owner}/{repo}/pulls/{pull_number}`.
pub(super) fn one_pull(view: View<'_>, incoming: &Incoming, home: &Repository, number: &str) -> Result<Answer, Answer> {
    incoming.parameters(&[])?;
    let item = number.parse().ok().and_then(|number| home.item(number));
    let pull = item.and_then(|item| Some((item, item.pull_request.as_deref()?)));
    let (item, pull) = pull.ok_or_else(Answer::not_found)?;
    Ok(Answer::ok(pull_request(view, home, item, pull, true)))
}

/// Adds the `Link` header where there is one.
pub(super) fn linked(answer: Answer, link: Option<String>) -> Answer {
    match link {
        Some(link) => answer.header("Link", &link),
        None => answer,
    }
}
