//! Issues and pull requests that a Task names get the Task, so that either form shows the other. A Task that stands there stays.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Params, Value, retry_conflicts};

use super::applied::Touched;
use super::cell::time_value;
use super::rows::{DocTable, ISSUE, PULL_REQUEST};
use super::stamp::Stamp;

const WHAT: &str = "giving issues and pull requests their Task";

/// How a Task names something of ours: by document, by number.
const NAMED: [(&DocTable, &str, &str); 3] = [
    (&ISSUE, "i.name = t.github_issue_doc", "t.github_issue_doc > ''"),
    (
        &ISSUE,
        "i.repository = t.github_repo AND i.issue_number = t.github_issue_number",
        "t.github_repo > '' AND t.github_issue_number > 0",
    ),
    (
        &PULL_REQUEST,
        "i.repository = t.github_repo AND i.pr_number = t.github_pr_number",
        "t.github_repo > '' AND t.github_pr_number > 0",
    ),
];

/// Fills what is empty, for Tasks that were saved at `since` or later (in the site's own time; all, where that is not known); of several
/// Tasks the oldest counts. Gives the documents that were written.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn settle(db: &Db, stamp: &Stamp, since: Option<NaiveDateTime>) -> Result<Vec<Touched>, DbError> {
    let mut touched = Vec::new();
    for (table, join, has) in NAMED {
        let saved = if since.is_some() { "t.modified >= ? AND " } else { "" };
        let sql = format!(
            "SELECT i.name, t.name FROM `tabTask` t JOIN `{}` i ON {join} \
             WHERE {saved}{has} AND IFNULL(i.task, '') = '' ORDER BY t.creation, t.name",
            table.table
        );
        let params = since.map_or(Params::Empty, |since| Params::Positional(vec![time_value(since)]));
        let mut wanted: BTreeMap<String, String> = BTreeMap::new();
        for (name, task) in db
            .rows(WHAT, &sql, params)
            .await?
            .into_iter()
            .map(<(String, String)>::from_row)
        {
            wanted.entry(name).or_insert(task);
        }
        for (name, task) in wanted {
            let sql = format!(
                "UPDATE `{}` SET task = ?, modified = ?, modified_by = ? WHERE name = ? AND IFNULL(task, '') = ''",
                table.table
            );
            let modified = stamp.local_now();
            let params: [Value; 4] = [
                task.into(),
                time_value(modified),
                stamp.user.as_str().into(),
                name.as_str().into(),
            ];
            let written = retry_conflicts(|| db.exec(WHAT, &sql, Params::Positional(params.to_vec()))).await?;
            if written > 0 {
                touched.push(Touched {
                    doctype: table.doctype,
                    name,
                    modified,
                });
            }
        }
    }
    Ok(touched)
}
