//! The entry points: who asks, the limit, and how things are found.

use serde_json::Value;

use super::super::problem::FieldError;
use super::super::values::Values;
use super::{Context, Field, Resolved, Thing, is_owner, item, json};
use crate::sim::github::view::stamp;
use crate::sim::github::world::{AccountKind, Repository, ids};

impl<'w> Context<'w> {
    pub(super) fn query(&self, field: &str, arguments: &Values) -> Field<'w> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
        match field {
            "viewer" => {
                let token = self.view.caller.token.as_ref();
                Ok(Resolved::or_null(self.actor(token.map(|token| token.login.as_str()))))
            }
            "rateLimit" => Ok(Resolved::Thing(Thing::RateLimit)),
            "node" => self.node(text("id")),
            "nodes" => self.nodes(arguments),
            "repository" => self.repository_named(text("owner"), text("name"), arguments),
            "user" => self.account_named(text("login"), "User", |kind| kind == AccountKind::User),
            "organization" => self.account_named(text("login"), "Organization", |kind| kind == AccountKind::Organization),
            "repositoryOwner" => {
                let found = self.view.world.account(text("login")).filter(|account| is_owner(account));
                Ok(Resolved::or_null(found.map(Thing::Account)))
            }
            _ => Err(FieldError::unresolved("Query", field)),
        }
    }

    pub(super) fn rate_limit(&self, field: &str) -> Field<'w> {
        let cost = self.weight.points();
        match field {
            "cost" => json(cost),
            "limit" => json(self.usage.limit),
            "nodeCount" => json(self.weight.nodes),
            "remaining" => json(self.usage.remaining().saturating_sub(cost)),
            "resetAt" => json(stamp(self.usage.resets_at)),
            "used" => json(self.usage.used + cost),
            _ => Err(FieldError::unresolved("RateLimit", field)),
        }
    }

    fn nodes(&self, arguments: &Values) -> Field<'w> {
        let ids = arguments.get("ids").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if ids.len() > 100 {
            let message = format!("You may not provide more than 100 node ids; you provided {}.", ids.len());
            return Err(FieldError::of_kind("ARGUMENT_LIMIT", message));
        }
        Ok(Resolved::List(
            ids.iter().map(|id| self.node(id.as_str().unwrap_or_default())).collect(),
        ))
    }

    fn node(&self, text: &str) -> Field<'w> {
        let lost = || FieldError::not_found(format!("Could not resolve to a node with the global id of '{text}'"));
        let (prefix, id) = ids::parse_node(text).ok_or_else(lost)?;
        let world = self.view.world;
        let thing = match prefix {
            "R" => world.repositories.get(&id).map(Thing::Repository),
            "I" | "PR" => self.view.item_by_id(id).map(|(home, found)| item(home, found)),
            "U" | "BOT" | "O" | "M" => world.accounts.values().find(|account| account.id == id).map(Thing::Account),
            "T" => world.teams.iter().find(|team| team.id == id).map(Thing::Team),
            _ => self.part(prefix, id),
        };
        let thing = thing.ok_or_else(lost)?;
        match &thing {
            Thing::Issue(home, item) if !home.shows(item) => return Err(lost()),
            Thing::Repository(home)
            | Thing::Issue(home, _)
            | Thing::PullRequest(home, ..)
            | Thing::Label(home, ..)
            | Thing::Milestone(home, _)
            | Thing::Release(home, _)
            | Thing::Comment(home, _)
            | Thing::Review(home, ..) => self.may_see(home, lost)?,
            _ => {}
        }
        self.granted_thing(&thing)?;
        Ok(Resolved::Thing(thing))
    }

    fn may_see(&self, home: &Repository, lost: impl Fn() -> FieldError) -> Result<(), FieldError> {
        if self.view.permission(home).is_none() {
            return Err(lost());
        }
        if self.view.world.lacks_sso(home, self.view.caller.token.as_ref()) {
            let message = "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.";
            return Err(FieldError {
                extensions: Some(serde_json::json!({ "saml_failure": true })),
                ..FieldError::of_kind("FORBIDDEN", message.to_owned())
            });
        }
        if home.blocked.is_some() {
            return Err(FieldError::of_kind("FORBIDDEN", "Repository access blocked".to_owned()));
        }
        Ok(())
    }

    fn repository_named(&self, owner: &str, name: &str, arguments: &Values) -> Field<'w> {
        let full_name = format!("{owner}/{name}");
        let lost = || FieldError::not_found(format!("Could not resolve to a Repository with the name '{full_name}'."));
        let world = self.view.world;
        let follow = arguments.get("followRenames") != Some(&Value::Bool(false));
        let renamed = || world.find_former(&full_name).filter(|_| follow);
        let found = world.find(&full_name).or_else(renamed).ok_or_else(lost)?;
        self.may_see(found, lost)?;
        Ok(Resolved::Thing(Thing::Repository(found)))
    }

    fn account_named(&self, login: &str, kind: &str, fits: impl Fn(AccountKind) -> bool) -> Field<'w> {
        // A bot is not found under any login here, not even under its own with `[bot]`.
        let found = self
            .view
            .world
            .account(login)
            .filter(|account| fits(account.kind) && !login.ends_with("[bot]"));
        match found {
            Some(account) => Ok(Resolved::Thing(Thing::Account(account))),
            None => Err(FieldError::not_found(format!(
                "Could not resolve to a {kind} with the login of '{login}'."
            ))),
        }
    }
}
