//! Users, bots, organisations and teams.

use serde_json::Value;

use super::super::problem::FieldError;
use super::super::values::Values;
use super::connection::connection;
use super::{Context, Field, Resolved, Thing, int, json};
use crate::sim::github::view::stamp;
use crate::sim::github::world::{Account, AccountKind, Repository, Team, ids, same_account};

impl<'w> Context<'w> {
    pub(super) fn account(&self, account: &'w Account, field: &str, arguments: &Values) -> Field<'w> {
        let path = match account.kind {
            AccountKind::Bot => format!("/apps/{}", account.login),
            _ => format!("/{}", account.login),
        };
        match field {
            "id" => json(account.node_id()),
            "databaseId" => int(account.id),
            "login" => json(account.login.as_str()),
            "name" => json(account.name.clone()),
            // Of a user it is never null: empty when none is public.
            "email" if account.kind == AccountKind::User => json(account.email.clone().unwrap_or_default()),
            "email" => json(account.email.clone()),
            "company" => json(account.company.clone()),
            "description" => json(Value::Null),
            "avatarUrl" => json(account.avatar_url()),
            "resourcePath" => json(path),
            "url" => json(self.page(&path)),
            "createdAt" => json(stamp(account.created_at)),
            "updatedAt" => json(stamp(account.updated_at)),
            "isSiteAdmin" => json(false),
            "isViewer" => json(self.is_viewer(&account.login)),
            "viewerIsAMember" => json(
                account
                    .owners
                    .iter()
                    .chain(&account.members)
                    .any(|login| self.is_viewer(login)),
            ),
            "repositories" => self.owned(account, arguments),
            _ => Err(FieldError::unresolved(account.kind.as_str(), field)),
        }
    }

    fn is_viewer(&self, login: &str) -> bool {
        let token = self.view.caller.token.as_ref();
        token.is_some_and(|token| same_account(&token.login, login))
    }

    fn owned(&self, account: &Account, arguments: &Values) -> Field<'w> {
        let mut owned: Vec<&Repository> = self
            .view
            .visible()
            .filter(|one| one.owner.eq_ignore_ascii_case(&account.login))
            .collect();
        let order = arguments.get("orderBy");
        let word = |name: &str| order.and_then(|order| order[name].as_str());
        owned.sort_by(|a, b| match word("field") {
            Some("NAME") => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
            Some("PUSHED_AT") => a.pushed_at.cmp(&b.pushed_at),
            Some("STARGAZERS") => a.stars.cmp(&b.stars),
            Some("UPDATED_AT") => a.updated_at.cmp(&b.updated_at),
            Some("CREATED_AT") => a.created_at.cmp(&b.created_at),
            _ => a.id.cmp(&b.id),
        });
        if word("direction") == Some("DESC") {
            owned.reverse();
        }
        let all: Vec<_> = owned.into_iter().map(Thing::Repository).collect();
        connection("Repository", "repositories", &all, arguments)
    }

    pub(super) fn team(&self, team: &'w Team, field: &str) -> Field<'w> {
        let (organization, slug) = (&team.organization, &team.slug);
        match field {
            "id" => json(ids::node("T", team.id)),
            "databaseId" => int(team.id),
            "name" => json(team.name.as_str()),
            "slug" => json(slug.as_str()),
            "combinedSlug" => json(format!("{organization}/{slug}")),
            "description" => json(team.description.clone()),
            "organization" => Ok(Resolved::or_null(self.actor(Some(organization)))),
            "url" => json(self.page(&format!("/orgs/{organization}/teams/{slug}"))),
            _ => Err(FieldError::unresolved("Team", field)),
        }
    }
}
