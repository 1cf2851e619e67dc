//! The parts of a repository: labels, milestones, releases, comments, reviews and commits. They are known by an id of their own
//! (commits by their hash) and named by a hash of it, so that a rename of the repository moves nothing but their Link.

use mysql_async::prelude::FromRow;

use crate::domain::{Change, Comment, Commit, Entity, Review, ReviewState};
use crate::frappe::db::{DbConn, DbError, Params, Tx, Value};

use super::applied::{Applied, Counts};
use super::documents::{self, SameVersion};
use super::gone::{self, Gone};
use super::item_words::{self, Names, Word};
use super::rows::{
    self, COMMENT, COMMIT, DocTable, Home, ISSUE, LABEL, MILESTONE, PULL_REQUEST, RELEASE, REVIEW, Wanted, part_name,
};
use super::stamp::Stamp;
use super::upsert::{NAMES, marks, texts};
use super::writer::Writer;
use super::{previews, release_rules, repositories};

/// Table of an entity that is a part; none for others.
pub(super) fn table_of(entity: Entity) -> Option<&'static DocTable> {
    match entity {
        Entity::Label => Some(&LABEL),
        Entity::Milestone => Some(&MILESTONE),
        Entity::Release => Some(&RELEASE),
        Entity::Comment => Some(&COMMENT),
        Entity::Review => Some(&REVIEW),
        Entity::Commit => Some(&COMMIT),
        Entity::Repository | Entity::Issue | Entity::PullRequest | Entity::Branch | Entity::Member => None,
    }
}

