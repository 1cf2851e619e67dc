//! Opening, changing and assigning issues; a pull request is changed the same way.

use serde_json::json;

use super::super::answer::Answer;
use super::super::body::Members;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::view::View;
use super::super::world::{Issue, ItemState, Permission, Repository, same_account};
use super::contents::{find, has_issues};
use super::issues::issue;
use super::permit::permit;

/// GitHub's longest title and body, in characters.
const LONGEST: [(&str, usize); 2] = [("title", 256), ("body", 65_536)];

/// What becomes of an item; what is none stays as it is.
#[derive(Debug, Default)]
struct Edit {
    title: Option<String>,
    /// An empty text takes the old one away.
    body: Option<String>,
    state: Option<(ItemState, Option<String>)>,
    assignees: Option<Vec<String>>,
    labels: Option<Vec<String>>,
    milestone: Option<u64>,
}

/// `POST /repos/{owner}/{repo}/issues`, for everybody who sees it; labels and assignees of those who may not set them are dropped.
pub(super) fn create(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Change, Answer> {
    let author = permit(view, home, Permission::Pull)?.login.clone();
    has_issues(home)?;
    let sent = incoming.members(&["title", "body", "assignees", "labels", "milestone"])?;
    let title = sent.needed("title")?;
    let mut edit = read(view, home, &sent, may_manage(view, home))?;
    edit.title = None;
    Ok(Change::of_item(
        home,
        move |home| {
            let number = home.open_issue(&title).by(&author).number;
            edit.apply(home, number, &author);
            number
        },
        |view, home, item| Answer::created(issue(view, home, item), &address(view, home, item)),
    ))
}

/// `PATCH /repos/{owner}/{repo}/issues/{issue_number}`, for the author and those who may manage issues.
pub(super) fn update(view: View<'_>, incoming: &Incoming, home: &Repository, number: &str) -> Result<Change, Answer> {
    let by = permit(view, home, Permission::Pull)?.login.clone();
    let item = find(view, home, number).map_err(Answer::keeping_the_method)?;
    let own = item.author.as_deref().is_some_and(|author| same_account(author, &by));
    if !own {
        permit(view, home, Permission::Triage)?;
    }
    let sent = incoming.members(&["title", "body", "state", "state_reason", "assignees", "labels"])?;
    let mut edit = read(view, home, &sent, may_manage(view, home))?;
    edit.state = state(&sent)?.filter(|(wanted, _)| *wanted != item.state);
    let merged = item.pull_request.as_ref().is_some_and(|pull| pull.merged_at.is_some());
    if merged && edit.state.is_some() {
        return Err(Answer::invalid("Issue", "state"));
    }
    let number = item.number;
    Ok(Change::of_item(
        home,
        move |home| {
            edit.apply(home, number, &by);
            number
        },
        |view, home, item| Answer::ok(issue(view, home, item)),
    ))
}

/// `POST /repos/{owner}/{repo}/issues/{issue_number}/assignees`; who cannot be assigned is left out without a word.
pub(super) fn add_assignees(view: View<'_>, incoming: &Incoming, home: &Repository, number: &str) -> Result<Change, Answer> {
    let (item, named) = assignment(view, incoming, home, number)?;
    let known = named.iter().filter_map(|login| view.world.assignable(home, login));
    let mut wanted = item.assignees.clone();
    for account in known {
        add(&mut wanted, &account.login);
    }
    let show = |view: View<'_>, home: &Repository, item: &Issue| {
        let answer = Answer::ok(issue(view, home, item));
        Answer { status: 201, ..answer }
    };
    Ok(assign(view, home, item, wanted, show))
}

/// `DELETE /repos/{owner}/{repo}/issues/{issue_number}/assignees`.
pub(super) fn remove_assignees(view: View<'_>, incoming: &Incoming, home: &Repository, number: &str) -> Result<Change, Answer> {
    let (item, named) = assignment(view, incoming, home, number)?;
    let mut wanted = item.assignees.clone();
    wanted.retain(|held| !named.iter().any(|login| same_account(login, held)));
    let show = |view: View<'_>, home: &Repository, item: &Issue| Answer::ok(issue(view, home, item));
    Ok(assign(view, home, item, wanted, show))
}

fn assignment<'w>(
    view: View<'w>,
    incoming: &Incoming,
    home: &'w Repository,
    number: &str,
) -> Result<(&'w Issue, Vec<String>), Answer> {
    permit(view, home, Permission::Pull)?;
    let item = find(view, home, number).map_err(Answer::keeping_the_method)?;
    let sent = incoming.members(&["assignees"])?;
    Ok((item, sent.texts("assignees")?.unwrap_or_default()))
}

