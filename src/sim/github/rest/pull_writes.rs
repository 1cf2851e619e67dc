//! Opening pull requests and asking for reviews.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::view::View;
use super::super::world::{HeadRepository, Issue, ItemState, MergeState, Permission, PullRequest, Repository, same_account};
use super::issue_writes::missing;
use super::permit::permit;
use super::pulls::pull_request;

/// The two ends of a pull request that shall be opened.
struct Ends {
    head_branch: String,
    head_sha: String,
    head_repository: HeadRepository,
    base_branch: String,
    base_sha: String,
}

/// `POST /repos/{owner}/{repo}/pulls`, for those who may push to the branch that shall be merged.
pub(super) fn create(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Change, Answer> {
    let author = permit(view, home, Permission::Pull)?.login.clone();
    let sent = incoming.members(&["title", "head", "base", "body", "draft"])?;
    let (head, base) = (sent.needed("head")?, sent.needed("base")?);
    let title = sent.text("title")?.filter(|title| !title.trim().is_empty());
    let title = title.ok_or_else(|| missing("PullRequest", "title"))?;
    let (body, draft) = (sent.text("body")?, sent.flag("draft")?.unwrap_or(false));
    let ends = ends(view, home, &head, &base)?;
    let apply = move |home: &mut Repository| {
        let mut pull = PullRequest::new(home.id, home.next_number(), &ends.head_branch, &ends.base_branch);
        pull.head_sha = ends.head_sha;
        pull.head_repository = ends.head_repository;
        pull.base_sha = ends.base_sha;
        pull.draft = draft;
        // GitHub computes it after it has answered.
        pull.merge_state = MergeState::Unknown;
        let item = home.open_issue(&title).by(&author);
        item.body = body.map(Into::into);
        item.pull_request = Some(Box::new(pull));
        item.number
    };
    Ok(Change::of_item(home, apply, |view, home, item| {
        let address = format!("{}/repos/{}/pulls/{}", view.base, home.full_name(), item.number);
        Answer::created(shown(view, home, item, true), &address)
    }))
}

fn shown(view: View<'_>, home: &Repository, item: &Issue, alone: bool) -> String {
    let pull = item.pull_request.as_deref();
    pull.map_or_else(String::new, |pull| pull_request(view, home, item, pull, alone))
}

/// Finds both branches, and refuses what cannot be merged.
fn ends(view: View<'_>, home: &Repository, head: &str, base: &str) -> Result<Ends, Answer> {
    let (owner, branch) = head.split_once(':').unwrap_or((&home.owner, head));
    let source = if same_account(owner, &home.owner) {
        Some(home)
    } else {
        let fork = view.world.find(&format!("{owner}/{}", home.name));
        fork.filter(|fork| fork.fork && view.permission(fork).is_some())
    };
    let from = source.and_then(|source| Some((source, source.branch(branch)?)));
    let into = home.branch(base);
    let (Some((source, from)), Some(into)) = (from, into) else {
        let wrong = [("head", from.is_none()), ("base", into.is_none())];
        let wrong = wrong.iter().filter(|(_, wrong)| *wrong);
        let errors: Vec<Value> = wrong
            .map(|(field, _)| json!({ "resource": "PullRequest", "field": field, "code": "invalid" }))
            .collect();
        return Err(Answer::failed(&errors.into()));
    };
    if view.permission(source) < Some(Permission::Push) {
        return Err(Answer::refused("PullRequest", "must be a collaborator"));
    }
    let same = source.id == home.id;
    let head_repository = if same {
        HeadRepository::Same
    } else {
        HeadRepository::Fork(source.full_name())
    };
    if home.contains(&into.sha, &from.sha) {
        let side = |owner: &str, name: &str| if same { name.to_owned() } else { format!("{owner}:{name}") };
        let (base, head) = (side(&home.owner, base), side(&source.owner, branch));
        return Err(Answer::refused(
            "PullRequest",
            &format!("No commits between {base} and {head}"),
        ));
    }
    let is_open = |item: &&Issue| item.state == ItemState::Open;
    let mut open = home
        .items
        .values()
        .filter(is_open)
        .filter_map(|item| item.pull_request.as_deref());
    let equal =
        |pull: &PullRequest| pull.head_branch == branch && pull.base_branch == base && pull.head_repository == head_repository;
    if open.any(equal) {
        let message = format!("A pull request already exists for {}:{branch}.", source.owner);
        return Err(Answer::refused("PullRequest", &message));
    }
    Ok(Ends {
        head_branch: branch.to_owned(),
        head_sha: from.sha.clone(),
        head_repository,
        base_branch: base.to_owned(),
        base_sha: into.sha.clone(),
    })
}

/// `POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers`; one who cannot be asked fails the whole request.
pub(super) fn request_reviewers(view: View<'_>, incoming: &Incoming, home: &Repository, number: &str) -> Result<Change, Answer> {
    permit(view, home, Permission::Triage)?;
    let item = number.parse().ok().and_then(|number| home.item(number));
    let item = item.filter(|item| item.is_pull_request()).ok_or_else(Answer::not_found)?;
    let sent = incoming.members(&["reviewers", "team_reviewers"])?;
    let people = reviewers(view, home, item, &sent.texts("reviewers")?.unwrap_or_default())?;
    let teams = teams(view, home, &sent.texts("team_reviewers")?.unwrap_or_default())?;
    let number = item.number;
    let apply = move |home: &mut Repository| {
        let mut changed = false;
        if let Some(pull) = home.item_mut(number).pull_request.as_mut() {
            changed |= add(&mut pull.reviewers, people);
            changed |= add(&mut pull.team_reviewers, teams);
        }
        if changed {
            home.edit(number);
        }
        number
    };
    Ok(Change::of_item(home, apply, |view, home, item| {
        let answer = Answer::ok(shown(view, home, item, false));
        Answer { status: 201, ..answer }
    }))
}

fn add(held: &mut Vec<String>, wanted: Vec<String>) -> bool {
    let before = held.len();
    for one in wanted {
        if !held.iter().any(|other| same_account(other, &one)) {
            held.push(one);
        }
    }
    held.len() > before
}

const DOCS: &str = "rest/pulls/review-requests#request-reviewers-for-a-pull-request";

fn reviewers(view: View<'_>, home: &Repository, item: &Issue, logins: &[String]) -> Result<Vec<String>, Answer> {
    let is_author = |login: &String| item.author.as_deref().is_some_and(|author| same_account(author, login));
    if logins.iter().any(is_author) {
        return Err(Answer::error(
            422,
            "Review cannot be requested from pull request author.",
            DOCS,
        ));
    }
    let account = |login: &String| view.world.assignable(home, login).map(|account| account.login.clone());
    let found: Option<Vec<String>> = logins.iter().map(account).collect();
    found.ok_or_else(|| no_collaborator(home))
}

fn teams(view: View<'_>, home: &Repository, slugs: &[String]) -> Result<Vec<String>, Answer> {
    let team = |slug: &String| {
        let mut teams = view.world.teams.iter();
        let found = teams.find(|team| team.is(&home.owner, slug) && team.repositories.contains_key(&home.id))?;
        Some(found.slug.clone())
    };
    let found: Option<Vec<String>> = slugs.iter().map(team).collect();
    found.ok_or_else(|| no_collaborator(home))
}

fn no_collaborator(home: &Repository) -> Answer {
    let message = format!(
        "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the {} repository.",
        home.full_name()
    );
    Answer::error(422, &message, DOCS)
}
