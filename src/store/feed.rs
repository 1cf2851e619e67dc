//! What was done in repositories, the newest first: commits, pull requests and comments. Reactions are nothing that is mirrored.
//!
//! Each repository gives its newest entries of each kind from an index, and so many of all are taken as a page has. The next page begins behind the
//! last entry of this one, whatever came in meanwhile.

use chrono::NaiveDateTime;
use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError, Params, Row, Value};

use super::cell::time_value;
use super::upsert::texts;

/// Repositories of one statement.
const TOGETHER: usize = 16;
/// How a moment is written in a place.
const MOMENT: &str = "%Y-%m-%d %H:%M:%S%.6f";

/// A repository, and what of it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Name of the Repository document.
    pub repository: String,
    /// Comments on issues.
    pub issues: bool,
    /// Pull requests and comments on them.
    pub pull_requests: bool,
}

impl Scope {
    /// All of a repository.
    #[must_use]
    pub fn all(repository: &str) -> Self {
        Self {
            repository: repository.to_owned(),
            issues: true,
            pull_requests: true,
        }
    }
}

/// Where a page ends: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    at: NaiveDateTime,
    name: String,
}

impl Place {
    /// Reads what [`Self::text`] wrote; none where it is something else.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let (at, name) = text.split_once('|')?;
        Some(Self {
            at: NaiveDateTime::parse_from_str(at, MOMENT).ok()?,
            name: name.to_owned(),
        })
    }

    /// As a text.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}|{}", self.at.format(MOMENT), self.name)
    }
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// `commit`, `pull_request` or `comment`.
    pub kind: String,
    /// Name of its document.
    pub name: String,
    /// Name of the Repository document.
    pub repository: String,
    /// First line of a commit, title of a pull request, beginning of a comment.
    pub title: Option<String>,
    /// Its page on GitHub.
    pub url: Option<String>,
    /// Login of who did it.
    pub author: Option<String>,
    /// State of a pull request.
    pub state: Option<String>,
    /// Number of the pull request, or of what the comment is on.
    pub number: Option<u64>,
    /// When, in the site's zone.
    pub at: String,
}

/// How many there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Commits.
    pub commits: u64,
    /// Pull requests that were opened.
    pub pull_requests: u64,
    /// Comments on issues and pull requests.
    pub comments: u64,
}

/// A kind of entries, and where it is stored.
struct Kind {
    name: &'static str,
    table: &'static str,
    at: &'static str,
    author: &'static str,
    state: &'static str,
    number: &'static str,
}

const COMMITS: Kind = Kind {
    name: "commit",
    table: "tabRepository Commit",
    at: "committed_at",
    author: "IFNULL(NULLIF(author, ''), author_name)",
    state: "NULL",
    number: "NULL",
};
const PULL_REQUESTS: Kind = Kind {
    name: "pull_request",
    table: "tabRepository Pull Request",
    at: "created_at",
    author: "author",
    state: "state",
    number: "pr_number",
};
const COMMENTS: Kind = Kind {
    name: "comment",
    table: "tabRepository Comment",
    at: "created_at",
    author: "author",
    state: "NULL",
    number: "issue_number",
};

impl Kind {
    /// What of it a scope asks for, as a condition; none for nothing.
    fn within(&self, scope: &Scope) -> Option<&'static str> {
        let on_pull_request = "IFNULL(pull_request, '') <> ''";
        let on_issue = "IFNULL(pull_request, '') = ''";
        match (self.name, scope.issues, scope.pull_requests) {
            ("commit", ..) | ("pull_request", _, true) | ("comment", true, true) => Some("TRUE"),
            ("comment", true, false) => Some(on_issue),
            ("comment", false, true) => Some(on_pull_request),
            _ => None,
        }
    }
}

/// Parts of a statement, one for each kind of each scope that asks for it.
fn parts(scopes: &[Scope]) -> impl Iterator<Item = (&'static Kind, &Scope, &'static str)> {
    scopes.iter().flat_map(|scope| {
        [&COMMITS, &PULL_REQUESTS, &COMMENTS]
            .into_iter()
            .filter_map(move |kind| Some((kind, scope, kind.within(scope)?)))
    })
}

