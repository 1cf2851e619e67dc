//! What issues and pull requests say of labels and milestones: their names. GitHub changes those words everywhere when a label or milestone
//! gets another name or is deleted, and no issue gets a new version by it; so that nobody would bring the issues again, the
//! transaction that renames the one renames the other.

use std::collections::{BTreeMap, HashMap, HashSet};

use mysql_async::prelude::FromRow;

use crate::domain::Entity;
use crate::frappe::db::{DbConn, DbError, Params, Tx, Value};

use super::applied::{Applied, Counts, Touched};
use super::cell::time_value;
use super::cursors;
use super::refresh::{Mark, Part};
use super::rows::{DocTable, Home, ISSUE, LABEL, MILESTONE, PULL_REQUEST};
use super::stamp::Stamp;
use super::upsert::{NAMES, marks, texts};

const WHAT: &str = "carrying a name to issues";

/// A kind of thing that issues name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    table: &'static DocTable,
    /// Column of its name.
    name: &'static str,
    /// Column of issues and pull requests that has it.
    column: &'static str,
    /// That column has several, separated by commas.
    is_list: bool,
}

/// The word of a table; none where issues do not name its rows.
pub(super) fn of(table: &DocTable) -> Option<Word> {
    if table.doctype == LABEL.doctype {
        Some(Word {
            table: &LABEL,
            name: "label_name",
            column: "labels",
            is_list: true,
        })
    } else if table.doctype == MILESTONE.doctype {
        Some(Word {
            table: &MILESTONE,
            name: "title",
            column: "milestone",
            is_list: false,
        })
    } else {
        None
    }
}

/// Names by document, of those that are there.
pub(super) type Names = HashMap<String, String>;

impl Word {
    /// What these documents are called now.
    pub(super) async fn names(&self, conn: &mut DbConn, documents: &[String]) -> Result<Names, DbError> {
        let mut names = Names::new();
        for chunk in documents.chunks(NAMES) {
            let sql = format!(
                "SELECT name, IFNULL(`{}`, '') FROM `{}` WHERE name IN ({}) AND deleted_on_github = 0",
                self.name,
                self.table.table,
                marks(chunk.len())
            );
            let params = Params::Positional(texts(chunk.iter().map(String::as_str)));
            let rows = conn.rows(WHAT, &sql, params).await?;
            names.extend(rows.into_iter().map(<(String, String)>::from_row));
        }
        Ok(names)
    }