/// Applies a change of parts; any other change is none of these.
pub(super) async fn apply(
    tx: &mut Tx,
    writer: &Writer<'_>,
    home: &Home<'_>,
    change: &Change,
    applied: &mut Applied,
) -> Result<(), DbError> {
    let mut work = Work {
        tx,
        writer,
        home,
        applied,
    };
    match change {
        Change::Labels(all) => {
            let wanted = all.iter().map(|one| (one.id, rows::label_row(one, home))).collect();
            work.write(Entity::Label, &LABEL, wanted).await
        }
        Change::Milestones(all) => {
            let wanted = all.iter().map(|one| (one.id, rows::milestone_row(one, home))).collect();
            work.write(Entity::Milestone, &MILESTONE, wanted).await
        }
        Change::Releases(all) => {
            let wanted = all.iter().map(|one| (one.id, rows::release_row(one, home))).collect();
            work.write(Entity::Release, &RELEASE, wanted).await
        }
        Change::Comments(all) => work.comments(all).await,
        Change::Reviews(all) => work.reviews(all).await,
        Change::Commits(all) => work.commits(all).await,
        Change::LabelsGone(ids) => work.gone(Entity::Label, &LABEL, ids).await,
        Change::MilestonesGone(ids) => work.gone(Entity::Milestone, &MILESTONE, ids).await,
        Change::ReleasesGone(ids) => work.gone(Entity::Release, &RELEASE, ids).await,
        Change::CommentsGone(ids) => work.gone(Entity::Comment, &COMMENT, ids).await,
        Change::ReviewsGone(ids) => work.gone(Entity::Review, &REVIEW, ids).await,
        Change::CommitsGone(hashes) => work.commits_gone(hashes).await,
        Change::PartsBack(entity, ids) => match table_of(*entity) {
            Some(table) => gone::lift_parts(work.tx, home.repository_id, table, ids).await,
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Takes what belongs to issues or pull requests that are gone: their comments, and the reviews of pull requests.
pub(super) async fn follow(
    tx: &mut Tx,
    stamp: &Stamp,
    home: &Home<'_>,
    (items, numbers): (&DocTable, &[u64]),
    applied: &mut Applied,
) -> Result<(), DbError> {
    let mut parts = vec![(Entity::Comment, &COMMENT, "issue_number")];
    if items.doctype == PULL_REQUEST.doctype {
        parts.push((Entity::Review, &REVIEW, "pr_number"));
    }
    for (entity, table, column) in parts {
        let names = of_items(tx, home.repository, (table, column), numbers).await?;
        if names.is_empty() {
            continue;
        }
        let gone = Gone {
            table,
            repository_id: home.repository_id,
            names: Vec::new(),
        };
        let (deleted, touched) = gone.take(tx, stamp, &names).await?;
        applied.add(entity, &deletions(deleted), touched);
    }
    Ok(())
}

async fn of_items(
    conn: &mut DbConn,
    repository: &str,
    (table, column): (&DocTable, &str),
    numbers: &[u64],
) -> Result<Vec<String>, DbError> {
    let mut names = Vec::new();
    for chunk in numbers.chunks(NAMES) {
        let sql = format!(
            "SELECT name FROM `{}` WHERE repository = ? AND `{column}` IN ({}) AND deleted_on_github = 0 FOR UPDATE",
            table.table,
            marks(chunk.len())
        );
        let mut params = texts([repository]);
        params.extend(chunk.iter().copied().map(Value::UInt));
        let rows = conn
            .rows("reading mirrored documents", &sql, Params::Positional(params))
            .await?;
        names.extend(rows.into_iter().map(|row| <(String,)>::from_row(row).0));
    }
    Ok(names)
}

fn deletions(deleted: u64) -> Counts {
    Counts {
        deleted,
        ..Counts::default()
    }
}

/// One change under way.
struct Work<'a, 'w> {
    tx: &'a mut Tx,
    writer: &'a Writer<'w>,
    home: &'a Home<'a>,
    applied: &'a mut Applied,
}

impl Work<'_, '_> {
    /// Writes parts but for those that a tombstone says are gone. A part without a version cannot say that it is newer.
    async fn write(&mut self, entity: Entity, table: &DocTable, mut wanted: Vec<(u64, Wanted)>) -> Result<(), DbError> {
        let ids: Vec<u64> = wanted.iter().map(|(id, _)| *id).collect();
        let dead = gone::dead_among(self.tx, self.home.repository_id, &[table.tombstone], &ids).await?;
        let before = wanted.len();
        wanted.retain(|(id, document)| {
            let buried = dead.get(id);
            buried.is_none_or(|&since| document.version.is_some_and(|version| version > since))
        });
        let ghosts = (before - wanted.len()) as u64;
        let rows: Vec<Wanted> = wanted.into_iter().map(|(_, document)| document).collect();
        let words = self.words(table, rows.iter().map(|row| row.name.clone())).await?;
        let same = match self.home.same {
            SameVersion::Doubtful => SameVersion::Doubtful,
            SameVersion::Newest | SameVersion::Rewritten => SameVersion::Newest,
        };
        let mut written = documents::write(self.tx, table, self.writer.stamp, rows, same).await?;
        written.documents.stale += ghosts;
        let is_changed = written.documents.updated > 0;
        let changed: Vec<String> = written.touched.iter().map(|one| one.name.clone()).collect();
        self.applied.documents(entity, written);
        if entity == Entity::Release {
            previews::of_releases(self.tx, self.writer.stamp, self.home, &changed, self.applied).await?;
            release_rules::of_releases(self.tx, self.writer.stamp, self.home, &changed, self.applied).await?;
        }
        if is_changed { self.carry(words).await } else { Ok(()) }
    }

    /// What these documents are called, where issues name them.
    async fn words(
        &mut self,
        table: &DocTable,
        documents: impl Iterator<Item = String>,
    ) -> Result<Option<(Word, Names)>, DbError> {
        let Some(word) = item_words::of(table) else { return Ok(None) };
        let names = word.names(self.tx, &documents.collect::<Vec<_>>()).await?;
        Ok(Some((word, names)))
    }

    async fn carry(&mut self, words: Option<(Word, Names)>) -> Result<(), DbError> {
        let Some((word, before)) = words else { return Ok(()) };
        word.carry(self.tx, (self.writer.stamp, self.home), before, self.applied)
            .await
    }

    /// Comments on what is there: a late one must not bring back what was deleted with its issue.
    async fn comments(&mut self, all: &[Comment]) -> Result<(), DbError> {
        let numbers: Vec<u64> = all.iter().map(|one| one.number).collect();
        let items = [ISSUE.tombstone, PULL_REQUEST.tombstone];
        let dead = gone::dead_among(self.tx, self.home.repository_id, &items, &numbers).await?;
        let here = all.iter().filter(|one| !dead.contains_key(&one.number));
        let wanted: Vec<_> = here.map(|one| (one.id, rows::comment_row(one, self.home))).collect();
        self.stale(Entity::Comment, all.len() - wanted.len());
        self.write(Entity::Comment, &COMMENT, wanted).await
    }

    /// Reviews that were submitted, of pull requests that are there. One that was dismissed stays so: where GitHub tells no time of
    /// change, an older word of it is known by that.
    async fn reviews(&mut self, all: &[Review]) -> Result<(), DbError> {
        let home = self.home;
        let numbers: Vec<u64> = all.iter().map(|one| one.number).collect();
        let dead = gone::dead_among(self.tx, home.repository_id, &[PULL_REQUEST.tombstone], &numbers).await?;
        let undated = |one: &Review| one.updated_at.is_none() && one.state != ReviewState::Dismissed;
        let in_doubt: Vec<String> = all
            .iter()
            .filter(|one| undated(one))
            .map(|one| part_name(&REVIEW, home.repository_id, &one.id.to_string()))
            .collect();
        let dismissed = self.dismissed(&in_doubt).await?;
        let wanted: Vec<_> = all
            .iter()
            .filter(|one| one.state != ReviewState::Pending && !dead.contains_key(&one.number))
            .map(|one| (one.id, rows::review_row(one, home)))
            .filter(|(_, row)| !dismissed.contains(&row.name))
            .collect();
        self.stale(Entity::Review, all.len() - wanted.len());
        self.write(Entity::Review, &REVIEW, wanted).await
    }

    async fn dismissed(&mut self, names: &[String]) -> Result<Vec<String>, DbError> {
        let mut found = Vec::new();
        for chunk in names.chunks(NAMES) {
            let sql = format!(
                "SELECT name FROM `{}` WHERE state = 'dismissed' AND name IN ({}) FOR UPDATE",
                REVIEW.table,
                marks(chunk.len())
            );
            let params = Params::Positional(texts(chunk.iter().map(String::as_str)));
            let rows = self.tx.rows("reading mirrored documents", &sql, params).await?;
            found.extend(rows.into_iter().map(|row| <(String,)>::from_row(row).0));
        }
        Ok(found)
    }

    /// Commits have no tombstones: what a push leads to again is there again.
    async fn commits(&mut self, all: &[Commit]) -> Result<(), DbError> {
        let default = repositories::default_branch(self.tx, self.home.repository).await?;
        let rows = all.iter().map(|one| rows::commit_row(one, self.home, &default)).collect();
        let written = documents::write(self.tx, &COMMIT, self.writer.stamp, rows, SameVersion::Newest).await?;
        self.applied.documents(Entity::Commit, written);
        Ok(())
    }

    async fn gone(&mut self, entity: Entity, table: &'static DocTable, ids: &[u64]) -> Result<(), DbError> {
        let name = |id: u64| part_name(table, self.home.repository_id, &id.to_string());
        let names = ids.iter().map(|&id| (id, name(id))).collect();
        self.remove(entity, table, names).await
    }

    async fn commits_gone(&mut self, hashes: &[String]) -> Result<(), DbError> {
        let name = |sha: &str| part_name(&COMMIT, self.home.repository_id, sha);
        let names = hashes.iter().map(|sha| (0, name(sha))).collect();
        self.remove(Entity::Commit, &COMMIT, names).await
    }

    async fn remove(&mut self, entity: Entity, table: &'static DocTable, names: Vec<(u64, String)>) -> Result<(), DbError> {
        let gone = Gone {
            table,
            repository_id: self.home.repository_id,
            names,
        };
        let words = self.words(table, gone.names.iter().map(|(_, name)| name.clone())).await?;
        let (deleted, touched) = gone.remove(self.tx, self.writer.stamp).await?;
        self.applied.add(entity, &deletions(deleted), touched);
        self.carry(words).await
    }

    fn stale(&mut self, entity: Entity, count: usize) {
        let counts = Counts {
            stale: count as u64,
            ..Counts::default()
        };
        self.applied.add(entity, &counts, Vec::new());
    }
}
