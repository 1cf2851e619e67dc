//! Repositories.

use serde_json::Value;

use super::super::problem::FieldError;
use super::super::values::Values;
use super::connection::{Connection, connection, range};
use super::{Context, Field, Resolved, Thing, int, item, json, permission_word};
use crate::domain::Visibility;
use crate::sim::github::view::stamp;
use crate::sim::github::world::{AccountKind, Affiliation, Gone, Issue, Repository};

impl<'w> Context<'w> {
    pub(super) fn repository(&self, home: &'w Repository, field: &str, arguments: &Values) -> Field<'w> {
        self.granted_field(home, field)?;
        match field {
            "id" => json(home.node_id()),
            "databaseId" => int(home.id),
            "name" => json(home.name.as_str()),
            "nameWithOwner" => json(home.full_name()),
            "owner" => Ok(Resolved::or_null(self.actor(Some(&home.owner)))),
            "description" => json(home.description.clone()),
            "homepageUrl" => json(home.homepage.clone()),
            "resourcePath" => json(format!("/{}", home.full_name())),
            "url" => json(self.page(&format!("/{}", home.full_name()))),
            "createdAt" => json(stamp(home.created_at)),
            "updatedAt" => json(stamp(home.updated_at)),
            "pushedAt" => json(home.pushed_at.map(stamp)),
            "stargazerCount" => json(home.stars),
            "visibility" => json(home.visibility.as_str().to_uppercase()),
            "viewerPermission" => json(self.view.permission(home).map(permission_word)),
            "issue" | "pullRequest" | "issueOrPullRequest" => self.numbered(home, field, arguments),
            "issues" | "pullRequests" => self.items(home, field, arguments),
            "labels" => {
                let labels = home.labels.iter().filter_map(|label| home.label(&label.name));
                let all: Vec<_> = labels.map(|(id, label)| Thing::Label(home, id, label)).collect();
                connection("Label", field, &all, arguments)
            }
            "milestones" => {
                let mut all: Vec<_> = home.milestones.iter().collect();
                in_order(&mut all, arguments, |one, by| match by {
                    "UPDATED_AT" => one.updated_at.timestamp().to_string(),
                    "CREATED_AT" => one.created_at.timestamp().to_string(),
                    _ => format!("{:020}", one.number),
                });
                let all: Vec<_> = all.into_iter().map(|one| Thing::Milestone(home, one)).collect();
                connection("Milestone", field, &all, arguments)
            }
            "releases" => {
                let mut all: Vec<_> = home.releases.iter().collect();
                in_order(&mut all, arguments, |one, by| match by {
                    "NAME" => one.tag.clone(),
                    _ => one.created_at.timestamp().to_string(),
                });
                let all: Vec<_> = all.into_iter().map(|one| Thing::Release(home, one)).collect();
                connection("Release", field, &all, arguments)
            }
            "collaborators" => self.collaborators(home, arguments),
            "defaultBranchRef" => Ok(Resolved::or_null(
                home.branch(&home.default_branch).map(|one| Thing::Ref(home, one)),
            )),
            "object" | "ref" | "refs" => Self::git(home, field, arguments),
            _ => self.flag(home, field),
        }
    }

    fn flag(&self, home: &Repository, field: &str) -> Field<'w> {
        let owner = self.view.world.account(&home.owner);
        json(match field {
            "hasIssuesEnabled" => home.has_issues,
            "isArchived" => home.archived,
            "isDisabled" | "isLocked" => false,
            "isEmpty" => home.branches.is_empty(),
            "isFork" => home.fork,
            "isInOrganization" => owner.is_some_and(|owner| owner.kind == AccountKind::Organization),
            "isPrivate" => home.visibility != Visibility::Public,
            _ => return Err(FieldError::unresolved("Repository", field)),
        })
    }

