//! Connections: pages of a list, with cursors.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::problem::FieldError;
use super::super::values::Values;
use super::{Field, Resolved, Thing, json, permission_word};
use crate::sim::github::world::Permission;

/// A page of a list.
#[derive(Clone)]
pub(in super::super) struct Connection<'w> {
    kind: &'static str,
    total: usize,
    range: Range<usize>,
    nodes: Vec<Thing<'w>>,
    /// What each node may do, on connections whose edges tell.
    permissions: Vec<Permission>,
}

/// One place on a page.
#[derive(Clone)]
pub(in super::super) struct Edge<'w> {
    kind: &'static str,
    cursor: String,
    node: Thing<'w>,
    permission: Option<Permission>,
}

/// The part of a list of `total` things that `first`, `after`, `last` and `before` ask for.
pub(super) fn range(field: &str, total: usize, arguments: &Values) -> Result<Range<usize>, FieldError> {
    let number = |name: &str| arguments.get(name).and_then(Value::as_i64);
    let place = |name: &str| -> Result<Option<usize>, FieldError> {
        match arguments.get(name).and_then(Value::as_str) {
            None => Ok(None),
            Some(text) => match decode(text) {
                Some(place) => Ok(Some(place)),
                None => Err(FieldError::of_kind(
                    "INVALID_CURSOR_ARGUMENTS",
                    format!("`{text}` does not appear to be a valid cursor."),
                )),
            },
        }
    };
    let start = place("after")?.map_or(0, |place| place + 1).min(total);
    let end = place("before")?.unwrap_or(total).clamp(start, total);
    let size = |name: &str, size: i64| match usize::try_from(size) {
        Ok(size) if size <= 100 => Ok(size),
        Ok(_) => Err(FieldError::of_kind(
            "EXCESSIVE_PAGINATION",
            format!("Requesting {size} records on the `{field}` connection exceeds the `{name}` limit of 100 records."),
        )),
        Err(_) => Err(FieldError::of_kind(
            "INVALID_PAGINATION",
            format!("`{name}` on the `{field}` connection cannot be less than zero."),
        )),
    };
    match (number("first"), number("last")) {
        (Some(first), _) => Ok(start..end.min(start + size("first", first)?)),
        (None, Some(last)) => Ok(start.max(end.saturating_sub(size("last", last)?))..end),
        (None, None) => Err(FieldError::of_kind(
            "MISSING_PAGINATION_BOUNDARIES",
            format!("You must provide a `first` or `last` value to properly paginate the `{field}` connection."),
        )),
    }
}

/// A connection over `all`; `kind` is the name of its type without `Connection`.
pub(super) fn connection<'w>(kind: &'static str, field: &str, all: &[Thing<'w>], arguments: &Values) -> Field<'w> {
    let range = range(field, all.len(), arguments)?;
    let nodes = all[range.clone()].to_vec();
    Ok(Connection::new(kind, all.len(), range, nodes).resolved())
}

impl<'w> Connection<'w> {
    /// A page whose nodes were chosen already.
    pub(super) fn new(kind: &'static str, total: usize, range: Range<usize>, nodes: Vec<Thing<'w>>) -> Self {
        Self {
            kind,
            total,
            range,
            nodes,
            permissions: Vec::new(),
        }
    }

    /// Adds what each node may do.
    pub(super) fn with_permissions(mut self, permissions: Vec<Permission>) -> Self {
        self.permissions = permissions;
        self
    }

    /// As the value of a field.
    pub(super) fn resolved(self) -> Resolved<'w> {
        Resolved::Thing(Thing::Connection(Box::new(self)))
    }

    /// Name of its type.
    pub(super) fn type_name(&self) -> &'static str {
        names(self.kind).0
    }

    /// Resolves one of its fields.
    pub(super) fn field(&self, field: &str) -> Field<'w> {
        match field {
            "nodes" => Ok(Resolved::List(
                self.nodes.iter().map(|node| Ok(Resolved::Thing(node.clone()))).collect(),
            )),
            "edges" => {
                let edge = |(place, node): (usize, &Thing<'w>)| Edge {
                    kind: self.kind,
                    cursor: encode(self.range.start + place),
                    node: node.clone(),
                    permission: self.permissions.get(place).copied(),
                };
                let edges = self.nodes.iter().enumerate().map(edge);
                Ok(Resolved::List(
                    edges.map(|edge| Ok(Resolved::Thing(Thing::Edge(Box::new(edge))))).collect(),
                ))
            }
            "pageInfo" => Ok(Resolved::Thing(Thing::PageInfo(Box::new(self.clone())))),
            "totalCount" => json(self.total),
            _ => Err(FieldError::unresolved(self.type_name(), field)),
        }
    }

    /// Resolves a field of its `pageInfo`.
    pub(super) fn page_info(&self, field: &str) -> Field<'w> {
        let empty = self.range.is_empty();
        match field {
            "startCursor" => json((!empty).then(|| encode(self.range.start))),
            "endCursor" => json((!empty).then(|| encode(self.range.end - 1))),
            "hasNextPage" => json(self.range.end < self.total),
            "hasPreviousPage" => json(self.range.start > 0),
            _ => Err(FieldError::unresolved("PageInfo", field)),
        }
    }
}

