//! The one way into the mirror.

use crate::domain::{
    Absence, Branch, BranchMoved, Change, ChangeSet, Entity, Issue, Matter, Member, PullRequest, Repository, held_branches,
};
use crate::frappe::db::{DbConn, DbError, Tx, retry_conflicts};

use super::applied::{Applied, Counts, Touched};
use super::cell::Cell;
use super::documents::{self, SameVersion, Written};
use super::gone::{self, Gone};
use super::inbox::Ended;
use super::refresh::Mark;
use super::repositories::Hold;
use super::rows::{self, BRANCHES, BRANCHES_TOTAL, DocTable, Home, ISSUE, MEMBERS, PULL_REQUEST, REPOSITORY, Wanted};
use super::task_links::TaskLink;
use super::writer::Writer;
use super::{branches, integration_repositories, mentions, parts, previews, reached, rename, repositories};

/// Applies `set` in one transaction, which is repeated as a whole when it met another one.
///
/// # Errors
/// When the database is away, refuses, or the lease was lost; then nothing of the set is stored.
pub async fn apply(writer: &Writer<'_>, set: &ChangeSet) -> Result<Applied, DbError> {
    retry_conflicts(|| Box::pin(apply_once(writer, set, SameVersion::Newest, Beside::Nothing))).await
}

/// The same, and links a Task with one of the things in the same transaction.
///
/// # Errors
/// As [`apply`].
pub async fn apply_and_link(writer: &Writer<'_>, set: &ChangeSet, link: &TaskLink<'_>) -> Result<Applied, DbError> {
    retry_conflicts(|| Box::pin(apply_once(writer, set, SameVersion::Newest, Beside::Link(link)))).await
}

/// Applies `set` like [`apply`], and writes issues and pull requests that say what GitHub says, too: they get a new `modified`, and
/// whoever follows them is told. What is newer here than in `set` stays.
///
/// # Errors
/// As [`apply`].
pub async fn rewrite(writer: &Writer<'_>, set: &ChangeSet) -> Result<Applied, DbError> {
    retry_conflicts(|| Box::pin(apply_once(writer, set, SameVersion::Rewritten, Beside::Nothing))).await
}

/// Applies what deliveries told, and ends them in the same transaction. GitHub tells versions in whole seconds: where a state of the
/// same second is stored that differs, it stays, and is marked to be read again, like everything in `deliveries.marks`.
///
/// # Errors
/// As [`apply`]; also [`DbError::Fenced`] when another worker has one of the deliveries.
pub async fn apply_deliveries(
    writer: &Writer<'_>,
    set: &ChangeSet,
    deliveries: &AppliedDeliveries<'_>,
) -> Result<Applied, DbError> {
    retry_conflicts(|| Box::pin(apply_once(writer, set, SameVersion::Doubtful, Beside::Deliveries(deliveries)))).await
}

/// The deliveries that a set was told by.
#[derive(Debug, Clone, Copy)]
pub struct AppliedDeliveries<'a> {
    /// How they end.
    pub ended: &'a [Ended<'a>],
    /// What they told of without saying it.
    pub marks: &'a [Mark],
    /// What each of them, by its id, is about: it reaches the Projects that follow that.
    pub matters: &'a [(&'a str, Matter)],
}

/// What is written in the same transaction.
#[derive(Clone, Copy)]
enum Beside<'a> {
    Nothing,
    Link(&'a TaskLink<'a>),
    Deliveries(&'a AppliedDeliveries<'a>),
}

async fn apply_once(writer: &Writer<'_>, set: &ChangeSet, same: SameVersion, beside: Beside<'_>) -> Result<Applied, DbError> {
    let mut tx = writer.site.db().begin().await?;
    if let Some(lease) = writer.lease {
        lease.hold(&mut tx).await?;
    }
    let mut applied = Applied::default();
    let mut held = None;
    for change in &set.changes {
        if let Change::Repository(repository) = change {
            // It may get another name.
            held = None;
            apply_repository(&mut tx, writer, repository, &mut applied).await?;
            continue;
        }
        let name = match held.take() {
            Some(name) => name,
            None => hold(&mut tx, set.repository_id, beside_its_own(writer, set)).await?,
        };
        let home = Home {
            repository_id: set.repository_id,
            repository: &name,
            people: writer.people,
            zone: writer.stamp.zone,
            same,
        };
        one(&mut tx, writer, &home, change, &mut applied).await?;
        held = Some(name);
    }
    match beside {
        Beside::Nothing => {}
        Beside::Link(link) => applied.touched.extend(link.write(&mut tx, writer, set.repository_id).await?),
        Beside::Deliveries(deliveries) => {
            for mark in deliveries.marks.iter().chain(&applied.doubts) {
                mark.write(&mut tx, set.repository_id, writer.stamp.now).await?;
            }
            for ended in deliveries.ended {
                ended.write(&mut tx, writer.stamp).await?;
            }
            applied.reached = reached::write(&mut tx, writer.stamp, set.repository_id, deliveries.matters).await?;
        }
    }
    tx.commit().await?;
    for left in &applied.left_out {
        tracing::warn!(
            site = writer.site.name(),
            entity = left.entity.as_str(),
            reason = left.reason,
            "too large to be stored"
        );
    }
    Ok(applied)
}

