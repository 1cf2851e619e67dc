//! Branches and commits.

use serde_json::Value;

use super::super::problem::FieldError;
use super::super::values::Values;
use super::connection::{Connection, connection, range};
use super::{Context, Field, Resolved, Thing, json};
use crate::sim::github::view::stamp;
use crate::sim::github::world::{Branch, Commit, Repository, ids};

/// What the full name of a branch begins with.
const HEADS: &str = "refs/heads/";

/// Resolves a field of a branch.
pub(super) fn reference<'w>(home: &'w Repository, branch: &'w Branch, field: &str) -> Field<'w> {
    match field {
        "id" => json(ids::node("REF", ids::mix(home.id, ids::seed(&branch.name)))),
        "name" => json(branch.name.as_str()),
        "prefix" => json(HEADS),
        "repository" => Ok(Resolved::Thing(Thing::Repository(home))),
        "target" => Ok(Resolved::or_null(by_hash(home, &branch.sha))),
        _ => Err(FieldError::unresolved("Ref", field)),
    }
}

fn by_hash<'w>(home: &'w Repository, sha: &str) -> Option<Thing<'w>> {
    let (sha, commit) = home.commits.get_key_value(sha)?;
    Some(Thing::Commit(home, sha, commit))
}

impl<'w> Context<'w> {
    pub(super) fn git(home: &'w Repository, field: &str, arguments: &Values) -> Field<'w> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        match field {
            "object" => {
                let expression = text("expression").map(|text| text.trim_start_matches(HEADS));
                let named = expression.map(|text| home.branch(text).map_or(text, |branch| branch.sha.as_str()));
                Ok(Resolved::or_null(text("oid").or(named).and_then(|sha| by_hash(home, sha))))
            }
            "ref" => {
                let name = text("qualifiedName").unwrap_or_default();
                let branch = home.branch(name.trim_start_matches(HEADS));
                Ok(Resolved::or_null(branch.map(|branch| Thing::Ref(home, branch))))
            }
            _ => Self::refs(home, arguments),
        }
    }

    fn refs(home: &'w Repository, arguments: &Values) -> Field<'w> {
        let prefix = arguments.get("refPrefix").and_then(Value::as_str).unwrap_or_default();
        if prefix.trim_end_matches('/') != HEADS.trim_end_matches('/') {
            // There are no tags here, so every other prefix leads to nothing.
            let range = range("refs", 0, arguments)?;
            return Ok(Connection::new("Ref", 0, range, Vec::new()).resolved());
        }
        let part = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
        let mut branches: Vec<&Branch> = home.branches.iter().filter(|branch| branch.name.contains(part)).collect();
        branches.sort_by(|a, b| a.name.cmp(&b.name));
        let order = arguments.get("orderBy");
        let word = |name: &str| order.and_then(|order| order[name].as_str());
        if word("field") == Some("TAG_COMMIT_DATE") {
            branches.sort_by_key(|branch| home.commits.get(&branch.sha).map(|commit| commit.committed_at));
        }
        let direction = word("direction").or_else(|| arguments.get("direction").and_then(Value::as_str));
        if direction == Some("DESC") {
            branches.reverse();
        }
        let all: Vec<_> = branches.into_iter().map(|branch| Thing::Ref(home, branch)).collect();
        connection("Ref", "refs", &all, arguments)
    }

    pub(super) fn commit(&self, home: &'w Repository, sha: &'w str, commit: &'w Commit, field: &str) -> Field<'w> {
        match field {
            "id" => json(ids::node("C", ids::seed(sha))),
            "oid" => json(sha),
            "abbreviatedOid" => json(&sha[..sha.len().min(7)]),
            "committedDate" | "authoredDate" => json(stamp(commit.committed_at)),
            "author" | "committer" => Ok(Resolved::Thing(Thing::GitActor(commit))),
            "message" => json(commit.message.as_str()),
            "messageHeadline" => json(commit.message.lines().next().unwrap_or_default()),
            "repository" => Ok(Resolved::Thing(Thing::Repository(home))),
            "url" | "commitUrl" => json(self.page(&format!("/{}/commit/{sha}", home.full_name()))),
            _ => Err(FieldError::unresolved("Commit", field)),
        }
    }

    pub(super) fn git_actor(&self, commit: &'w Commit, field: &str) -> Field<'w> {
        let login = commit.author.as_deref();
        match field {
            "name" => json(login.unwrap_or("Somebody")),
            "email" => json(format!("{}@example.com", login.unwrap_or("somebody"))),
            "date" => json(stamp(commit.committed_at)),
            "user" => Ok(Resolved::or_null(self.actor(login))),
            _ => Err(FieldError::unresolved("GitActor", field)),
        }
    }
}