    /// Brings to issues and pull requests what became of the names `before`. A name that another one has taken over meanwhile says
    /// nothing about whom an issue means: then all issues are read anew.
    pub(super) async fn carry(
        &self,
        tx: &mut Tx,
        (stamp, home): (&Stamp, &Home<'_>),
        before: Names,
        applied: &mut Applied,
    ) -> Result<(), DbError> {
        let documents: Vec<String> = before.keys().cloned().collect();
        let mut after = self.names(tx, &documents).await?;
        let mut changes: BTreeMap<String, Option<String>> = before
            .into_iter()
            .map(|(document, old)| (old, after.remove(&document)))
            .filter(|(old, new)| !old.is_empty() && new.as_ref() != Some(old))
            .collect();
        if changes.is_empty() {
            return Ok(());
        }
        let taken = self.taken(tx, home.repository, &changes).await?;
        let count = changes.len();
        changes.retain(|old, _| !(taken.contains(old) || self.is_list && old.contains(',')));
        if changes.len() < count {
            cursors::forget_walks(tx, home.repository_id).await?;
            Mark::now(Part::Items).write(tx, home.repository_id, stamp.now).await?;
        }
        for (entity, items) in [(Entity::Issue, &ISSUE), (Entity::PullRequest, &PULL_REQUEST)] {
            let touched = self.rewrite(tx, (stamp, home), items, &changes).await?;
            let counts = Counts {
                updated: touched.len() as u64,
                ..Counts::default()
            };
            if counts.updated > 0 {
                applied.add(entity, &counts, touched);
            }
        }
        Ok(())
    }

    /// Those of the old names that something in the repository is called now.
    async fn taken(
        &self,
        conn: &mut DbConn,
        repository: &str,
        changes: &BTreeMap<String, Option<String>>,
    ) -> Result<HashSet<String>, DbError> {
        let olds: Vec<&str> = changes.keys().map(String::as_str).collect();
        let mut taken = HashSet::new();
        for chunk in olds.chunks(NAMES) {
            let sql = format!(
                "SELECT `{0}` FROM `{1}` WHERE repository = ? AND deleted_on_github = 0 AND `{0}` IN ({2})",
                self.name,
                self.table.table,
                marks(chunk.len())
            );
            let params = texts(std::iter::once(repository).chain(chunk.iter().copied()));
            let rows = conn.rows(WHAT, &sql, Params::Positional(params)).await?;
            taken.extend(rows.into_iter().map(|row| <(String,)>::from_row(row).0));
        }
        Ok(taken)
    }

    async fn rewrite(
        &self,
        tx: &mut Tx,
        (stamp, home): (&Stamp, &Home<'_>),
        items: &'static DocTable,
        changes: &BTreeMap<String, Option<String>>,
    ) -> Result<Vec<Touched>, DbError> {
        let mut touched = Vec::new();
        // By the text that is there and the one that is to be: there are few of these, however many issues.
        let mut groups: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for (document, text) in self.holders(tx, home.repository, items, changes).await? {
            if let Some(new) = self.replaced(&text, changes) {
                groups.entry((text, new)).or_default().push(document);
            }
        }
        for ((old, new), documents) in groups {
            for chunk in documents.chunks(NAMES) {
                let sql = format!(
                    "UPDATE `{0}` SET `{1}` = ?, modified = ?, modified_by = ? WHERE name IN ({2}) AND BINARY `{1}` = ?",
                    items.table,
                    self.column,
                    marks(chunk.len())
                );
                let text = |text: &str| Value::Bytes(text.as_bytes().to_vec());
                let says = if new.is_empty() && !self.is_list {
                    Value::NULL
                } else {
                    text(&new)
                };
                let mut params = vec![says, time_value(stamp.local_now())];
                params.extend(texts(
                    std::iter::once(stamp.user.as_str()).chain(chunk.iter().map(String::as_str)),
                ));
                params.push(text(&old));
                tx.exec(WHAT, &sql, Params::Positional(params)).await?;
            }
            touched.extend(documents.into_iter().map(|name| Touched {
                doctype: items.doctype,
                name,
                modified: stamp.local_now(),
            }));
        }
        Ok(touched)
    }

    /// Documents that may hold one of the old names, with their text.
    async fn holders(
        &self,
        conn: &mut DbConn,
        repository: &str,
        items: &DocTable,
        changes: &BTreeMap<String, Option<String>>,
    ) -> Result<Vec<(String, String)>, DbError> {
        let olds: Vec<&str> = changes.keys().map(String::as_str).collect();
        let mut found = BTreeMap::new();
        for chunk in olds.chunks(NAMES) {
            let fits = if self.is_list {
                vec![format!("INSTR(`{}`, ?) > 0", self.column); chunk.len()].join(" OR ")
            } else {
                format!("`{}` IN ({})", self.column, marks(chunk.len()))
            };
            let sql = format!(
                "SELECT name, `{}` FROM `{}` WHERE repository = ? AND ({fits})",
                self.column, items.table
            );
            let params = texts(std::iter::once(repository).chain(chunk.iter().copied()));
            let rows = conn.rows(WHAT, &sql, Params::Positional(params)).await?;
            found.extend(rows.into_iter().map(<(String, String)>::from_row));
        }
        Ok(found.into_iter().collect())
    }

    /// The text with its new names, all of them at once, empty where nothing is left of it; none where nothing of it changes.
    fn replaced(&self, text: &str, changes: &BTreeMap<String, Option<String>>) -> Option<String> {
        if !self.is_list {
            return changes.get(text).map(|new| new.clone().unwrap_or_default());
        }
        if !text.split(',').any(|name| changes.contains_key(name)) {
            return None;
        }
        let names = text.split(',').filter_map(|name| match changes.get(name) {
            Some(new) => new.as_deref(),
            None => Some(name),
        });
        Some(names.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> BTreeMap<String, Option<String>> {
        let change = |old: &str, new: Option<&str>| (old.to_owned(), new.map(str::to_owned));
        [change("bug", Some("defect")), change("ui", Some("bug")), change("old", None)].into()
    }

    #[test]
    fn names_in_a_list_are_replaced_all_at_once_and_whole() {
        let labels = of(&LABEL).expect("issues have labels");
        let new = |text| labels.replaced(text, &changes());
        assert_eq!(new("a,bug,ui,debug"), Some("a,defect,bug,debug".to_owned()));
        assert_eq!(new("old"), Some(String::new()));
        assert_eq!(new("Bug,debug"), None);
    }

    #[test]
    fn a_milestone_is_the_whole_text_or_none() {
        let milestones = of(&MILESTONE).expect("issues have a milestone");
        assert_eq!(milestones.replaced("bug", &changes()), Some("defect".to_owned()));
        assert_eq!(milestones.replaced("old", &changes()), Some(String::new()));
        assert_eq!(milestones.replaced("bug,ui", &changes()), None);
    }
}