/// A run stores issues and pull requests side by side: each of them is in one of the two transactions alone, and neither touches the
/// repository's own row. Whatever else is applied goes alone.
fn beside_its_own(writer: &Writer<'_>, set: &ChangeSet) -> Hold {
    let is_item = |change: &Change| matches!(change, Change::Issues(_) | Change::PullRequests(_) | Change::Reviews(_));
    if writer.lease.is_some() && set.changes.iter().all(is_item) {
        Hold::WithOwn
    } else {
        Hold::Alone
    }
}

/// Name of the repository's document, which nobody else applies anything to but as `hold` says, or renames, until the transaction ends.
async fn hold(tx: &mut Tx, id: u64, hold: Hold) -> Result<String, DbError> {
    let Some(name) = repositories::hold(tx, id, hold).await? else {
        return Err(DbError::Shape {
            what: "applying changes",
            reason: format!("repository {id} has no document yet"),
        });
    };
    rename::refuse_while_under_way(tx, &name).await?;
    Ok(name)
}

async fn one(tx: &mut Tx, writer: &Writer<'_>, home: &Home<'_>, change: &Change, applied: &mut Applied) -> Result<(), DbError> {
    match change {
        Change::Repository(_) => Ok(()),
        Change::Issues(issues) => apply_issues(tx, writer, home, issues, applied).await,
        Change::PullRequests(pulls) => apply_pull_requests(tx, writer, home, pulls, applied).await,
        Change::AllBranches(branches) => apply_branches(tx, writer, home, branches, applied).await,
        Change::BranchMoved(moved) => branch_moved(tx, writer, home, moved, applied).await,
        Change::AllMembers(members) => apply_members(tx, writer, home, members, applied).await,
        Change::IssuesGone(numbers) => apply_gone(tx, writer, home, &ISSUE, numbers, applied).await,
        Change::ItemsBack(numbers) => gone::lift(tx, home.repository_id, numbers).await,
        Change::PullRequestsGone(numbers) => apply_gone(tx, writer, home, &PULL_REQUEST, numbers, applied).await,
        Change::Mentions(all) => mentions::compare(tx, home, all, applied).await,
        Change::Deployed(all) => previews::apply(tx, writer.stamp, home, all, applied).await,
        parts => parts::apply(tx, writer, home, parts, applied).await,
    }
}

/// A repository is who its id says: a row under another name is renamed, a stranger under its name makes room.
async fn apply_repository(
    tx: &mut Tx,
    writer: &Writer<'_>,
    repository: &Repository,
    applied: &mut Applied,
) -> Result<(), DbError> {
    rename::settle(tx, writer.stamp, repository).await?;
    let row = rows::repository_row(repository, writer.stamp.zone);
    let written = documents::write(tx, &REPOSITORY, writer.stamp, vec![row], SameVersion::Newest).await?;
    if written.documents.updated > 0 {
        integration_repositories::follow_owner(tx, repository.id).await?;
    }
    applied.documents(Entity::Repository, written);
    Ok(())
}

async fn apply_issues(
    tx: &mut Tx,
    writer: &Writer<'_>,
    home: &Home<'_>,
    issues: &[Issue],
    applied: &mut Applied,
) -> Result<(), DbError> {
    let wanted = issues
        .iter()
        .map(|issue| (issue.item.number, rows::issue_row(issue, home)))
        .collect();
    let written = write_items(tx, writer, home, &ISSUE, wanted).await?;
    applied.documents(Entity::Issue, written);
    Ok(())
}

async fn apply_pull_requests(
    tx: &mut Tx,
    writer: &Writer<'_>,
    home: &Home<'_>,
    pulls: &[PullRequest],
    applied: &mut Applied,
) -> Result<(), DbError> {
    let wanted = pulls
        .iter()
        .map(|pull| (pull.item.number, rows::pull_request_row(pull, home)))
        .collect();
    let written = write_items(tx, writer, home, &PULL_REQUEST, wanted).await?;
    let changed: Vec<String> = written.touched.iter().map(|one| one.name.clone()).collect();
    applied.documents(Entity::PullRequest, written);
    previews::of_pull_requests(tx, writer.stamp, home, &changed, applied).await
}