fn assign(
    view: View<'_>,
    home: &Repository,
    item: &Issue,
    wanted: Vec<String>,
    show: impl FnOnce(View<'_>, &Repository, &Issue) -> Answer + 'static,
) -> Change {
    let edit = Edit {
        assignees: may_manage(view, home).then_some(wanted),
        ..Edit::default()
    };
    let number = item.number;
    let by = view.caller.login().to_owned();
    let apply = move |home: &mut Repository| {
        edit.apply(home, number, &by);
        number
    };
    Change::of_item(home, apply, show)
}

/// True for those who may label and assign. GitHub ignores without a word that others try.
fn may_manage(view: View<'_>, home: &Repository) -> bool {
    view.permission(home) >= Some(Permission::Triage)
}

/// Reads what was sent but for the state, and refuses what GitHub refuses.
fn read(view: View<'_>, home: &Repository, sent: &Members, may_manage: bool) -> Result<Edit, Answer> {
    let title = sent.text("title")?;
    if title.as_deref().is_some_and(|title| title.trim().is_empty()) {
        return Err(missing("Issue", "title"));
    }
    for (field, longest) in LONGEST {
        if sent.text(field)?.is_some_and(|text| text.chars().count() > longest) {
            let message = format!("{field} is too long (maximum is {longest} characters)");
            return Err(Answer::failed(&json!([
                { "resource": "Issue", "code": "custom", "field": field, "message": message }
            ])));
        }
    }
    let body = sent.text("body")?;
    let labels = sent.texts("labels")?;
    let assignees = sent.texts("assignees")?.filter(|_| may_manage);
    Ok(Edit {
        title,
        body: body.or_else(|| sent.is_null("body").then(String::new)),
        state: None,
        assignees: assignees.map(|logins| assignable(view, home, &logins)).transpose()?,
        labels: labels.filter(|_| may_manage),
        milestone: milestone(home, sent)?.filter(|_| may_manage),
    })
}

/// Number of a milestone that is there.
fn milestone(home: &Repository, sent: &Members) -> Result<Option<u64>, Answer> {
    let Some(number) = sent.number("milestone")? else {
        return Ok(None);
    };
    match home.milestone(number) {
        Some(_) => Ok(Some(number)),
        None => Err(Answer::invalid("Issue", "milestone")),
    }
}

/// 422 for a text that has to be there.
pub(super) fn missing(resource: &str, field: &str) -> Answer {
    Answer::failed(&json!([{ "resource": resource, "code": "missing_field", "field": field }]))
}

/// The logins as their accounts write them. One who cannot be assigned fails the whole request.
fn assignable(view: View<'_>, home: &Repository, logins: &[String]) -> Result<Vec<String>, Answer> {
    let mut found = Vec::new();
    for login in logins {
        let Some(account) = view.world.assignable(home, login) else {
            let message = format!("assignees {login} cannot be assigned to this issue");
            return Err(Answer::failed(&json!([
                { "message": message, "value": [login], "resource": "Issue", "field": "assignees", "code": "invalid" }
            ])));
        };
        add(&mut found, &account.login);
    }
    Ok(found)
}

fn add(logins: &mut Vec<String>, login: &str) {
    if !logins.iter().any(|held| same_account(held, login)) {
        logins.push(login.to_owned());
    }
}

fn state(sent: &Members) -> Result<Option<(ItemState, Option<String>)>, Answer> {
    let reason = sent.text("state_reason")?;
    let reasons = ["completed", "not_planned", "duplicate", "reopened"];
    if reason.as_deref().is_some_and(|reason| !reasons.contains(&reason)) {
        return Err(Answer::invalid("Issue", "state_reason"));
    }
    match sent.text("state")?.as_deref() {
        None => Ok(None),
        Some("open") => Ok(Some((ItemState::Open, reason))),
        Some("closed") => Ok(Some((ItemState::Closed, reason))),
        Some(_) => Err(Answer::invalid("Issue", "state")),
    }
}

fn address(view: View<'_>, home: &Repository, item: &Issue) -> String {
    format!("{}/repos/{}/issues/{}", view.base, home.full_name(), item.number)
}

impl Edit {
    /// Changes an item; one that is as wanted already keeps its `updated_at`.
    fn apply(self, home: &mut Repository, number: u64, by: &str) {
        match self.state {
            Some((ItemState::Closed, reason)) => {
                let reason = reason.unwrap_or_else(|| "completed".to_owned());
                home.close(number, &reason).closed_by = Some(by.to_owned());
            }
            Some((ItemState::Open, _)) => {
                home.reopen(number);
            }
            None => {}
        }
        let labels = self.labels.map(|names| {
            let mut held = Vec::new();
            for name in names {
                let name = home.use_label(&name);
                if !held.contains(&name) {
                    held.push(name);
                }
            }
            held
        });
        let item = home.item_mut(number);
        let changes = [
            replace(&mut item.title, self.title),
            replace(&mut item.body, self.body.map(|text| (!text.is_empty()).then(|| text.into()))),
            replace(&mut item.assignees, self.assignees),
            replace(&mut item.labels, labels),
            replace(&mut item.milestone, self.milestone.map(Some)),
        ];
        if changes.contains(&true) {
            home.edit(number);
        }
    }
}

/// Puts something new in its place, and says whether it is new.
fn replace<T: PartialEq>(held: &mut T, wanted: Option<T>) -> bool {
    match wanted {
        Some(wanted) if wanted != *held => {
            *held = wanted;
            true
        }
        _ => false,
    }
}
