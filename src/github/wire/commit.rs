//! Commits: whole ones as REST lists them, brief ones as a push tells them.

use serde::Deserialize;

use super::Moment;
use crate::domain::Person;
use crate::github::decode::DecodeError;

/// A commit in either form. REST keeps what Git knows under `commit`; a push has it beside the hash, which it calls `id`.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Commit {
    sha: Option<String>,
    id: Option<String>,
    #[serde(rename = "commit")]
    git: Option<Inner>,
    html_url: Option<String>,
    url: Option<String>,
    message: Option<String>,
    timestamp: Option<Moment>,
    author: Option<Author>,
    parents: Option<Vec<Parent>>,
}

#[derive(Debug, Deserialize)]
struct Inner {
    message: Option<String>,
    author: Option<Author>,
    committer: Option<Author>,
}

/// The author: an account in REST (an empty object where GitHub knows none), a signature of Git in a push.
#[derive(Debug, Default, Deserialize)]
struct Author {
    login: Option<String>,
    id: Option<u64>,
    username: Option<String>,
    name: Option<String>,
    email: Option<String>,
    date: Option<Moment>,
}

#[derive(Debug, Deserialize)]
struct Parent {
    sha: String,
}

impl Author {
    fn person(&self) -> Option<Person> {
        let login = self.login.as_ref().or(self.username.as_ref())?;
        (!login.is_empty()).then(|| Person {
            id: self.id,
            login: login.clone(),
        })
    }

    fn date(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.date.map(|moment| moment.0)
    }
}

impl TryFrom<Commit> for crate::domain::Commit {
    type Error = DecodeError;

    fn try_from(wire: Commit) -> Result<Self, DecodeError> {
        let sha = wire
            .sha
            .or(wire.id)
            .ok_or_else(|| DecodeError::new("sha", "the commit has no hash"))?;
        let account = wire.author.unwrap_or_default();
        let is_brief = wire.git.is_none();
        let person = account.person();
        let (message, author, committed_at) = match wire.git {
            None => (wire.message, account, wire.timestamp.map(|moment| moment.0)),
            Some(inner) => {
                let author = inner.author.unwrap_or_default();
                let committed_at = inner.committer.as_ref().and_then(Author::date).or(author.date());
                (inner.message, author, committed_at)
            }
        };
        let committed_at = committed_at.ok_or_else(|| DecodeError::new("commit.committer.date", "the commit has no time"))?;
        Ok(Self {
            sha,
            branch: String::new(),
            message: message.unwrap_or_default(),
            url: wire.html_url.or(wire.url).unwrap_or_default(),
            author: person,
            authored_at: author.date(),
            author_name: author.name.unwrap_or_default(),
            author_email: author.email.unwrap_or_default(),
            committed_at,
            parents: wire.parents.into_iter().flatten().map(|parent| parent.sha).collect(),
            is_brief,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::Person;
    use crate::github::payload::commit;

    #[test]
    fn a_listed_commit_and_a_pushed_one_are_the_same_commit() {
        let listed = json!({
            "sha": "aa", "node_id": "C_1", "html_url": "https://github.com/acme/web/commit/aa", "url": "https://api.github.com/x",
            "commit": {
                "message": "Fix it\n\nCloses #1", "author": {"name": "Mona", "email": "m@example.com", "date": "2024-01-02T03:04:05Z"},
                "committer": {"name": "GitHub", "email": "n@example.com", "date": "2024-01-02T05:04:05Z"},
            },
            "author": {"login": "mona", "id": 2}, "committer": {}, "parents": [{"sha": "bb"}, {"sha": "cc"}],
        });
        let pushed = json!({
            "id": "aa", "tree_id": "x", "distinct": true, "message": "Fix it\n\nCloses #1", "timestamp": "2024-01-02T04:04:05+01:00",
            "url": "https://github.com/acme/web/commit/aa", "author": {"name": "Mona", "email": "m@example.com", "username": "mona"},
            "committer": {"name": "GitHub", "email": "n@example.com", "username": "web-flow"}, "added": [], "removed": [], "modified": [],
        });
        let (whole, brief) = (
            commit(&listed, "main").expect("decodes"),
            commit(&pushed, "main").expect("decodes"),
        );
        assert_eq!(
            (&whole.sha, &whole.message, &whole.url),
            (&brief.sha, &brief.message, &brief.url)
        );
        assert_eq!(
            (&whole.author_name, &whole.author_email),
            (&brief.author_name, &brief.author_email)
        );
        assert_eq!((whole.is_brief, brief.is_brief, whole.branch.as_str()), (false, true, "main"));
        assert_eq!(whole.parents, ["bb", "cc"]);
        assert_eq!(whole.committed_at.to_rfc3339(), "2024-01-02T05:04:05+00:00");
        assert_eq!(brief.committed_at.to_rfc3339(), "2024-01-02T03:04:05+00:00");
        let person = |id| {
            Some(Person {
                id,
                login: "mona".to_owned(),
            })
        };
        assert_eq!((whole.author, brief.author), (person(Some(2)), person(None)));
    }

    #[test]
    fn an_author_without_an_account_is_nobody() {
        let mut value = json!({"sha": "aa", "commit": {"committer": {"date": "2024-01-02T03:04:05Z"}}, "author": {}});
        let read = commit(&value, "").expect("decodes");
        assert_eq!(
            (read.author, read.author_email.as_str(), read.message.as_str()),
            (None, "", "")
        );
        value["author"] = serde_json::Value::Null;
        assert_eq!(commit(&value, "").expect("decodes").author, None);
        value["commit"] = json!({"message": "x"});
        assert_eq!(commit(&value, "").expect_err("no time").at, "commit.committer.date");
    }
}