impl<'w> Edge<'w> {
    /// Name of its type.
    pub(super) fn type_name(&self) -> &'static str {
        names(self.kind).1
    }

    /// Resolves one of its fields.
    pub(super) fn field(&self, field: &str) -> Field<'w> {
        match field {
            "cursor" => json(self.cursor.as_str()),
            "node" => Ok(Resolved::Thing(self.node.clone())),
            "permission" => json(self.permission.map(permission_word)),
            _ => Err(FieldError::unresolved(self.type_name(), field)),
        }
    }
}

/// Names of a connection's type and of its edges' type.
fn names(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "Repository" => ("RepositoryConnection", "RepositoryEdge"),
        "RepositoryCollaborator" => ("RepositoryCollaboratorConnection", "RepositoryCollaboratorEdge"),
        "Issue" => ("IssueConnection", "IssueEdge"),
        "PullRequest" => ("PullRequestConnection", "PullRequestEdge"),
        "IssueComment" => ("IssueCommentConnection", "IssueCommentEdge"),
        "Label" => ("LabelConnection", "LabelEdge"),
        "Milestone" => ("MilestoneConnection", "MilestoneEdge"),
        "PullRequestReview" => ("PullRequestReviewConnection", "PullRequestReviewEdge"),
        "Release" => ("ReleaseConnection", "ReleaseEdge"),
        "Ref" => ("RefConnection", "RefEdge"),
        "ReviewRequest" => ("ReviewRequestConnection", "ReviewRequestEdge"),
        _ => ("UserConnection", "UserEdge"),
    }
}

fn encode(place: usize) -> String {
    STANDARD.encode(format!("cursor:{place}"))
}

fn decode(text: &str) -> Option<usize> {
    let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    text.strip_prefix("cursor:")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(total: usize, arguments: &Value) -> Result<Range<usize>, FieldError> {
        range("refs", total, arguments.as_object().expect("arguments"))
    }

    #[test]
    fn a_page_begins_after_its_cursor() {
        assert_eq!(of(250, &json!({ "first": 100 })), Ok(0..100));
        assert_eq!(of(250, &json!({ "first": 100, "after": encode(199) })), Ok(200..250));
        assert_eq!(of(250, &json!({ "last": 10 })), Ok(240..250));
        assert_eq!(of(250, &json!({ "last": 10, "before": encode(5) })), Ok(0..5));
        assert_eq!(of(0, &json!({ "first": 1 })), Ok(0..0));
        assert_eq!(of(3, &json!({ "first": 1, "after": encode(9) })), Ok(3..3));
    }

    #[test]
    fn bad_boundaries_are_errors_of_their_own_types() {
        let kind = |arguments: &Value| of(9, arguments).expect_err("an error").kind;
        assert_eq!(kind(&json!({})), Some("MISSING_PAGINATION_BOUNDARIES"));
        assert_eq!(kind(&json!({ "first": 101 })), Some("EXCESSIVE_PAGINATION"));
        assert_eq!(kind(&json!({ "first": 1, "after": "x" })), Some("INVALID_CURSOR_ARGUMENTS"));
    }
}
