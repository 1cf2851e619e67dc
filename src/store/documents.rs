//! Documents and their child rows: compared with what is stored, and written where they differ.

use std::collections::{BTreeMap, HashMap};

use crate::frappe::db::{DbConn, DbError, Value};

use super::applied::{Counts, Touched};
use super::cell::{Cell, time_value};
use super::children::{self, ChildDifference, Stored};
use super::rows::{ChildTable, DocTable, Wanted, WantedChild};
use super::stamp::Stamp;
use super::stored_documents::{self, StoredDocument, StoredDocuments};
use super::upsert::{self, Upsert};

/// What writing some documents of one DocType did.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// By document.
    pub documents: Counts,
    /// By child row, for each child table.
    pub children: BTreeMap<&'static str, Counts>,
    /// Documents that have a new `modified`.
    pub touched: Vec<Touched>,
    /// Documents that may or may not be newer than stored: GitHub tells its versions in whole seconds. With their version.
    pub doubtful: Vec<(String, i64)>,
    /// Documents that no statement can hold, which were left out: name and reason of each.
    pub left_out: Vec<(String, String)>,
}

/// How a document is taken that has the version of what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SameVersion {
    /// It was read just now: what differs is written.
    Newest,
    /// As [`Self::Newest`], and it is written where nothing differs, too.
    Rewritten,
    /// It is one of several states of that second, nobody knows which: what differs is left and named, to be read anew.
    Doubtful,
}

/// Columns of a document that Frappe keeps itself and an insert must give.
const STANDARD: [&str; 7] = ["name", "creation", "owner", "docstatus", "idx", "modified", "modified_by"];

/// Writes whole documents: new ones are inserted, older ones than stored are left out, those of the same version taken as `same` says.
pub(super) async fn write(
    conn: &mut DbConn,
    table: &DocTable,
    stamp: &Stamp,
    wanted: Vec<Wanted>,
    same: SameVersion,
) -> Result<Written, DbError> {
    let stored = stored_documents::read(conn, table, &wanted).await?;
    write_over(conn, (table, stored), stamp, wanted, same).await
}

/// The same of documents of which none is stored.
pub(super) async fn write_new(
    conn: &mut DbConn,
    table: &DocTable,
    stamp: &Stamp,
    wanted: Vec<Wanted>,
    same: SameVersion,
) -> Result<Written, DbError> {
    write_over(conn, (table, StoredDocuments::default()), stamp, wanted, same).await
}

async fn write_over(
    conn: &mut DbConn,
    (table, stored): (&DocTable, StoredDocuments),
    stamp: &Stamp,
    wanted: Vec<Wanted>,
    same: SameVersion,
) -> Result<Written, DbError> {
    let (wanted, doubtful) = newest_of_each(wanted);
    let mut written = Written::default();
    let wanted = leave_out(conn, wanted, &mut written).await?;
    let mut by_table = read_children(conn, &wanted, &stored).await?;
    if same == SameVersion::Doubtful {
        written.doubtful = doubtful;
    }
    let mut changed: BTreeMap<Vec<&'static str>, Vec<Vec<Value>>> = BTreeMap::new();
    let now = time_value(stamp.local_now());
    for document in wanted {
        let old = stored.get(&document.name);
        if old.is_some_and(|old| document.version.is_some_and(|version| old.version > version)) {
            written.documents.stale += 1;
            continue;
        }
        if same == SameVersion::Doubtful
            && let Some(old) = old.filter(|old| document.version == Some(old.version))
        {
            if differs((&stored, old), &document, &by_table) {
                written.doubtful.push((document.name, old.version));
            } else {
                written.documents.unchanged += 1;
            }
            continue;
        }
        let says_the_same = same != SameVersion::Rewritten && old.is_some_and(|old| stored.says(old, &document.columns));
        let mut children_differ = false;
        for (child_table, rows) in document.children {
            if let Some(work) = by_table.get_mut(child_table.table) {
                children_differ |= work
                    .difference
                    .add(child_table, &document.name, work.stored.get(&document.name), rows);
            }
        }
        if says_the_same && !children_differ {
            written.documents.unchanged += 1;
            continue;
        }
        *if old.is_some() {
            &mut written.documents.updated
        } else {
            &mut written.documents.created
        } += 1;
        let initial = if old.is_none() { document.initial } else { Vec::new() };
        let (columns, cells): (Vec<_>, Vec<_>) = document.columns.into_iter().chain(initial).unzip();
        changed
            .entry(columns)
            .or_default()
            .push(row_values(&document.name, cells, stamp, &now));
        written.touched.push(Touched {
            doctype: table.doctype,
            name: document.name,
            modified: stamp.local_now(),
        });
    }
    for (columns, rows) in changed {
        upsert(conn, table, &columns, rows).await?;
    }
    for work in by_table.into_values() {
        written.children.insert(work.table.table, work.difference.counts.clone());
        work.difference.write(conn, work.table, stamp).await?;
    }
    Ok(written)
}

