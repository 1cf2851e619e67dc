//! Was it done? Found out by reading, when the answer of a write was lost.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::order::{NewIssue, NewPullRequest, Write};
use crate::domain::{Login, Permission, Person, RepoName, TeamSlug};
use crate::github::client::Client;
use crate::github::error::GithubError;

/// What is known of a write whose answer was lost.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Who it was sent by: a person is known by his number, whatever he is called by now, and others by their login; none where the token is no account's.
    pub by: Option<Person>,
    /// When it was sent, by our clock.
    pub sent_at: DateTime<Utc>,
    /// Numbers of what other writes made: none of these is ours.
    pub taken: BTreeSet<u64>,
}

/// Our clock and GitHub's may differ this much.
const SKEW: TimeDelta = TimeDelta::minutes(5);

impl Trace {
    /// True for what was made after the write was sent, by its account, and by no other write.
    fn may_be(&self, item: &Value) -> bool {
        let created = item["created_at"]
            .as_str()
            .and_then(|text| text.parse::<DateTime<Utc>>().ok());
        let number = item["number"].as_u64().unwrap_or_default();
        let author = &item["user"];
        let is_by = |by: &Person| match by.id {
            Some(id) => author["id"].as_u64() == Some(id),
            None => by.login.eq_ignore_ascii_case(author["login"].as_str().unwrap_or_default()),
        };
        self.is_late(created) && !self.taken.contains(&number) && self.by.as_ref().is_none_or(is_by)
    }

    /// From when on something may have come of it, by GitHub's clock.
    pub(super) fn sent(&self) -> DateTime<Utc> {
        self.sent_at - SKEW
    }

    fn is_late(&self, created: Option<DateTime<Utc>>) -> bool {
        created.is_some_and(|created| created >= self.sent())
    }
}

impl Client {
    /// What `write` made or changed, as GitHub writes it, if it is there (null for what has no form of its own); none where GitHub shows no
    /// trace of it. GitHub may be seconds behind itself.
    ///
    /// # Errors
    /// As any read.
    pub async fn look_for(&self, name: &RepoName, write: &Write, trace: &Trace) -> Result<Option<Value>, GithubError> {
        match write {
            Write::CreateIssue(issue) => self.look_for_issue(name, issue, trace).await,
            Write::CreatePullRequest(pull) => self.look_for_pull_request(name, pull, trace).await,
            Write::AssignIssue { number, assignees } => {
                let issue = self.issue_as_is(name, *number).await?;
                let wanted: Vec<&str> = assignees.iter().map(Login::as_str).collect();
                Ok(Some(issue).filter(|issue| same_set(&words(&issue["assignees"], "login"), &wanted)))
            }
            Write::RequestReviewers {
                number,
                reviewers,
                team_reviewers,
            } => {
                let pull = self.pull_request_as_is(name, *number).await?;
                let people = words(&pull["requested_reviewers"], "login");
                let teams = words(&pull["requested_teams"], "slug");
                let asked = reviewers.iter().all(|login| has(&people, login.as_str()))
                    && team_reviewers.iter().all(|team| has(&teams, team.as_str()));
                Ok(Some(pull).filter(|_| asked))
            }
            Write::AddCollaborator { login, permission } => {
                let held = self.collaborator(name, login).await?;
                // A collaborator who may do more or less was not changed; an invitation is a beginning.
                if let Some(held) = held {
                    return Ok((role(&held) == Some(*permission)).then_some(Value::Null));
                }
                let invited = self.invitation(name, login).await?;
                let may = |one: &Value| one["permissions"].as_str().and_then(|word| word.parse().ok()) == Some(*permission);
                Ok(invited.filter(may))
            }
            Write::RemoveCollaborator { login } => {
                let held = self.collaborator(name, login).await?;
                Ok(held.is_none().then_some(Value::Null))
            }
            Write::AddTeam { team, permission, .. } => {
                let held = self.team_on(name, team).await?;
                let same = held.is_some_and(|held| held["permission"] == permission.as_str());
                Ok(same.then_some(Value::Null))
            }
            Write::RemoveTeam { team, .. } => Ok(self.team_on(name, team).await?.is_none().then_some(Value::Null)),
            Write::CreateWebhook(_)
            | Write::UpdateWebhook { .. }
            | Write::DeleteWebhook(_)
            | Write::PingWebhook(_)
            | Write::RedeliverWebhook { .. } => self.look_for_hook_write(name, write, trace).await,
        }
    }

    async fn look_for_issue(&self, name: &RepoName, wanted: &NewIssue, trace: &Trace) -> Result<Option<Value>, GithubError> {
        // GitHub's filter goes by the login, and he may have another one by now.
        let by = trace.by.as_ref().filter(|by| by.id.is_none());
        let mut pages = self.newest_issues(name, by.map(|by| by.login.as_str()));
        while let Some(page) = pages.next().await? {
            let found = page.items.iter().find(|item| {
                item.get("pull_request").is_none()
                    && trace.may_be(item)
                    && same_text(item["title"].as_str(), Some(&wanted.title))
                    && same_text(item["body"].as_str(), wanted.body.as_deref())
            });
            if found.is_some() {
                return Ok(found.cloned());
            }
            // Newest first: beyond this everything is older than the write.
            let last = page.items.last().and_then(|item| item["created_at"].as_str()?.parse().ok());
            if !trace.is_late(last) {
                break;
            }
        }
        Ok(None)
    }

