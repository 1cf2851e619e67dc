//! What deliveries call labels and milestones, held against what they are called here.
//!
//! GitHub gives an issue no new version when a label of it is renamed or deleted, so that an old word of the issue, which comes late, would
//! bring back the old name. Where an id is called otherwise here, or is not here, both are read anew.

use std::collections::HashMap;

use mysql_async::prelude::FromRow;

use crate::domain::Mention;
use crate::frappe::db::{DbError, Params, Tx};

use super::applied::Applied;
use super::documents::SameVersion;
use super::refresh::{Mark, Part};
use super::rows::{DocTable, Home, LABEL, MILESTONE, part_name};
use super::upsert::{NAMES, marks, texts};

/// Puts in doubt what is called otherwise here. What was read just now is right, whatever it says.
pub(super) async fn compare(tx: &mut Tx, home: &Home<'_>, all: &[Mention], applied: &mut Applied) -> Result<(), DbError> {
    if home.same != SameVersion::Doubtful {
        return Ok(());
    }
    let labels = all.iter().flat_map(|one| one.labels.iter().map(move |said| (one, said)));
    differing(tx, home, (&LABEL, "label_name", Part::Labels), labels.collect(), applied).await?;
    let milestones = all.iter().filter_map(|one| one.milestone.as_ref().map(|said| (one, said)));
    let of = (&MILESTONE, "title", Part::Milestones);
    differing(tx, home, of, milestones.collect(), applied).await
}

async fn differing(
    tx: &mut Tx,
    home: &Home<'_>,
    (table, column, part): (&DocTable, &str, Part),
    said: Vec<(&Mention, &(u64, String))>,
    applied: &mut Applied,
) -> Result<(), DbError> {
    let document = |id: u64| part_name(table, home.repository_id, &id.to_string());
    let mut documents: Vec<String> = said.iter().map(|(_, (id, _))| document(*id)).collect();
    documents.sort_unstable();
    documents.dedup();
    let mut names: HashMap<String, String> = HashMap::new();
    for chunk in documents.chunks(NAMES) {
        let sql = format!(
            "SELECT name, IFNULL(`{column}`, '') FROM `{}` WHERE name IN ({}) AND deleted_on_github = 0",
            table.table,
            marks(chunk.len())
        );
        let params = Params::Positional(texts(chunk.iter().map(String::as_str)));
        let rows = tx.rows("comparing names", &sql, params).await?;
        names.extend(rows.into_iter().map(<(String, String)>::from_row));
    }
    for (mention, (id, name)) in said {
        if names.get(&document(*id)) != Some(name) {
            applied.doubts.insert(Mark::now(part));
            applied.doubts.insert(Mark::items_since(mention.updated_at.timestamp()));
        }
    }
    Ok(())
}
