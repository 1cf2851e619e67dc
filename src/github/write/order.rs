//! The writes that there are, and how each looks on the wire.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::domain::{Feature, Login, Permission, RepoName, TeamSlug};

/// Something to change on GitHub, in one repository. Its JSON is what is written down of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Write {
    /// Opens an issue.
    CreateIssue(NewIssue),
    /// Opens a pull request.
    CreatePullRequest(NewPullRequest),
    /// Gives an issue (or a pull request) to just these people.
    AssignIssue {
        /// Number within the repository.
        number: u64,
        /// All assignees; none takes it from everybody.
        assignees: Vec<Login>,
    },
    /// Asks further people to review a pull request.
    RequestReviewers {
        /// Number within the repository.
        number: u64,
        /// People.
        reviewers: Vec<Login>,
        /// Teams of the repository's organisation.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        team_reviewers: Vec<TeamSlug>,
    },
    /// Invites somebody, or changes what a collaborator may do.
    AddCollaborator {
        /// Who.
        login: Login,
        /// What he may do.
        permission: Permission,
    },
    /// Takes somebody's direct access.
    RemoveCollaborator {
        /// Who.
        login: Login,
    },
    /// Gives a team access, or changes what it may do.
    AddTeam {
        /// The team's organisation.
        organization: Login,
        /// The team.
        team: TeamSlug,
        /// What it may do.
        permission: Permission,
    },
    /// Takes a team's access.
    RemoveTeam {
        /// The team's organisation.
        organization: Login,
        /// The team.
        team: TeamSlug,
    },
    /// Makes a webhook.
    CreateWebhook(NewHook),
    /// Makes a webhook that is there be as this says.
    UpdateWebhook {
        /// GitHub's number of the hook.
        id: u64,
        /// How it shall be.
        #[serde(flatten)]
        hook: NewHook,
    },
    /// Removes a webhook.
    DeleteWebhook(HookRef),
    /// Has GitHub deliver a `ping`.
    PingWebhook(HookRef),
    /// Has GitHub deliver once more what it delivered, or failed to.
    RedeliverWebhook {
        /// Whose delivery.
        #[serde(flatten)]
        hook: HookRef,
        /// GitHub's number of the delivery, which is not its GUID.
        delivery: u64,
    },
}

impl Write {
    /// What of this program's doing it belongs to: a token of an App that is asked for it may do that and no more. Where there are several, one of
    /// them will do.
    #[must_use]
    pub fn features(&self) -> &'static [Feature] {
        match self {
            Self::CreateIssue(_) => &[Feature::WriteIssues],
            // A pull request is given to people as an issue is.
            Self::AssignIssue { .. } => &[Feature::WriteIssues, Feature::WritePullRequests],
            Self::CreatePullRequest(_) | Self::RequestReviewers { .. } => &[Feature::WritePullRequests],
            Self::AddCollaborator { .. } | Self::RemoveCollaborator { .. } | Self::AddTeam { .. } | Self::RemoveTeam { .. } => {
                &[Feature::ManageAccess]
            }
            _ if self.is_of_an_organization() => &[Feature::OrganizationHooks],
            _ => &[Feature::RepositoryHooks],
        }
    }

    /// It changes something of an organisation, not of a repository.
    #[must_use]
    pub fn is_of_an_organization(&self) -> bool {
        match self {
            Self::CreateWebhook(hook) | Self::UpdateWebhook { hook, .. } => hook.organization.is_some(),
            Self::DeleteWebhook(hook) | Self::PingWebhook(hook) | Self::RedeliverWebhook { hook, .. } => {
                hook.organization.is_some()
            }
            _ => false,
        }
    }
}

/// A webhook that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookRef {
    /// The organisation that it belongs to; none for the repository's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Login>,
    /// GitHub's number of the hook.
    pub id: u64,
}

/// An issue to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewIssue {
    /// Title, 1 to 256 characters.
    pub title: String,
    /// Markdown, at most 65,536 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Who works on it, ten at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<Login>,
    /// Names of labels; those that are not there yet are made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Number of the milestone that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<u64>,
}

/// A pull request to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPullRequest {
    /// Title, 1 to 256 characters.
    pub title: String,
    /// Markdown, at most 65,536 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Branch to be merged; `OWNER:BRANCH` for one of a fork.
    pub head: String,
    /// Branch to merge into.
    pub base: String,
    /// Work in progress.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
}