    async fn look_for_pull_request(
        &self,
        name: &RepoName,
        wanted: &NewPullRequest,
        trace: &Trace,
    ) -> Result<Option<Value>, GithubError> {
        let head = match wanted.head.split_once(':') {
            Some(_) => wanted.head.clone(),
            None => format!("{}:{}", name.owner(), wanted.head),
        };
        let mut pages = self.newest_pull_requests(name, &head, &wanted.base);
        while let Some(page) = pages.next().await? {
            if let Some(found) = page.items.iter().find(|item| trace.may_be(item)) {
                return Ok(Some(found.clone()));
            }
        }
        Ok(None)
    }

    /// Somebody among those who have access of their own.
    async fn collaborator(&self, name: &RepoName, login: &Login) -> Result<Option<Value>, GithubError> {
        let mut pages = self.direct_collaborators(name);
        while let Some(page) = pages.next().await? {
            let found = page.items.into_iter().find(|one| is(&one["login"], login.as_str()));
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn invitation(&self, name: &RepoName, login: &Login) -> Result<Option<Value>, GithubError> {
        let mut pages = self.invitations(name);
        while let Some(page) = pages.next().await? {
            let mut items = page.items.into_iter();
            let found = items.find(|one| is(&one["invitee"]["login"], login.as_str()));
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn team_on(&self, name: &RepoName, team: &TeamSlug) -> Result<Option<Value>, GithubError> {
        let mut pages = self.teams_of_repository(name);
        while let Some(page) = pages.next().await? {
            if let Some(found) = page.items.into_iter().find(|one| is(&one["slug"], team.as_str())) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// What a collaborator may do, by the name of his role; none for a role of the organisation's own, which a write never gives. The flags beside it say
/// of each permission whether he has at least that.
fn role(collaborator: &Value) -> Option<Permission> {
    collaborator["role_name"].as_str().and_then(|word| word.parse().ok())
}

/// The member `key` of each object in a list.
fn words<'v>(list: &'v Value, key: &str) -> Vec<&'v str> {
    let objects = list.as_array().into_iter().flatten();
    objects.filter_map(|object| object[key].as_str()).collect()
}

fn is(value: &Value, word: &str) -> bool {
    value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(word))
}

fn has(words: &[&str], word: &str) -> bool {
    words.iter().any(|one| one.eq_ignore_ascii_case(word))
}

pub(super) fn same_set(one: &[&str], other: &[&str]) -> bool {
    one.iter().all(|word| has(other, word)) && other.iter().all(|word| has(one, word))
}

/// Texts as GitHub keeps them: nothing and an empty text are one, line ends are of one kind, blanks around do not count.
fn same_text(one: Option<&str>, other: Option<&str>) -> bool {
    let plain = |text: Option<&str>| text.unwrap_or_default().replace("\r\n", "\n").trim().to_owned();
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_older_of_others_or_taken_is_not_ours() {
        let trace = Trace {
            by: Some(Person {
                id: None,
                login: "Octo".to_owned(),
            }),
            sent_at: "2026-03-01T12:00:00Z".parse().expect("a moment"),
            taken: BTreeSet::from([4]),
        };
        let item = |number: u64, at: &str, login: &str| json!({"number": number, "created_at": at, "user": {"login": login}});
        assert!(trace.may_be(&item(5, "2026-03-01T12:00:01Z", "octo")));
        assert!(trace.may_be(&item(5, "2026-03-01T11:56:00Z", "octo")), "clocks differ");
        assert!(!trace.may_be(&item(5, "2026-03-01T11:54:00Z", "octo")));
        assert!(!trace.may_be(&item(4, "2026-03-01T12:00:01Z", "octo")));
        assert!(!trace.may_be(&item(5, "2026-03-01T12:00:01Z", "ada")));
        assert!(!trace.may_be(&json!({})));
        let person = Person {
            id: Some(7),
            login: "octo".to_owned(),
        };
        let trace = Trace {
            by: Some(person),
            ..trace
        };
        let item =
            |id: u64, login: &str| json!({"number": 5, "created_at": "2026-03-01T12:00:01Z", "user": {"id": id, "login": login}});
        assert!(trace.may_be(&item(7, "renamed")), "he is called otherwise by now");
        assert!(!trace.may_be(&item(8, "octo")), "somebody else has his login");
    }

    #[test]
    fn texts_are_compared_as_github_keeps_them() {
        assert!(same_text(None, Some("")));
        assert!(same_text(Some("a\r\nb"), Some("a\nb\n")));
        assert!(!same_text(Some("a"), None));
    }
}