/// At most `most` entries of these repositories behind a place, and the place behind them where there are more.
///
/// # Errors
/// When the database cannot be read.
pub async fn entries(
    db: &Db,
    scopes: &[Scope],
    behind: Option<&Place>,
    most: usize,
) -> Result<(Vec<Entry>, Option<Place>), DbError> {
    let mut found: Vec<Entry> = Vec::new();
    for scopes in scopes.chunks(TOGETHER) {
        let (mut selects, mut params) = (Vec::new(), Vec::new());
        for (kind, scope, condition) in parts(scopes) {
            let Kind {
                name,
                table,
                at,
                author,
                state,
                number,
            } = kind;
            params.extend(texts([scope.repository.as_str()]));
            let mut and_behind = String::new();
            if let Some(place) = behind {
                and_behind = format!(" AND {at} <= ? AND ({at} < ? OR name < ?)");
                params.extend([time_value(place.at), time_value(place.at)]);
                params.extend(texts([place.name.as_str()]));
            }
            selects.push(format!(
                "(SELECT '{name}' AS kind, name, repository, title, url, {author} AS author, {state} AS state, {number} AS number, \
                 DATE_FORMAT({at}, '%Y-%m-%d %H:%i:%s.%f') AS at FROM `{table}` WHERE repository = ? AND {at} > '1000-01-01' \
                 AND deleted_on_github = 0 AND {condition}{and_behind} ORDER BY {at} DESC, name DESC LIMIT {limit})",
                limit = most + 1
            ));
        }
        let rows = db
            .rows(
                "reading what was done",
                &selects.join(" UNION ALL "),
                Params::Positional(params),
            )
            .await?;
        found.extend(rows.into_iter().map(entry));
    }
    // Names are told apart as the tables do.
    let key = |one: &Entry| (one.at.clone(), one.name.to_lowercase());
    found.sort_by_key(|one| std::cmp::Reverse(key(one)));
    let more = found.len() > most;
    found.truncate(most);
    let last = found.last().filter(|_| more);
    let next = last.and_then(|last| Place::of(&format!("{}|{}", last.at, last.name)));
    Ok((found, next))
}

/// The columns of an entry, as the database gives them.
type Fields = (
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<u64>,
    String,
);

fn entry(row: Row) -> Entry {
    let (kind, name, repository, title, url, author, state, number, at) = Fields::from_row(row);
    Entry {
        kind,
        name,
        repository,
        title,
        url,
        author,
        state,
        number,
        at,
    }
}

/// How much was done in these repositories since a moment, in the site's zone.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(db: &Db, scopes: &[Scope], since: NaiveDateTime) -> Result<Counts, DbError> {
    let mut counts = Counts::default();
    for scopes in scopes.chunks(TOGETHER) {
        let (mut selects, mut params) = (Vec::new(), Vec::new());
        for (kind, scope, condition) in parts(scopes) {
            selects.push(format!(
                "SELECT '{}', COUNT(*) FROM `{}` WHERE repository = ? AND {} >= ? AND deleted_on_github = 0 AND {condition}",
                kind.name, kind.table, kind.at
            ));
            params.extend(texts([scope.repository.as_str()]));
            params.push(time_value(since));
        }
        let params: Vec<Value> = params;
        let sql = selects.join(" UNION ALL ");
        for row in db.rows("counting what was done", &sql, Params::Positional(params)).await? {
            let (kind, count) = <(String, u64)>::from_row(row);
            match kind.as_str() {
                "commit" => counts.commits += count,
                "pull_request" => counts.pull_requests += count,
                _ => counts.comments += count,
            }
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is() {
        let text = "2026-03-01 07:00:00.000001|octo/web-#4";
        assert_eq!(Place::of(text).map(|place| place.text()), Some(text.to_owned()));
        for odd in ["", "x", "2026-03-01|a", "|a", "2026-13-01 07:00:00.000000|a"] {
            assert_eq!(Place::of(odd), None, "{odd}");
        }
    }
}
