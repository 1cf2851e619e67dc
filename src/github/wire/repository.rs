//! Repositories: full ones, those of lists, and those of webhook payloads.

use serde::Deserialize;

use super::{Account, Moment};
use crate::domain::{RepoName, Visibility};
use crate::github::decode::DecodeError;

/// A repository. Lists leave out more than the description of a single one says.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Repository {
    id: u64,
    node_id: String,
    full_name: String,
    owner: Account,
    default_branch: Option<String>,
    html_url: String,
    visibility: Option<String>,
    private: Option<bool>,
    description: Option<String>,
    archived: Option<bool>,
    fork: Option<bool>,
    has_issues: Option<bool>,
    stargazers_count: Option<u64>,
    created_at: Option<Moment>,
    updated_at: Option<Moment>,
    pushed_at: Option<Moment>,
}

impl TryFrom<Repository> for crate::domain::Repository {
    type Error = DecodeError;

    fn try_from(wire: Repository) -> Result<Self, DecodeError> {
        let visibility = wire.visibility();
        let name: RepoName = wire
            .full_name
            .parse()
            .map_err(|error| DecodeError::new("full_name", format!("{error}")))?;
        let owner = wire
            .owner
            .into_owner()
            .ok_or_else(|| DecodeError::new("owner.id", "the owner has no id"))?;
        let created_at = wire
            .created_at
            .ok_or_else(|| DecodeError::new("created_at", "the repository has no time of creation"))?
            .0;
        let pushed_at = wire.pushed_at.map(|moment| moment.0);
        Ok(Self {
            id: wire.id,
            node_id: wire.node_id,
            name,
            owner,
            default_branch: wire.default_branch.unwrap_or_default(),
            url: wire.html_url,
            visibility,
            description: wire.description.unwrap_or_default(),
            archived: wire.archived.unwrap_or_default(),
            fork: wire.fork.unwrap_or_default(),
            // Lists of older servers leave it out; a repository without issues is rare and answers 410 when asked for them.
            has_issues: wire.has_issues.unwrap_or(true),
            stargazers_count: wire.stargazers_count.unwrap_or_default(),
            created_at,
            updated_at: wire.updated_at.map_or(created_at, |moment| moment.0),
            pushed_at,
        })
    }
}

impl Repository {
    /// Two members tell it. Where they disagree (they do in some of GitHub's own examples) or neither says it, the closer one is safe.
    fn visibility(&self) -> Visibility {
        match (self.visibility.as_deref(), self.private) {
            (Some("internal"), _) => Visibility::Internal,
            (Some("public"), None) | (Some("public") | None, Some(false)) => Visibility::Public,
            _ => Visibility::Private,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::OwnerKind;
    use crate::github::payload::repository;

    fn plain() -> Value {
        json!({
            "id": 7, "node_id": "R_7", "full_name": "acme/web", "html_url": "https://github.com/acme/web",
            "owner": {"login": "acme", "id": 3, "type": "Organization", "avatar_url": "https://a.test/3"},
            "private": true, "created_at": "2020-01-02T03:04:05Z", "updated_at": "2024-01-02T03:04:05Z",
        })
    }

    #[test]
    fn a_short_repository_gets_safe_defaults() {
        let read = repository(&plain()).expect("decodes");
        assert_eq!(
            (read.id, read.name.as_str(), read.owner.kind),
            (7, "acme/web", OwnerKind::Organization)
        );
        assert_eq!(read.visibility, Visibility::Private);
        assert!(read.has_issues && !read.archived && read.pushed_at.is_none());
        assert_eq!((read.description.as_str(), read.default_branch.as_str()), ("", ""));
    }

    #[test]
    fn visibility_is_githubs_word_and_the_closer_one_in_doubt() {
        for (word, private, expected) in [
            (json!("internal"), json!(true), Visibility::Internal),
            (json!("public"), json!(false), Visibility::Public),
            (json!("private"), json!(true), Visibility::Private),
            (Value::Null, json!(false), Visibility::Public),
            (json!("secret"), json!(true), Visibility::Private),
            (json!("secret"), Value::Null, Visibility::Private),
            (json!("secret"), json!(false), Visibility::Private),
            (json!("public"), json!(true), Visibility::Private),
            (json!("private"), json!(false), Visibility::Private),
            (Value::Null, Value::Null, Visibility::Private),
        ] {
            let mut value = plain();
            value["visibility"] = word.clone();
            value["private"] = private;
            assert_eq!(repository(&value).expect("decodes").visibility, expected, "{word}");
        }
    }

    #[test]
    fn what_cannot_be_a_repository_is_refused_with_its_place() {
        for (member, value, at) in [
            ("full_name", json!("acme/../web"), "full_name"),
            ("created_at", Value::Null, "created_at"),
            ("owner", json!({"login": "acme"}), "owner.id"),
            ("owner", Value::Null, "owner"),
            ("id", json!("7"), "id"),
        ] {
            let mut odd = plain();
            odd[member] = value;
            assert_eq!(repository(&odd).expect_err(member).at, at);
        }
    }
}