/// A webhook as it shall be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewHook {
    /// Where deliveries go.
    pub url: String,
    /// GitHub's names of events.
    pub events: Vec<String>,
    /// What deliveries are signed with; never written down.
    #[serde(skip)]
    pub secret: Option<SecretString>,
    /// The organisation whose hook it is; none for the repository's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Login>,
}

/// How a write looks on the wire.
pub(super) struct Shape {
    pub(super) method: Method,
    /// Path below the REST address, not encoded.
    pub(super) segments: Vec<String>,
    /// JSON; none for no body.
    pub(super) body: Option<Value>,
}

impl Write {
    /// Its name among the kinds of `GitHub Write`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CreateIssue(_) => "create_issue",
            Self::CreatePullRequest(_) => "create_pull_request",
            Self::AssignIssue { .. } => "assign_issue",
            Self::RequestReviewers { .. } => "request_reviewers",
            Self::AddCollaborator { .. } => "add_collaborator",
            Self::RemoveCollaborator { .. } => "remove_collaborator",
            Self::AddTeam { .. } => "add_team",
            Self::RemoveTeam { .. } => "remove_team",
            Self::CreateWebhook(_) => "create_webhook",
            Self::UpdateWebhook { .. } => "update_webhook",
            Self::DeleteWebhook(_) => "delete_webhook",
            Self::PingWebhook(_) => "ping_webhook",
            Self::RedeliverWebhook { .. } => "redeliver_webhook",
        }
    }

    /// What it makes or changes, as people say it.
    #[must_use]
    pub fn thing(&self) -> String {
        let cut = |text: &str| text.chars().take(80).collect::<String>();
        match self {
            Self::CreateIssue(issue) => format!("the issue \"{}\"", cut(&issue.title)),
            Self::CreatePullRequest(pull) => format!("the pull request \"{}\"", cut(&pull.title)),
            Self::AssignIssue { number, .. } => format!("the assignment of #{number}"),
            Self::RequestReviewers { number, .. } => format!("the request for a review of #{number}"),
            Self::AddCollaborator { login, .. } => format!("the access of {login}"),
            Self::RemoveCollaborator { login } => format!("the removal of {login}"),
            Self::AddTeam { team, .. } => format!("the access of the team {team}"),
            Self::RemoveTeam { team, .. } => format!("the removal of the team {team}"),
            Self::CreateWebhook(_) | Self::UpdateWebhook { .. } => "the webhook".to_owned(),
            Self::DeleteWebhook(hook) => format!("the removal of webhook {}", hook.id),
            Self::PingWebhook(hook) => format!("the ping of webhook {}", hook.id),
            Self::RedeliverWebhook { delivery, .. } => format!("the redelivery of {delivery}"),
        }
    }

    /// The number that it is about, where it does not make a new one.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::AssignIssue { number, .. } | Self::RequestReviewers { number, .. } => Some(*number),
            _ => None,
        }
    }

    pub(super) fn shape(&self, name: &RepoName) -> Shape {
        let below = |rest: &[&str]| {
            let home = ["repos", name.owner(), name.name()];
            home.iter().chain(rest).map(|&segment| segment.to_owned()).collect()
        };
        let of_team = |organization: &Login, team: &TeamSlug| {
            let path = [
                "orgs",
                organization.as_str(),
                "teams",
                team.as_str(),
                "repos",
                name.owner(),
                name.name(),
            ];
            path.map(str::to_owned).to_vec()
        };
        let (method, segments, body) = match self {
            Self::CreateIssue(issue) => (Method::POST, below(&["issues"]), Some(json!(issue))),
            Self::CreatePullRequest(pull) => (Method::POST, below(&["pulls"]), Some(json!(pull))),
            Self::AssignIssue { number, assignees } => (
                Method::PATCH,
                below(&["issues", &number.to_string()]),
                Some(json!({ "assignees": assignees })),
            ),
            Self::RequestReviewers {
                number,
                reviewers,
                team_reviewers,
            } => {
                let mut body = json!({ "reviewers": reviewers });
                if !team_reviewers.is_empty() {
                    body["team_reviewers"] = json!(team_reviewers);
                }
                let path = below(&["pulls", &number.to_string(), "requested_reviewers"]);
                (Method::POST, path, Some(body))
            }
            Self::AddCollaborator { login, permission } => (
                Method::PUT,
                below(&["collaborators", login.as_str()]),
                Some(json!({ "permission": permission })),
            ),
            Self::RemoveCollaborator { login } => (Method::DELETE, below(&["collaborators", login.as_str()]), None),
            Self::AddTeam {
                organization,
                team,
                permission,
            } => {
                let body = json!({ "permission": permission });
                (Method::PUT, of_team(organization, team), Some(body))
            }
            Self::RemoveTeam { organization, team } => (Method::DELETE, of_team(organization, team), None),
            Self::CreateWebhook(_)
            | Self::UpdateWebhook { .. }
            | Self::DeleteWebhook(_)
            | Self::PingWebhook(_)
            | Self::RedeliverWebhook { .. } => return self.shape_of_hook(name),
        };
        Shape { method, segments, body }
    }

    /// Hooks are below the repository, or below its organisation.
    fn shape_of_hook(&self, name: &RepoName) -> Shape {
        let below = |organization: Option<&Login>, rest: &[&str]| {
            let home = match organization {
                Some(organization) => vec!["orgs", organization.as_str()],
                None => vec!["repos", name.owner(), name.name()],
            };
            let all = home.into_iter().chain(["hooks"]).chain(rest.iter().copied());
            all.map(str::to_owned).collect()
        };
        let of = |hook: &HookRef, rest: &[&str]| {
            let id = hook.id.to_string();
            let path: Vec<&str> = std::iter::once(id.as_str()).chain(rest.iter().copied()).collect();
            below(hook.organization.as_ref(), &path)
        };
        let (method, segments, body) = match self {
            Self::UpdateWebhook { id, hook } => (
                Method::PATCH,
                below(hook.organization.as_ref(), &[&id.to_string()]),
                Some(hook.body().into()),
            ),
            Self::DeleteWebhook(hook) => (Method::DELETE, of(hook, &[]), None),
            Self::PingWebhook(hook) => (Method::POST, of(hook, &["pings"]), None),
            Self::RedeliverWebhook { hook, delivery } => (
                Method::POST,
                of(hook, &["deliveries", &delivery.to_string(), "attempts"]),
                None,
            ),
            Self::CreateWebhook(hook) => {
                let mut body = hook.body();
                body.insert("name".to_owned(), json!("web"));
                (Method::POST, below(hook.organization.as_ref(), &[]), Some(body.into()))
            }
            // The others are no hooks and have shapes of their own.
            _ => (Method::GET, Vec::new(), None),
        };
        Shape { method, segments, body }
    }
}