    /// An item by its number; one that was transferred is found where it is now, if the caller may see that.
    fn numbered(&self, home: &'w Repository, field: &str, arguments: &Values) -> Field<'w> {
        let number = arguments.get("number").and_then(Value::as_u64).unwrap_or(0);
        let here = home.item(number).filter(|found| home.shows(found)).map(|found| (home, found));
        let moved = || match home.gone.get(&number) {
            Some(Gone::Transferred { repository_id, number }) => self.follow(*repository_id, *number),
            _ => None,
        };
        let found = here.or_else(moved);
        let fits = |found: &Issue| match field {
            "issue" => !found.is_pull_request(),
            "pullRequest" => found.is_pull_request(),
            _ => true,
        };
        let lost = || {
            let kind = match field {
                "issue" => "an Issue",
                "pullRequest" => "a PullRequest",
                _ => "an issue or pull request",
            };
            FieldError::not_found(format!("Could not resolve to {kind} with the number of {number}."))
        };
        let (home, found) = found.filter(|(_, found)| fits(found)).ok_or_else(lost)?;
        Ok(Resolved::Thing(item(home, found)))
    }

    /// Where an issue is now, through as many transfers as it has made.
    fn follow(&self, repository_id: u64, number: u64) -> Option<(&'w Repository, &'w Issue)> {
        let home = self.view.world.repositories.get(&repository_id)?;
        self.view.permission(home)?;
        match (home.item(number), home.gone.get(&number)) {
            (Some(found), _) => home.shows(found).then_some((home, found)),
            (None, Some(Gone::Transferred { repository_id, number })) => self.follow(*repository_id, *number),
            _ => None,
        }
    }

    fn items(&self, home: &'w Repository, field: &str, arguments: &Values) -> Field<'w> {
        let pulls = field == "pullRequests";
        let wanted = Wanted::of(arguments);
        let order = &arguments.get("orderBy");
        let word = |name: &str| order.and_then(|order| order[name].as_str()).unwrap_or_default();
        let (by, descending) = (word("field"), word("direction") == "DESC");
        let key = format!(
            "graphql {} {} {}",
            home.id,
            field,
            Value::from(arguments_without_page(arguments))
        );
        let keys = self.view.listing(key, || {
            let fits = |item: &&Issue| item.is_pull_request() == pulls && home.shows(item) && wanted.fits(item);
            let value = |item: &Issue| match by {
                "UPDATED_AT" => item.updated_at.timestamp(),
                "COMMENTS" => i64::try_from(item.comments).unwrap_or(i64::MAX),
                _ => item.created_at.timestamp(),
            };
            let mut keys: Vec<_> = home
                .items
                .values()
                .filter(fits)
                .map(|item| (value(item), item.number))
                .collect();
            keys.sort_unstable();
            if descending {
                keys.reverse();
            }
            keys
        });
        let range = range(field, keys.len(), arguments)?;
        let nodes = keys[range.clone()].iter().filter_map(|(_, number)| home.item(*number));
        let nodes = nodes.map(|found| item(home, found)).collect();
        let kind = if pulls { "PullRequest" } else { "Issue" };
        Ok(Connection::new(kind, keys.len(), range, nodes).resolved())
    }

    fn collaborators(&self, home: &'w Repository, arguments: &Values) -> Field<'w> {
        let affiliation = arguments.get("affiliation").and_then(Value::as_str).unwrap_or("ALL");
        let fits = |held: Affiliation| match affiliation {
            "OUTSIDE" => held == Affiliation::Outside,
            "DIRECT" => held != Affiliation::Organization,
            _ => true,
        };
        let people = self.view.world.people(home);
        let all: Vec<_> = people
            .iter()
            .filter(|one| fits(one.affiliation))
            .filter_map(|one| Some((self.actor(Some(&one.login))?, one.permission)))
            .collect();
        let range = range("collaborators", all.len(), arguments)?;
        let (nodes, permissions) = all[range.clone()].iter().cloned().unzip();
        let page = Connection::new("RepositoryCollaborator", all.len(), range, nodes);
        Ok(page.with_permissions(permissions).resolved())
    }
}

/// Which items a connection is asked for.
struct Wanted {
    states: Vec<String>,
    labels: Vec<String>,
    since: Option<chrono::DateTime<chrono::FixedOffset>>,
    head: Option<String>,
    base: Option<String>,
}

impl Wanted {
    fn of(arguments: &Values) -> Self {
        let nothing = Value::Null;
        let filter = arguments.get("filterBy").unwrap_or(&nothing);
        let words = |name: &str| -> Vec<String> {
            let from = |value: &Value| -> Vec<String> {
                let words = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                words.map(str::to_owned).collect()
            };
            let mut all = arguments.get(name).map(from).unwrap_or_default();
            all.extend(from(&filter[name]));
            all
        };
        let word = |name: &str| arguments.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            states: words("states"),
            labels: words("labels"),
            since: filter["since"]
                .as_str()
                .and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok()),
            head: word("headRefName"),
            base: word("baseRefName"),
        }
    }

    fn fits(&self, item: &Issue) -> bool {
        let pull = item.pull_request.as_deref();
        let is = |wanted: &Option<String>, held: Option<&String>| wanted.is_none() || wanted.as_ref() == held;
        let state = super::items::state_word(item);
        (self.states.is_empty() || self.states.iter().any(|one| one == state))
            && (self.labels.is_empty() || self.labels.iter().any(|label| item.labels.contains(label)))
            && self.since.is_none_or(|since| item.updated_at >= since)
            && is(&self.head, pull.map(|pull| &pull.head_branch))
            && is(&self.base, pull.map(|pull| &pull.base_branch))
    }
}

/// Sorts by what `orderBy` names, if it is written; what is equal stays in its order.
fn in_order<T>(all: &mut [&T], arguments: &Values, key: impl Fn(&T, &str) -> String) {
    let Some(order) = arguments.get("orderBy").filter(|order| order.is_object()) else {
        return;
    };
    let by = order["field"].as_str().unwrap_or_default();
    all.sort_by_cached_key(|one| key(one, by));
    if order["direction"] == "DESC" {
        all.reverse();
    }
}

fn arguments_without_page(arguments: &Values) -> Values {
    let mut rest = arguments.clone();
    rest.retain(|name, _| !["first", "last", "after", "before"].contains(&name.as_str()));
    rest
}