/// Leaves out what is larger than the largest statement that the server takes: it says so, and the others are stored.
async fn leave_out(conn: &mut DbConn, wanted: Vec<Wanted>, written: &mut Written) -> Result<Vec<Wanted>, DbError> {
    let weight = |document: &Wanted| document.columns.iter().map(|(_, cell)| cell.weight()).sum::<usize>();
    if wanted.iter().all(|document| upsert::is_small(weight(document))) {
        return Ok(wanted);
    }
    let room = upsert::room(conn).await?;
    let (wanted, large): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|document| weight(document) <= room);
    written.left_out.extend(large.into_iter().map(|document| {
        let reason = format!(
            "{} has {} bytes, and MariaDB's max_allowed_packet leaves room for {room}; raise it in the server's configuration, then sync again",
            document.name,
            weight(&document)
        );
        (document.name, reason)
    }));
    Ok(wanted)
}

/// True when the stored document or its child rows say something else.
fn differs(
    (stored, old): (&StoredDocuments, &StoredDocument),
    document: &Wanted,
    by_table: &BTreeMap<&'static str, ChildWork>,
) -> bool {
    let child_differs = |(table, rows): &(&ChildTable, Vec<WantedChild>)| {
        by_table
            .get(table.table)
            .is_some_and(|work| children::differ(table, &document.name, work.stored.get(&document.name), rows))
    };
    !stored.says(old, &document.columns) || document.children.iter().any(child_differs)
}

/// Replaces child tables (and sets some columns) of one document that is there; nothing happens when it is not.
pub(super) async fn write_children(
    conn: &mut DbConn,
    table: &DocTable,
    stamp: &Stamp,
    document: Wanted,
) -> Result<Written, DbError> {
    let stored = stored_documents::read(conn, table, std::slice::from_ref(&document)).await?;
    match stored.get(&document.name) {
        None => Ok(Written::default()),
        Some(_) => write(conn, table, stamp, vec![document], SameVersion::Newest).await,
    }
}

/// In one batch the same document may come twice (pages shift while they are read): the newest counts. Of two that differ and have one
/// version the last is taken, and named.
fn newest_of_each(wanted: Vec<Wanted>) -> (Vec<Wanted>, Vec<(String, i64)>) {
    let mut at: HashMap<String, usize> = HashMap::with_capacity(wanted.len());
    let mut kept: Vec<Wanted> = Vec::with_capacity(wanted.len());
    let mut doubtful = Vec::new();
    for document in wanted {
        match at.get(&document.name) {
            Some(&seen) if kept[seen].version <= document.version => {
                if let Some(version) = document
                    .version
                    .filter(|_| kept[seen].version == document.version && kept[seen] != document)
                {
                    doubtful.push((document.name.clone(), version));
                }
                kept[seen] = document;
            }
            Some(_) => {}
            None => {
                at.insert(document.name.clone(), kept.len());
                kept.push(document);
            }
        }
    }
    (kept, doubtful)
}

/// One child table of the batch: what is stored, and what has to change.
struct ChildWork {
    table: &'static ChildTable,
    stored: Stored,
    difference: ChildDifference,
}

/// Reads the child rows of all wanted documents, by table; a document that is not stored has none.
async fn read_children(
    conn: &mut DbConn,
    wanted: &[Wanted],
    stored: &StoredDocuments,
) -> Result<BTreeMap<&'static str, ChildWork>, DbError> {
    let mut parents: BTreeMap<&'static str, (&'static ChildTable, Vec<&str>)> = BTreeMap::new();
    for document in wanted {
        for (table, _) in &document.children {
            let (_, parents) = parents.entry(table.table).or_insert_with(|| (table, Vec::new()));
            if stored.get(&document.name).is_some() {
                parents.push(&document.name);
            }
        }
    }
    let mut by_table = BTreeMap::new();
    for (name, (table, parents)) in parents {
        let stored = children::read(conn, table, &parents).await?;
        by_table.insert(
            name,
            ChildWork {
                table,
                stored,
                difference: ChildDifference::default(),
            },
        );
    }
    Ok(by_table)
}

fn row_values(name: &str, cells: Vec<Cell>, stamp: &Stamp, now: &Value) -> Vec<Value> {
    let user = || Value::Bytes(stamp.user.as_bytes().to_vec());
    let mut values = vec![
        Value::Bytes(name.as_bytes().to_vec()),
        now.clone(),
        user(),
        Value::Int(0),
        Value::Int(0),
        now.clone(),
        user(),
    ];
    values.extend(cells.into_iter().map(Value::from));
    values
}

async fn upsert(conn: &mut DbConn, table: &DocTable, columns: &[&'static str], mut rows: Vec<Vec<Value>>) -> Result<(), DbError> {
    upsert::in_order(&mut rows);
    let all = [&STANDARD[..], columns].concat();
    // Creation, owner, docstatus and idx belong to the first writer.
    let updated = [&STANDARD[5..], columns].concat();
    Upsert {
        what: "writing mirrored documents",
        table: table.table,
        columns: &all,
        updated: &updated,
    }
    .write(conn, rows)
    .await
}