impl NewHook {
    fn body(&self) -> Map<String, Value> {
        let mut config = json!({ "url": self.url, "content_type": "json", "insecure_ssl": "0" });
        if let Some(secret) = &self.secret {
            config["secret"] = secret.expose_secret().into();
        }
        let body = [("active", json!(true)), ("events", json!(self.events)), ("config", config)];
        body.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_read_again_and_holds_no_secret() {
        let hook = NewHook {
            url: "https://erp.example.com/hook".to_owned(),
            events: vec!["issues".to_owned()],
            secret: Some("very secret".into()),
            organization: None,
        };
        let login: Login = "ada".parse().expect("a login");
        let team: TeamSlug = "core".parse().expect("a slug");
        let all = [
            Write::CreateIssue(NewIssue {
                title: "A".to_owned(),
                body: None,
                assignees: vec![login.clone()],
                labels: vec!["bug".to_owned()],
                milestone: Some(2),
            }),
            Write::RequestReviewers {
                number: 7,
                reviewers: vec![login.clone()],
                team_reviewers: vec![team.clone()],
            },
            Write::AddTeam {
                organization: login,
                team,
                permission: Permission::Maintain,
            },
            Write::UpdateWebhook { id: 3, hook },
            Write::RedeliverWebhook {
                hook: HookRef {
                    organization: Some("acme".parse().expect("a login")),
                    id: 3,
                },
                delivery: 12,
            },
        ];
        let name: RepoName = "acme/web".parse().expect("a name");
        for write in all {
            let text = serde_json::to_string(&write).expect("JSON");
            assert!(!text.contains("very secret") && text.contains(write.kind()), "{text}");
            let read: Write = serde_json::from_str(&text).expect("the same");
            assert_eq!(read.shape(&name).segments, write.shape(&name).segments);
            assert!(!format!("{write:?}").contains("very secret"));
        }
    }
}