/// Writes items but for those that a tombstone says are gone: a late answer must not bring them back.
async fn write_items(
    conn: &mut DbConn,
    writer: &Writer<'_>,
    home: &Home<'_>,
    table: &DocTable,
    mut wanted: Vec<(u64, Wanted)>,
) -> Result<Written, DbError> {
    let numbers: Vec<u64> = wanted.iter().map(|(number, _)| *number).collect();
    if writer.is_first && gone::highest(conn, home, table).await? < numbers.iter().copied().min().unwrap_or_default() {
        let new = wanted.into_iter().map(|(_, document)| document).collect();
        return documents::write_new(conn, table, writer.stamp, new, home.same).await;
    }
    let dead = gone::dead_among(conn, home.repository_id, &[table.tombstone], &numbers).await?;
    let before = wanted.len();
    wanted.retain(|(number, document)| {
        let buried = dead.get(number);
        buried.is_none_or(|&since| document.version.is_some_and(|version| version > since))
    });
    let ghosts = (before - wanted.len()) as u64;
    let wanted = wanted.into_iter().map(|(_, document)| document).collect();
    let mut written = documents::write(conn, table, writer.stamp, wanted, home.same).await?;
    written.documents.stale += ghosts;
    Ok(written)
}

async fn apply_branches(
    tx: &mut Tx,
    writer: &Writer<'_>,
    home: &Home<'_>,
    branches: &[Branch],
    applied: &mut Applied,
) -> Result<(), DbError> {
    let default = repositories::default_branch(tx, home.repository).await?;
    let held = held_branches(branches.to_vec(), &default);
    let rows = rows::branch_rows(home.repository_id, &held, home.zone);
    let document = Wanted {
        name: home.repository.to_owned(),
        version: None,
        columns: vec![(BRANCHES_TOTAL, Cell::int(branches.len()))],
        initial: Vec::new(),
        children: vec![(&BRANCHES, rows)],
    };
    let written = documents::write_children(tx, &REPOSITORY, writer.stamp, document).await?;
    let counts = written.children.get(BRANCHES.table).cloned().unwrap_or_default();
    applied.add(Entity::Branch, &counts, written.touched);
    Ok(())
}

async fn branch_moved(
    tx: &mut Tx,
    writer: &Writer<'_>,
    home: &Home<'_>,
    moved: &BranchMoved,
    applied: &mut Applied,
) -> Result<(), DbError> {
    if branches::move_head(tx, writer.stamp, home, moved).await? {
        let counts = Counts {
            updated: 1,
            ..Counts::default()
        };
        let touched = Touched {
            doctype: REPOSITORY.doctype,
            name: home.repository.to_owned(),
            modified: writer.stamp.local_now(),
        };
        applied.add(Entity::Branch, &counts, vec![touched]);
    }
    Ok(())
}

async fn apply_members(
    tx: &mut Tx,
    writer: &Writer<'_>,
    home: &Home<'_>,
    members: &[Member],
    applied: &mut Applied,
) -> Result<(), DbError> {
    let document = Wanted {
        name: home.repository.to_owned(),
        version: None,
        columns: Vec::new(),
        initial: Vec::new(),
        children: vec![(&MEMBERS, rows::member_rows(home.repository_id, members, home.people))],
    };
    let written = documents::write_children(tx, &REPOSITORY, writer.stamp, document).await?;
    let counts = written.children.get(MEMBERS.table).cloned().unwrap_or_default();
    applied.add(Entity::Member, &counts, written.touched);
    Ok(())
}

async fn apply_gone(
    tx: &mut Tx,
    writer: &Writer<'_>,
    home: &Home<'_>,
    table: &'static DocTable,
    numbers: &[(u64, Absence)],
    applied: &mut Applied,
) -> Result<(), DbError> {
    let entity = if table.doctype == ISSUE.doctype {
        Entity::Issue
    } else {
        Entity::PullRequest
    };
    let gone = Gone {
        table,
        repository_id: home.repository_id,
        names: numbers.iter().map(|(number, _)| (*number, home.document(*number))).collect(),
    };
    let (deleted, touched) = gone.remove(tx, writer.stamp).await?;
    applied.add(
        entity,
        &Counts {
            deleted,
            ..Counts::default()
        },
        touched,
    );
    let numbers: Vec<u64> = numbers.iter().map(|(number, _)| *number).collect();
    parts::follow(tx, writer.stamp, home, (table, &numbers), applied).await
}
